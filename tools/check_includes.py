#!/usr/bin/python3
"""Checks that includes point one way: base <- protocol, storage <- broker <- server; and that a library is
included only in the rooms that may know it. Prints every wrong include as file:line and exits 1.

    tools/check_includes.py [ROOT]
"""
import os
import re
import sys

# What each room may include of the others. `tests` may include everything.
ROOMS = {
    "base": {"base"},
    "protocol": {"base", "protocol"},
    "storage": {"base", "storage"},
    "broker": {"base", "storage", "broker"},
    "server": {"base", "protocol", "storage", "broker", "server"},
    "tools": {"base", "protocol", "storage", "tools"},
    "tests": {"base", "protocol", "storage", "broker", "server", "tools", "tests"},
}

# Folders of a room whose includes are their own.
FOLDERS = {
    "tools/terminal": {"base", "tools/terminal"},
    "tools/bench": {"base", "protocol", "tools/terminal", "tools/bench"},
    "tools/log": {"base", "storage", "broker", "tools/terminal", "tools/log"},
    "tools/dlq": {"base", "tools/terminal", "tools/dlq"},
}

# Libraries by the beginning of their headers, and who may include them: a room, or one file.
SOCKET_ROOMS = {"server", "tools", "tests"}
LIBRARIES = [
    ("boost/asio", SOCKET_ROOMS),
    ("boost/beast", SOCKET_ROOMS),
    ("boost/redis", {"tests"}),
    ("boost/", set(ROOMS)),
    ("spdlog/", {"server", "tests"}),
    ("fmt/", {"server", "tools", "tests"}),
    ("CLI/", {"server/options.cc", "tools", "tests"}),
    ("hiredis/", {"tools", "tests"}),
    ("catch2/", {"tests/support/catch.h", "tests/support/catch_main.cc"}),
    ("isa-l/", {"storage/crc32c.cc"}),
    ("openssl/", {"server", "tools", "tests"}),
    ("sys/socket.h", SOCKET_ROOMS),
    ("sys/epoll.h", SOCKET_ROOMS),
    ("sys/un.h", SOCKET_ROOMS),
    ("netinet/", SOCKET_ROOMS),
    ("arpa/", SOCKET_ROOMS),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources(root):
    """The C++ files of all rooms, relative to root."""
    for room in ROOMS:
        for directory, _, names in os.walk(os.path.join(root, room)):
            for name in sorted(names):
                if name.endswith((".h", ".cc")):
                    yield os.path.relpath(os.path.join(directory, name), root)


def complaint(root, path, delimiter, header):
    """What is wrong with this include of this file, or None."""
    room = path.split("/")[0]
    if delimiter == '"':
        if not os.path.isfile(os.path.join(root, header)):
            return f'"{header}" is no file of this repository (paths start at its root)'
        target = header.split("/")[0]
        folder = "/".join(path.split("/")[:2])
        place, allowed = (folder, FOLDERS[folder]) if folder in FOLDERS else (room, ROOMS[room])
        if not any(header.startswith(each + "/") for each in allowed):
            return f"{place}/ may not include {target}/ (only {', '.join(sorted(allowed))})"
        return None
    if header.split("/")[0] in ROOMS and os.path.isfile(os.path.join(root, header)):
        return f'<{header}> is ours: write "{header}"'
    for prefix, allowed in LIBRARIES:
        if header.startswith(prefix):
            if room in allowed or path in allowed:
                return None
            return f"<{header}> may be included only in {', '.join(sorted(allowed))}"
    return None


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    files = wrong = 0
    for path in sources(root):
        files += 1
        with open(os.path.join(root, path), encoding="utf-8") as source:
            for number, line in enumerate(source, start=1):
                match = INCLUDE.match(line)
                problem = match and complaint(root, path, match.group(1), match.group(2))
                if problem:
                    wrong += 1
                    print(f"{path}:{number}: {problem}")
    if files == 0:
        print(f"check_includes.py: no C++ file below {root}")
    print(f"check_includes.py: {files} files, {wrong} wrong includes")
    return 1 if wrong or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
