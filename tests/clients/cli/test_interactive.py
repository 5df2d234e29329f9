"""redis-cli as a person uses it: in a terminal."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest

from conftest import DEADLINE, eventually

ESCAPE_SEQUENCES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A redis-cli in a pseudo-terminal: type into it, and wait for what it shows."""

    def __init__(self, port, *arguments):
        self._shown = ""
        self._screen, inside = pty.openpty()
        # Without a size redis-cli asks the terminal for its cursor's position, and waits for the answer.
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._process = subprocess.Popen(
            ["redis-cli", "-p", port, *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**os.environ, "TERM": "xterm", "REDISCLI_HISTFILE": "/dev/null"},
            start_new_session=True,
            preexec_fn=self._make_controlling_terminal,
        )
        os.close(inside)

    @staticmethod
    def _make_controlling_terminal():
        os.close(os.open(os.ttyname(0), os.O_RDWR))

    def type(self, text):
        os.write(self._screen, text.encode())

    def expect(self, text):
        """Waits until the text is shown, and forgets everything up to its end."""
        end = time.monotonic() + DEADLINE
        while text not in self._shown:
            if not select.select([self._screen], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{text!r} was not shown, but: {self._shown[-500:]!r}")
            try:
                self._shown += os.read(self._screen, 65536).decode(errors="replace")
            except OSError as closed:
                raise AssertionError(f"redis-cli ended before {text!r}: {self._shown[-500:]!r}") from closed
            self._shown = ESCAPE_SEQUENCES.sub("", self._shown)
        self._shown = self._shown.split(text, 1)[1]

    def ended(self):
        return self._process.poll() is not None

    def close(self):
        os.close(self._screen)
        self._process.kill()
        self._process.wait()


@pytest.fixture
def terminal(port):
    opened = []

    def open_terminal(*arguments):
        opened.append(Terminal(port, *arguments))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


PROTOCOLS = pytest.mark.parametrize("protocol", [[], ["-3"]], ids=["RESP2", "RESP3"])


@PROTOCOLS
def test_prompt_appears_and_commands_are_answered(terminal, port, protocol):
    screen = terminal(*protocol)
    prompt = f"127.0.0.1:{port}"
    conversation = [
        ("> ", "PING", "PONG\r\n"),
        ("> ", "SELECT 2", "OK\r\n"),
        ("[2]> ", "MULTI", "OK\r\n"),
        ("[2](TX)> ", "PUBLISH cli.terminal x", "QUEUED\r\n"),
        ("[2](TX)> ", "EXEC", "1) (integer) 0\r\n"),
        ("[2]> ", "GET", "(error) ERR"),
    ]
    for state, line, answer in conversation:
        # What is typed before the prompt is there is thrown away by redis-cli (TCSAFLUSH).
        screen.expect(prompt + state)
        screen.type(f"{line}\r")
        screen.expect(answer)
    screen.expect(prompt + "[2]> ")
    screen.type("quit\r")
    eventually(screen.ended, "redis-cli ends")


@PROTOCOLS
def test_help_of_commands_is_known(terminal, port, protocol):
    screen = terminal(*protocol)
    screen.expect(f"127.0.0.1:{port}> ")
    screen.type("help PUBLISH\r")
    screen.expect("PUBLISH channel message\r")
    screen.expect("summary: ")


@PROTOCOLS
@pytest.mark.parametrize("kind", ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"])
def test_subscriber_sees_messages_until_control_c(terminal, cli, port, protocol, kind):
    name = f"cli.interactive.{kind}{''.join(protocol)}"
    publish = "SPUBLISH" if kind == "SSUBSCRIBE" else "PUBLISH"
    screen = terminal(*protocol)
    screen.expect(f"127.0.0.1:{port}> ")
    screen.type(f"{kind} {name}\r")
    screen.expect(f'1) "{kind.lower()}"\r\n2) "{name}"\r\n3) (integer) 1\r\n')
    for payload in ("first", "second"):
        assert cli(publish, name, payload) == "1\n"
        screen.expect(f'"{payload}"\r\n')

    # The redis-cli of 7.0 ends at Control-C, later ones go back to the prompt; the subscription is gone in both.
    screen.type("\x03")
    eventually(lambda: cli(publish, name, "late") == "0\n", "nobody listens any more")
