"""Starting and stopping the two servers that are compared: Redis, the reference, and ours."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0

CONFIGURATIONS: dict[str, list[str]] = {
    "default": [],
    "requirepass": ["--requirepass", "secret"],
    "limits": [
        "--maxclients", "4",
        "--proto-max-bulk-len", "1mb",
        "--client-query-buffer-limit", "1mb",
        "--client-output-buffer-limit", "pubsub", "65536", "0", "0",
        "--databases", "3",
    ],
    "unix": ["--unixsocket", "server.sock"],
}  # fmt: skip


def reference_program() -> str:
    return shutil.which(os.environ.get("REFERENCE", "redis-server")) or os.environ.get("REFERENCE", "redis-server")


def our_program() -> str:
    program = os.environ.get("RESPUBLICA", str(ROOT / "build/release/respublica"))
    return shutil.which(program) or program


def compares_reference_with_itself() -> bool:
    return Path(our_program()).resolve() == Path(reference_program()).resolve()


class Server:
    """One server process in a directory of its own, reachable at `address` once the constructor returns."""

    def __init__(self, program: str, configuration: str) -> None:
        self.program, self.configuration = program, configuration
        self.directory = tempfile.mkdtemp(prefix="respublica-compat-")
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        for attempt in range(3):
            try:
                self._start()
                return
            except ChildProcessError:  # someone else took the port between our choice and its bind
                if attempt == 2:
                    self.stop()
                    raise

    def _start(self) -> None:
        arguments = [self.program, "--save", "", "--appendonly", "no", "--dir", self.directory]
        if self.configuration == "unix":
            self.address: str | tuple[str, int] = os.path.join(self.directory, "server.sock")
            arguments += ["--port", "0"]
        else:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            self.address = ("127.0.0.1", self.port)
            arguments += ["--port", str(self.port)]
        arguments += CONFIGURATIONS[self.configuration]
        if self.configuration == "unix":
            arguments[arguments.index("server.sock")] = str(self.address)
        self.log_path = os.path.join(self.directory, "log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.directory)
        self._wait_until_it_accepts()

    def _wait_until_it_accepts(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect(1.0).close()
                return
            except OSError:
                assert self.process is not None
                if self.process.poll() is not None:
                    raise ChildProcessError(f"{self.program} ended at start:\n{self.log()}") from None
                if time.monotonic() > deadline:
                    self.stop()
                    raise TimeoutError(f"{self.program} accepts no connection on {self.address}:\n{self.log()}") from None
                time.sleep(0.005)  # the pause between two attempts to connect

    def connect(self, timeout: float, source: str = "") -> socket.socket:
        """A client socket; source is the local address that it comes from, if that matters."""
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        connection = socket.socket(family)
        try:
            connection.settimeout(timeout)
            if source:
                connection.bind((source, 0))
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        if family == socket.AF_INET:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def log(self) -> str:
        return Path(self.log_path).read_text(errors="replace")

    def exit_code(self) -> int | None:
        """None while it runs."""
        assert self.process is not None
        return self.process.poll()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class ServerPair:
    """The reference and ours with the same configuration; a server that died is started again for the next script."""

    def __init__(self, configuration: str) -> None:
        self.configuration = configuration
        self.reference = Server(reference_program(), configuration)
        try:
            self.ours = Server(our_program(), configuration)
        except BaseException:
            self.reference.stop()
            raise

    def revive(self) -> None:
        if self.ours.exit_code() is not None:
            self.ours.stop()
            self.ours = Server(our_program(), self.configuration)
        if self.reference.exit_code() is not None:
            self.reference.stop()
            self.reference = Server(reference_program(), self.configuration)

    def stop(self) -> None:
        self.reference.stop()
        self.ours.stop()
