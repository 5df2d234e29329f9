"""Plays one script against one server and writes down every byte that came back, step by step."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field

from corpus_format import Script, Step, request_bytes
from normalisers import Known, normalise, normalise_step
from resp_reader import Malformed, Value, encode_command, escaped, read_value, unescaped
from server_pair import Server

PATIENCE_SECONDS = 10.0
SHORT_PATIENCE_SECONDS = 0.4
TIMEOUTS_BEFORE_SHORT_PATIENCE = 4
ENDS_WITH_CLOSE = ("expect-close", "drain")


class Gone(Exception):
    """The server closed the connection."""


@dataclass
class Patience:
    """How long a reply may take. After several late ones only a moment: a server that is broken must not hold up the run."""

    timeouts: int = 0

    def seconds(self) -> float:
        return PATIENCE_SECONDS if self.timeouts < TIMEOUTS_BEFORE_SHORT_PATIENCE else SHORT_PATIENCE_SECONDS


class Connection:
    """A client socket that yields RESP values, and remembers what came too much."""

    def __init__(self, server: Server, patience: Patience, source: str = "") -> None:
        self.socket = server.connect(patience.seconds(), source)
        self.patience = patience
        self.buffer = bytearray()
        self.client_id: bytes | None = None

    def send(self, data: bytes) -> None:
        try:
            self.socket.settimeout(self.patience.seconds())
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what the server said before it closed is still to be read

    def receive(self, deadline: float) -> None:
        self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self.socket.recv(1 << 20)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        if not data:
            raise Gone
        self.buffer += data

    def read(self) -> Value:
        deadline = time.monotonic() + self.patience.seconds()
        while True:
            read = read_value(self.buffer)
            if read is not None:
                del self.buffer[: read[1]]
                return read[0]
            self.receive(deadline)

    def read_until_closed(self) -> list[Value]:
        values: list[Value] = []
        try:
            while True:
                values.append(self.read())
        except Gone:
            return values

    def close(self) -> None:
        self.socket.close()


@dataclass
class Outcome:
    """What one step brought: normalised bytes, then how it ended if not in the ordinary way."""

    label: str
    data: bytes = b""
    ending: str = ""

    def shown(self) -> str:
        return escaped(self.data) + self.ending


@dataclass
class Run:
    """One script on one server."""

    script: Script
    protocol: str
    server: Server
    patience: Patience
    connections: dict[str, Connection] = field(default_factory=dict)
    gone: dict[str, Connection] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    fences: int = 0

    def play(self) -> list[Outcome]:
        try:
            for step in self.script.steps:
                outcome = Outcome(step.label)
                self.outcomes.append(outcome)
                if not self._finish(step, outcome):
                    return self.outcomes
            self._read_what_is_left()
        finally:
            for connection in self.connections.values():
                connection.close()
        return self.outcomes

    def _finish(self, step: Step, outcome: Outcome) -> bool:
        """Plays the step; false when the rest of the script makes no sense any more."""
        values: list[Value] = []
        try:
            self._play(step, values)
        except Gone:
            outcome.ending = "<closed>" if step.closes or step.verb in ENDS_WITH_CLOSE else "<closed unasked>"
        except TimeoutError:
            self.patience.timeouts += 1
            outcome.ending = "<timeout>"
        except Malformed as problem:
            outcome.ending = f"<malformed: {problem}>"
        except OSError as problem:
            outcome.ending = f"<{type(problem).__name__}>"
        known = self._known()
        outcome.data = normalise_step(values, step.normalisers, known)
        if self.server.exit_code() is not None:
            outcome.ending = f"<server died with {self.server.exit_code()}>"
        ended = outcome.ending == "<closed>"
        if ended:
            self._forget(step.connection)
        return ended or not outcome.ending

    def _open(self, name: str, handshake: bool, source: str = "") -> Connection:
        connection = Connection(self.server, self.patience, source)
        self.connections[name] = connection
        if handshake and self.protocol == "resp3":
            connection.send(encode_command([b"HELLO", b"3"]))
            reply = connection.read()
            for key, value in zip(reply.children[::2], reply.children[1::2]):
                if key.text() == b"id":
                    connection.client_id = value.header[1:-2]
        if connection.client_id is None and self._needs_ids():
            connection.send(encode_command([b"CLIENT", b"ID"]))
            connection.client_id = connection.read().header[1:-2]
        return connection

    def _forget(self, name: str) -> None:
        self.gone[name] = self.connections.pop(name)
        self.gone[name].close()

    def _needs_ids(self) -> bool:
        used = ("%id", "%client-", "${")
        return self.script.handshake and any(mark in step.label for step in self.script.steps for mark in used)

    def _connection(self, name: str) -> Connection:
        return self.connections.get(name) or self._open(name, self.script.handshake)

    def _play(self, step: Step, values: list[Value]) -> None:
        if step.verb == "open":
            source = step.payload.removeprefix("from-") if step.payload.startswith("from-") else ""
            self._open(step.connection, self.script.handshake and step.payload != "raw", source)
            return
        connection = self._connection(step.connection)
        if step.verb == "await":
            for _ in range(step.count or 0):
                values.append(connection.read())
        elif step.verb in ENDS_WITH_CLOSE:
            if step.verb == "drain":
                connection.socket.shutdown(socket.SHUT_WR)
            self._read_to_the_end(connection, values)
        elif step.verb == "shutdown":
            connection.socket.shutdown(socket.SHUT_WR)
        elif step.verb == "close":
            self._forget(step.connection)
        elif step.until is not None:
            self._repeat_until(step, connection, values)
        else:
            self._request(step, connection, values)

    def _read_to_the_end(self, connection: Connection, values: list[Value]) -> None:
        while True:
            values.append(connection.read())

    def _request(self, step: Step, connection: Connection, values: list[Value]) -> None:
        connection.send(request_bytes(step, self._with_variables(step.payload)))
        if step.closes:
            self._read_to_the_end(connection, values)
        elif step.fenced:
            self.fences += 1
            token = b"fence-%d" % self.fences
            connection.send(encode_command([b"PING", token]))
            while True:
                value = connection.read()
                if value.text() == token or [child.text() for child in value.children] == [b"pong", token]:
                    return
                values.append(value)
        else:
            for _ in range(step.count or 0):
                values.append(connection.read())

    def _repeat_until(self, step: Step, connection: Connection, values: list[Value]) -> None:
        """Sends the command again until the reply is the one waited for; the last reply counts."""
        assert step.until is not None
        wanted, deadline = unescaped(step.until), time.monotonic() + self.patience.seconds()
        while True:
            connection.send(request_bytes(step, self._with_variables(step.payload)))
            value = connection.read()
            if normalise(value, step.normalisers, self._known()) == wanted or time.monotonic() > deadline:
                values.append(value)
                return

    def _with_variables(self, payload: str) -> str:
        def put(match: re.Match[str]) -> str:
            name, _, what = match[1].partition(".")
            if name == "server":
                return str(self.server.port) if what == "port" else self._server_address()
            connection = self.gone.get(name) or self._connection(name)
            return (connection.client_id or b"?").decode() if what == "id" else self._address(connection)

        return re.sub(r"\$\{([\w.]+)\}", put, payload)

    def _server_address(self) -> str:
        return f"{self.server.address}:0" if isinstance(self.server.address, str) else f"127.0.0.1:{self.server.port}"

    def _address(self, connection: Connection) -> str:
        if isinstance(self.server.address, str):
            return self._server_address()
        host, port = connection.socket.getsockname()
        return f"{host}:{port}"

    def _known(self) -> Known:
        known = Known({}, {self._server_address().encode(): b"<server.addr>"})
        if isinstance(self.server.address, str):
            known.addresses[self.server.address.encode()] = b"<server.path>"
        for name, connection in self.connections.items():
            if connection.client_id is not None:
                known.ids[connection.client_id] = f"<{name}>".encode()
            if connection.socket.fileno() >= 0 and not isinstance(self.server.address, str):
                known.addresses[self._address(connection).encode()] = f"<{name}.addr>".encode()
        return known

    def _read_what_is_left(self) -> None:
        """Ends the sending side of each connection in turn: all that still arrives was one reply too many."""
        for name, connection in list(self.connections.items()):
            outcome = Outcome(f"{name} at the end")
            try:
                connection.socket.shutdown(socket.SHUT_WR)
                for value in connection.read_until_closed():
                    outcome.data += value.encode()
                outcome.data += bytes(connection.buffer)
            except TimeoutError:
                self.patience.timeouts += 1
                outcome.ending = "<not closed after the client's end of stream>"
            except Malformed as problem:
                outcome.ending = f"<malformed: {problem}>"
            except OSError:
                pass  # the server had closed it already
            self.outcomes.append(outcome)


def play(script: Script, protocol: str, server: Server, patience: Patience) -> list[Outcome]:
    return Run(script, protocol, server, patience).play()
