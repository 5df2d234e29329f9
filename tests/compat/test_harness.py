"""The harness itself: whatever a server gets wrong, by as little as one byte, is seen."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Callable, Iterator

import pytest

from accepted_differences import Accepted, load_accepted
from comparison import differences
from corpus_format import BadScript, Script, commands, parse_corpus
from normalisers import Known, normalise
from resp_reader import Malformed, Value, escaped, read_value, unescaped
from script_runner import Outcome, Patience, play

Answer = Callable[[list[bytes]], bytes]


def right(command: list[bytes]) -> bytes:
    """A server that knows PING, ECHO and SUBSCRIBE."""
    if command[0] == b"PING":
        return b"$%d\r\n%s\r\n" % (len(command[1]), command[1]) if len(command) > 1 else b"+PONG\r\n"
    if command[0] == b"ECHO":
        return b"$%d\r\n%s\r\n" % (len(command[1]), command[1])
    return b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n" % (len(command[1]), command[1])


class FakeServer:
    """Stands where a Server stands, and answers what the test says. An answer that ends in `<close>` closes."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.port = answer, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        buffer = bytearray()
        with peer:
            while data := peer.recv(65536):
                buffer += data
                while (read := read_value(buffer)) is not None:
                    del buffer[: read[1]]
                    reply = self.answer([child.payload or b"" for child in read[0].children])
                    peer.sendall(reply.removesuffix(b"<close>"))
                    if reply.endswith(b"<close>"):
                        return

    def connect(self, timeout: float, source: str = "") -> socket.socket:
        return socket.create_connection(self.address, timeout)

    def exit_code(self) -> int | None:
        return None

    def stop(self) -> None:
        self.listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], FakeServer]]:
    servers: list[FakeServer] = []

    def start(answer: Answer) -> FakeServer:
        servers.append(FakeServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def script(text: str) -> Script:
    return parse_corpus("== test\n" + text, "test.txt")[0]


HURRIED = 1000  # so many timeouts seen already: wait for a moment only

CONVERSATION = "A: ECHO hello\nA: SUBSCRIBE x\n"


def outcomes(serve, answer: Answer, text: str = CONVERSATION) -> list[Outcome]:
    return play(script(text), "resp2", serve(answer), Patience(HURRIED))


def faulty(command: bytes, change: Callable[[bytes], bytes]) -> Answer:
    return lambda arguments: change(right(arguments)) if arguments[0] == command else right(arguments)


def test_two_right_servers_do_not_differ(serve) -> None:
    assert differences(("test", "resp2"), outcomes(serve, right), outcomes(serve, right), {}) == []


FAULTS: dict[str, Answer] = {
    "a wrong byte in a payload": faulty(b"ECHO", lambda reply: reply.replace(b"hello", b"hellp")),
    "a wrong case": faulty(b"SUBSCRIBE", lambda reply: reply.replace(b"subscribe", b"Subscribe")),
    "a wrong count": faulty(b"SUBSCRIBE", lambda reply: reply.replace(b":1\r\n", b":2\r\n")),
    "another reply type": faulty(b"SUBSCRIBE", lambda reply: b">" + reply[1:]),
    "a simple string for a bulk string": faulty(b"ECHO", lambda reply: b"+hello\r\n"),
    "a reply too many": faulty(b"ECHO", lambda reply: reply * 2),
    "a surplus line end": faulty(b"ECHO", lambda reply: reply + b"\r\n"),
    "a reply too few": faulty(b"ECHO", lambda reply: b""),
    "a reply cut short": faulty(b"ECHO", lambda reply: reply[:-3]),
    "a wrong length": faulty(b"ECHO", lambda reply: reply.replace(b"$5", b"$4")),
    "a leading zero in a length": faulty(b"ECHO", lambda reply: reply.replace(b"$5", b"$05")),
    "a missing carriage return": faulty(b"ECHO", lambda reply: reply.replace(b"\r\n", b"\n")),
    "a closed connection": faulty(b"ECHO", lambda reply: b"<close>"),
    "a close behind the right reply": faulty(b"SUBSCRIBE", lambda reply: reply + b"<close>"),
    "an error for a reply": faulty(b"ECHO", lambda reply: b"-ERR unknown command\r\n"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(serve, fault: str) -> None:
    found = differences(("test", "resp2"), outcomes(serve, right), outcomes(serve, FAULTS[fault]), {})
    assert found and found[0].complaint == "differs"


def test_a_reply_too_many_is_seen_where_no_fence_can_follow(serve) -> None:
    text = "@nofence\nA: ECHO last\n"
    twice = faulty(b"ECHO", lambda reply: reply * 2)
    found = differences(("test", "resp2"), outcomes(serve, right, text), outcomes(serve, twice, text), {})
    assert [difference.key[2] for difference in found] == ["A at the end"]


def test_a_server_that_does_not_close_is_seen(serve) -> None:
    closes, stays = faulty(b"ECHO", lambda reply: reply + b"<close>"), right
    text = "A [close]: ECHO bye\n"
    found = differences(("test", "resp2"), outcomes(serve, closes, text), outcomes(serve, stays, text), {})
    assert found[0].ours.endswith("<timeout>")


def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(serve) -> None:
    assert outcomes(serve, lambda arguments: b"")[0].ending == "<timeout>"


def one_difference(ours: str, entry: Accepted | None) -> list[str]:
    accepted = {("test", "resp2", "A: PING"): entry} if entry else {}
    found = differences(("test", "resp2"), [Outcome("A: PING", b"+A")], [Outcome("A: PING", ours.encode())], accepted)
    return [difference.complaint.split(":")[0] for difference in found]


def test_accepted_differences_are_exact() -> None:
    entry = Accepted("+B", "for the test", 1)
    assert one_difference("+B", None) == ["differs"]
    assert one_difference("+B", entry) == []
    assert one_difference("+C", entry) == ["differs, but not as accepted"]
    assert one_difference("+A", entry) == ["is listed as an accepted difference but does not differ"]


def test_a_listed_difference_needs_a_reason(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("[name] both\nstep: A: PING\nours: +B\\r\\n\n")
    with pytest.raises(ValueError, match="needs step, ours and reason"):
        load_accepted(listed)
    listed.write_text("[name] both\nstep: A: PING\nours: +B\\r\\n\nreason: better\n")
    assert set(load_accepted(listed)) == {("name", "resp2", "A: PING"), ("name", "resp3", "A: PING")}


@pytest.mark.parametrize("value", [b"+OK\r\n", b"$-1\r\n", b"*-1\r\n", b"_\r\n", b"$0\r\n\r\n", b"=7\r\ntxt:abc\r\n", b"#t\r\n",
                                   b"%1\r\n+a\r\n:1\r\n", b"~2\r\n+a\r\n+b\r\n", b">2\r\n$1\r\na\r\n*1\r\n_\r\n", b",1.5\r\n",
                                   b"|1\r\n+k\r\n+v\r\n:1\r\n"])  # fmt: skip
def test_a_value_is_read_whole_and_byte_by_byte_and_kept_exactly(value: bytes) -> None:
    for length in range(len(value)):
        assert read_value(value[:length]) is None
    read = read_value(value + b"+next\r\n")
    assert read is not None and read[1] == len(value) and read[0].encode() == value


@pytest.mark.parametrize("value", [b"OK\r\n", b"\r\n", b"$x\r\n", b"$-2\r\n", b"$1\r\nab\r\n", b"*+1\r\n", b"+a\nb\r\n", b"$01\r\na\r\n"])
def test_what_is_not_resp_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        read_value(value)


def test_escapes_round_trip() -> None:
    every_byte = bytes(range(256))
    assert unescaped(escaped(every_byte)) == every_byte


def test_arguments_are_read_like_redis_cli_does() -> None:
    assert commands(r'''SET "a\x00\n" 'b c' "" "xy"*3 *''') == [[b"SET", b"a\x00\n", b"b c", b"", b"xyxyxy", b"*"]]
    assert commands("PING | ECHO a|b") == [[b"PING"], [b"ECHO", b"a|b"]]


@pytest.mark.parametrize("line", ["no step", "A: PING | PING", "A: \"open", "@unknown", "A nonsense: PING"])
def test_a_line_outside_the_format_is_refused(line: str) -> None:
    with pytest.raises(BadScript):
        script(line)


def test_normalisers_change_what_they_name_and_no_more() -> None:
    known = Known({b"7": b"<A>"}, {b"127.0.0.1:50": b"<A.addr>"})
    line = Value("$", b"$43\r\n", b"id=7 addr=127.0.0.1:50 name= age=12 idle=0\n")
    assert normalise(line, ["client-line"], known) == b"$~\r\nid=<A> addr=<A.addr> name= age=_ idle=_\n\r\n"
    assert normalise(line, ["client-fields(id,name)"], known) == b"$~\r\nid=<A> name=\n\r\n"
    assert normalise(Value(":", b":7\r\n"), ["id"], known) == b":<A>\r\n"
    assert normalise(Value(":", b":8\r\n"), ["id"], known) == b":8\r\n"
