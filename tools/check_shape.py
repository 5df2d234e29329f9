#!/usr/bin/python3
"""Checks the shape of the source: a file holds one concept, so it has at most 400 lines and a name that says
which concept. Prints every offender and exits 1.

    tools/check_shape.py [ROOT]
"""
import os
import re
import sys

ROOMS = ("base", "protocol", "storage", "broker", "server", "tools", "tests", "examples")
MAX_LINES = 400
NO_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|common|manager|misc)($|_|\.)")
# "Service manager" is what systemd calls itself.
NAMES_ALL_THE_SAME = {"service_manager.h", "service_manager.cc"}
SUFFIXES = (".h", ".cc", ".py", ".sh")


def problems_of(root, path):
    """What is wrong with one file."""
    name = os.path.basename(path)
    if NO_NAMES.search(name) and name not in NAMES_ALL_THE_SAME:
        yield "the name does not say which concept lives here"
    if name.endswith((".h", ".cc")) and not re.fullmatch(r"[a-z0-9_]+\.(h|cc)", name):
        yield "file names are lower_case"
    with open(os.path.join(root, path), encoding="utf-8") as file:
        lines = file.read().splitlines()
    if len(lines) > MAX_LINES:
        yield f"{len(lines)} lines, at most {MAX_LINES}: a second concept has moved in"
    if name.endswith(".h") and (not lines or lines[0] != "#pragma once"):
        yield "a header begins with #pragma once"
    for number, line in enumerate(lines, start=1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line) and name != "check_shape.py":
            yield f"line {number}: do it or open an issue"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    wrong = files = 0
    for room in ROOMS:
        for directory, directories, names in os.walk(os.path.join(root, room)):
            directories[:] = [name for name in directories if name not in ("node_modules", "target", "__pycache__")]
            for name in sorted(names):
                if not name.endswith(SUFFIXES):
                    continue
                files += 1
                path = os.path.relpath(os.path.join(directory, name), root)
                for problem in problems_of(root, path):
                    wrong += 1
                    print(f"{path}: {problem}")
    print(f"check_shape.py: {files} files, {wrong} problems")
    return 1 if wrong or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
