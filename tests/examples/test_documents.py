"""The commands in the documents work as typed: each line behind "$ " is run, and prints what stands below it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from processes import DEADLINE, ROOT, Broker, eventually

RULE = re.compile(r"^    tools/serve\.sh (.+)$", re.MULTILINE)
COMMAND = re.compile(r"^    \$ (.+)\n((?:    (?!\$ ).*\n|\n(?=    (?!\$ )\S))*)", re.MULTILINE)


def commands_of(text):
    """The commands and what they print, without the margin; "..." there stands for anything."""
    return [(command, re.sub("^    ", "", output, flags=re.MULTILINE)) for command, output in COMMAND.findall(text)]


def matches(expected, printed):
    """Blanks at the ends of lines are not looked at."""
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    pattern = re.escape("\n".join(line.rstrip() for line in expected.rstrip().splitlines())).replace(r"\.\.\.", ".+")
    return re.fullmatch(pattern, "\n".join(lines)) is not None


class Terminal:
    """Runs commands as somebody does who has typed those before: `export`, and `&`, have the effect that they have."""

    def __init__(self, environment):
        self.environment = environment
        self.background = []

    def run(self, command):
        if command.startswith("export "):
            self.environment.update(part.split("=", 1) for part in shlex.split(command)[1:])
            return ""
        if command.endswith("&"):
            self.background.append(subprocess.Popen(shlex.split(command)[:-1], cwd=ROOT, env=self.environment))
            return ""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        return done.stdout

    def end(self):
        """Whether all that runs in the background ends in order."""
        for process in self.background:
            process.terminate()
        return [process.wait(DEADLINE) for process in self.background] == [0] * len(self.background)


@pytest.fixture
def programs(tmp_path):
    """A directory for $PATH, where redis-cli writes as it does to a terminal, and to the broker of the test."""

    def make(port):
        script = tmp_path / "redis-cli"
        script.write_text(f'#!/bin/sh\nexec {shutil.which("redis-cli")} -p {port} --no-raw "$@"\n')
        script.chmod(0o755)
        return [str(tmp_path), str(Path(sys.executable).parent)]

    return make


def run_document(path, programs, **environment):
    text = (ROOT / path).read_text()
    commands = commands_of(text)
    assert len(commands) > 5
    broker = Broker(*shlex.split(RULE.search(text)[1]))
    broker.start()
    search_path = ":".join([*programs(broker.port), os.environ["PATH"]])
    terminal = Terminal({**os.environ, "PATH": search_path, "REDIS_URL": broker.url, **environment})
    try:
        for command, expected in commands:
            printed = terminal.run(command)
            if command.startswith("psql"):  # a projector is a little behind
                eventually(lambda: matches(expected, terminal.run(command)), f"{command}:\n{printed}")
            else:
                assert matches(expected, printed), f"$ {command}\n{printed}"
    finally:
        ended_in_order = terminal.end()
        broker.remove()
    assert ended_in_order


def test_the_commands_of_the_event_sourcing_page_answer_what_it_says(programs):
    run_document("docs/event-sourcing.md", programs)


def test_the_commands_of_the_examples_page_answer_what_it_says(programs, database):
    with database.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS bank")
    run_document("examples/README.md", programs, **database.environment)


def test_commands_are_read_with_what_they_print_and_anything_else_is_noticed():
    text = "Words\n\n    $ a b\n    one\n      two\n    $ c\n\nMore\n\n    not a command\n\n    $ d\n    x...y\n"
    assert commands_of(text) == [("a b", "one\n  two\n"), ("c", ""), ("d", "x...y\n")]
    assert matches("x...y\n", "x123y") and matches("one\n  two\n", "one \n  two\n")
    assert not matches("", "oops") and not matches("one", "two") and not matches("x...y", "xy")
