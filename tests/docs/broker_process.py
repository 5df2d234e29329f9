"""Starts the daemon on a unix socket in a directory of its own and sends it commands."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/compat"))

from resp_reader import encode_command, read_value  # noqa: E402

PRESETS = ("release", "asan-ubsan", "dev", "tsan")


def program():
    """The daemon: $RESPUBLICA, or the first preset that is built."""
    built = [ROOT / "build" / preset / "respublica" for preset in PRESETS]
    candidates = [os.environ["RESPUBLICA"]] if "RESPUBLICA" in os.environ else [str(path) for path in built if path.is_file()]
    assert candidates, "no daemon to compare the documents with: build one (tools/build.sh release) or set RESPUBLICA"
    return candidates[0]


class Broker:
    """One daemon, from `with` to its end."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="respublica-docs-")
        path = os.path.join(self.directory.name, "socket")
        self.process = subprocess.Popen(
            [program(), *self.arguments, "--port", "0", "--unixsocket", path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.directory.name,
        )
        log = []
        for line in self.process.stdout:
            log.append(line.decode(errors="replace"))
            if "eady to accept connections" in log[-1]:
                break
        else:
            raise AssertionError("the daemon ended before it was ready:\n" + "".join(log))
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self.buffer = b""
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.stdout.read()
        self.process.wait(20)
        self.directory.cleanup()

    def call(self, *words):
        """Sends one command and returns the reply as Python values: text, int, list."""
        self.socket.sendall(encode_command([word.encode() for word in words]))
        while (read := read_value(self.buffer)) is None:
            received = self.socket.recv(65536)
            assert received, f"the daemon closed the connection after {words}"
            self.buffer += received
        value, end = read
        self.buffer = self.buffer[end:]
        return self._python(value)

    def _python(self, value):
        assert value.kind != "-", value.header.decode()
        if value.kind in "*~>%":
            return [self._python(child) for child in value.children]
        if value.kind == ":":
            return int(value.header[1:])
        text = value.text()
        return None if text is None else text.decode()
