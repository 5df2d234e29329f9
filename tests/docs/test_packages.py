"""tools/packages.txt is the only list of packages, and install.sh can read all of it."""

import re

from broker_process import ROOT

GROUPS = {"build", "runtime", "test", "clients", "check"}


def rows():
    lines = (ROOT / "tools/packages.txt").read_text().splitlines()
    return [line.split(maxsplit=4) for line in lines if line.strip() and not line.startswith("#")]


def test_every_package_has_a_group_two_names_a_command_and_a_purpose():
    assert rows()
    for row in rows():
        assert len(row) == 5, row
        assert row[0] in GROUPS, row


def test_every_group_has_packages():
    assert {row[0] for row in rows()} == GROUPS


def test_no_other_file_installs_packages():
    others = []
    for pattern in ("tools/*", "docker/*", ".ci/run", "tests/**/*.sh", "README.md", "CONTRIBUTING.md"):
        for path in ROOT.glob(pattern):
            if path.is_file() and path.name != "install.sh" and "node_modules" not in path.parts:
                if re.search(r"apt(-get)? (-\S+ )*install", path.read_text(errors="replace")):
                    others.append(str(path.relative_to(ROOT)))
    assert others == [], "packages belong into tools/packages.txt"
