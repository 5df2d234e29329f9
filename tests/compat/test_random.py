"""Conversations and byte streams drawn from seeds get the same bytes from both servers."""

from __future__ import annotations

import socket

import pytest

from comparison import compare
from corpus_format import Script
from random_conversations import conversation, mangled_requests
from random_groups import group_conversation
from resp_reader import escaped
from server_pair import Server

SEEDS = range(40)
STREAMS = 1000


def check(script: Script, protocol: str, pairs, accepted) -> None:
    found, _, _ = compare(script, protocol, pairs["default"], pairs.patience, accepted)
    if found:
        lines = "\n".join(step.label for step in script.steps)
        pytest.fail("\n".join(map(str, found)) + f"\nthe conversation:\n{lines}", pytrace=False)


@pytest.mark.parametrize("protocol", ["resp2", "resp3"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_conversation_drawn_from_a_seed(seed: int, protocol: str, pairs, accepted) -> None:
    check(conversation(seed, protocol), protocol, pairs, accepted)


@pytest.mark.parametrize("seed", SEEDS)
def test_consumer_groups_drawn_from_a_seed(seed: int, pairs, accepted) -> None:
    check(group_conversation(seed), "resp3" if seed % 2 else "resp2", pairs, accepted)


def answer(server: Server, data: bytes, cut: int) -> bytes:
    """All that the server says to these bytes, sent in two writes, until it closes after our end of stream."""
    said = bytearray()
    with server.connect(5.0) as connection:
        try:
            for part in (data[:cut], data[cut:]):
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it closed early; what it said is still there
        while True:
            try:
                received = connection.recv(65536)
            except ConnectionResetError:
                received = b""
            if not received:
                return bytes(said)
            said += received


def test_mangled_byte_streams(pairs) -> None:
    pair = pairs["default"]
    wrong = []
    for seed in range(STREAMS):
        data = mangled_requests(seed)
        cut = seed % (len(data) + 1)
        theirs, mine = answer(pair.reference, data, cut), answer(pair.ours, data, cut)
        if theirs != mine:
            wrong.append(f"seed {seed}\n  sent   {escaped(data)}\n  redis  {escaped(theirs)}\n  ours   {escaped(mine)}")
    assert not wrong, f"{len(wrong)} of {STREAMS} streams\n" + "\n".join(wrong[:10])
