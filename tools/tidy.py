#!/usr/bin/python3
"""Runs clang-tidy over the files of a compilation database. Nearly all of its time goes into the headers, so that the
files of a target are read as one that includes them all; those that do not go together (both have a kSize of their own)
are read apart. Prints what clang-tidy complains of and exits 1.

    tools/tidy.py CLANG_TIDY BUILD_DIRECTORY          (its precompiled headers must have been built)
"""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
ROOMS = ("base", "protocol", "storage", "broker", "server", "tools", "tests")
# To clang-tidy an included file is a header.
OURS = "^" + re.escape(ROOT) + "/(" + "|".join(ROOMS) + r")/.*\.(h|cc)$"
ERROR = re.compile(r"^(/[^:]+):\d+:\d+: (?:fatal )?error: ", re.MULTILINE)


class Unit:
    """Files that are read as one, by the flags of their target."""

    def __init__(self, directory, flags, files, path):
        self.directory = directory
        self.flags = flags
        self.files = files
        self.path = path

    def write(self):
        with open(self.path, "w", encoding="utf-8") as unit:
            unit.writelines(f'#include "{file}"\n' for file in self.files)

    def errors(self):
        """The compiler's, as text."""
        self.write()
        command = [*self.flags, "-fsyntax-only", "-ferror-limit=0", self.path]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else ""

    def entry(self):
        return {"directory": self.directory, "arguments": [*self.flags, "-c", self.path], "file": self.path}


def flags_of(entry):
    """The compiler and its flags, without input and output. Its warnings are of the builds: some, as that of shadowing,
    see more than there is when files are read as one."""
    arguments = shlex.split(entry["command"])
    for option in ("-o", "-c"):
        at = arguments.index(option)
        del arguments[at:at + 2]
    return (*arguments, "-w")


def targets_of(build):
    """Files by target: its directory, its flags and its name."""
    targets = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as database:
        for entry in json.load(database):
            if not re.match(OURS, entry["file"]):
                continue
            name = re.search(r" -o (\S+)\.dir/", entry["command"]).group(1).replace("CMakeFiles/", "").replace("/", "-")
            targets.setdefault((entry["directory"], flags_of(entry), name), []).append(entry["file"])
    return targets


def units_of(number, target, files, directory):
    """Puts the files together as far as they go: what does not compile behind the others is put aside for the next."""
    base, flags, name = target
    units = []
    while files:
        aside = []
        unit = Unit(base, flags, files, os.path.join(directory, f"{name}-{number}-{len(units)}.cc"))
        while len(unit.files) > 1 and (errors := unit.errors()):
            wrong = set(ERROR.findall(errors)) & set(unit.files[1:]) or set(unit.files[1:])
            aside += [file for file in unit.files if file in wrong]
            unit.files = [file for file in unit.files if file not in wrong]
        unit.write()
        units.append(unit)
        files = aside
    return units


def complaints_of(clang_tidy, directory, unit):
    command = [clang_tidy, "-p", directory, "--quiet", f"--header-filter={OURS}", unit.path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout or (f"{clang_tidy} fails on {unit.path}: {done.stderr}" if done.returncode else "")


def main():
    clang_tidy, build = sys.argv[1:]
    directory = os.path.join(os.path.realpath(build), "tidy")
    os.makedirs(directory, exist_ok=True)
    targets = sorted(targets_of(build).items(), key=lambda target: -len(target[1]))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # Files of one target may have flags of their own.
        numbered = [(number, *target) for number, target in enumerate(targets)]
        units = sum(pool.map(lambda target: units_of(*target, directory), numbered), [])
        with open(os.path.join(directory, "compile_commands.json"), "w", encoding="utf-8") as database:
            json.dump([unit.entry() for unit in units], database, indent=1)
        units.sort(key=lambda unit: -len(unit.files))
        complaints = list(filter(None, pool.map(lambda unit: complaints_of(clang_tidy, directory, unit), units)))
    print("".join(complaints), end="")
    files = sum(len(unit.files) for unit in units)
    print(f"tidy: {files} files, read as {len(units)}, {len(complaints) or 'no'} complaints")
    return 1 if complaints or not files else 0


if __name__ == "__main__":
    sys.exit(main())
