"""docs/protocol.md has one row for each command of the program, and no other."""

import re
from collections import Counter

import pytest

from broker_process import ROOT

TABLE = re.compile(r"^\| command \|.*\n(?:\|.*\n)*", re.MULTILINE)
ROW = re.compile(r"^\| `([A-Z][^`]*)` \|", re.MULTILINE)


def documented(text, containers):
    """The rows of the tables of commands, as COMMAND LIST names them: "publish", "client|setname"."""
    names = []
    for syntax in ROW.findall("".join(TABLE.findall(text))):
        words = syntax.lower().split()
        is_subcommand = words[0] in containers and len(words) > 1
        names.append(f"{words[0]}|{words[1]}" if is_subcommand else words[0])
    return names


@pytest.fixture(scope="module")
def commands(broker):
    """What the program can: all commands and subcommands, without the names that are nothing but a container."""
    names = broker.call("COMMAND", "LIST")
    containers = {name.split("|")[0] for name in names if "|" in name}
    rows = broker.call("COMMAND", "INFO", *sorted(containers))
    alone = {row[0] for row in rows if abs(row[1]) == 1}  # COMMAND itself works without a subcommand
    return {name for name in names if name not in containers or name in alone}, containers


def test_every_command_has_one_row_and_every_row_is_a_command(commands):
    names, containers = commands
    rows = Counter(documented((ROOT / "docs/protocol.md").read_text(), containers))
    assert names - set(rows) == set(), "commands without a row in docs/protocol.md"
    assert set(rows) - names == set(), "rows in docs/protocol.md without a command"
    assert [name for name, count in rows.items() if count > 1] == [], "commands with several rows"


def test_rows_are_read_as_commands_and_subcommands():
    table = "| command | reply |\n|---|---|\n| `PUBLISH channel message` | int |\n| `CLIENT SETNAME name` | OK |\n| `COMMAND` | array |\n"
    other = "\n| sentence | when |\n|---|---|\n| `ERR syntax error` | |\n"
    assert documented(table + other, {"client", "command"}) == ["publish", "client|setname", "command"]
