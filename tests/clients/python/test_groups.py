"""redis-py, blocking: consumer groups."""

import os
import subprocess
import sys
import threading

import pytest
import redis

from conftest import eventually
from test_streams import by_name, durable, stream  # noqa: F401 (fixtures)


@pytest.fixture
def group(client, stream):
    """A group `g` of a stream with the entries 1-0 to 5-0."""
    for number in range(1, 6):
        client.xadd(stream, {"number": number}, id=f"{number}-0")
    assert client.xgroup_create(stream, "g", id="0") is True
    return "g"


def read(client, stream, consumer, entry=">", **options):
    """The IDs that XREADGROUP gives."""
    found = by_name(client.xreadgroup("g", consumer, {stream: entry}, **options))
    return [entry_id for _, entries in found for entry_id, _ in entries]


def test_each_entry_goes_to_one_consumer_until_it_is_acknowledged(client, stream, group):
    assert read(client, stream, "a", count=2) == [b"1-0", b"2-0"]
    assert read(client, stream, "b") == [b"3-0", b"4-0", b"5-0"]
    assert read(client, stream, "a") == []
    assert read(client, stream, "a", entry="0") == [b"1-0", b"2-0"]
    assert client.xack(stream, group, "1-0", "4-0", "9-9") == 2
    summary = client.xpending(stream, group)
    assert (summary["pending"], summary["min"], summary["max"]) == (3, b"2-0", b"5-0")
    assert [(each["name"], each["pending"]) for each in summary["consumers"]] == [(b"a", 1), (b"b", 2)]
    details = client.xpending_range(stream, group, "-", "+", 10)
    assert [(each["message_id"], each["consumer"], each["times_delivered"]) for each in details] == [
        (b"2-0", b"a", 2),
        (b"3-0", b"b", 1),
        (b"5-0", b"b", 1),
    ]


def test_what_a_dead_consumer_had_is_claimed(client, stream, group):
    read(client, stream, "dead", count=3)
    client.xdel(stream, "2-0")
    claimed = client.xautoclaim(stream, group, "alive", 0, count=10)
    assert claimed[0] == b"0-0"
    assert [entry_id for entry_id, _ in claimed[1]] == [b"1-0", b"3-0"]
    assert claimed[2] == [b"2-0"]
    assert client.xclaim(stream, group, "other", 0, ["3-0"], justid=True) == [b"3-0"]
    assert client.xgroup_delconsumer(stream, group, "dead") == 0


def test_groups_and_consumers_are_described(client, stream, group):
    read(client, stream, "a", count=2)
    [described] = client.xinfo_groups(stream)
    assert (described["name"], described["consumers"], described["pending"]) == (b"g", 1, 2)
    assert (described["last-delivered-id"], described["entries-read"], described["lag"]) == (b"2-0", 2, 3)
    [consumer] = client.xinfo_consumers(stream, group)
    assert (consumer["name"], consumer["pending"]) == (b"a", 2)
    full = client.xinfo_stream(stream, full=True)
    assert full["groups"][0]["name" if isinstance(full["groups"][0], dict) else 1] == b"g"
    with pytest.raises(redis.ResponseError, match="BUSYGROUP Consumer Group name already exists"):
        client.xgroup_create(stream, "g")
    with pytest.raises(redis.ResponseError, match="NOGROUP"):
        client.xreadgroup("none", "a", {stream: ">"})


def test_a_consumer_waits_for_an_entry(client, admin, address, protocol, stream, group):
    read(client, stream, "a")
    heard = []

    def wait():
        with redis.Redis(**address, protocol=protocol) as consumer:
            heard.extend(read(consumer, stream, "b", block=20000))

    before = admin.info("clients")["blocked_clients"]
    thread = threading.Thread(target=wait)
    thread.start()
    eventually(lambda: admin.info("clients")["blocked_clients"] > before, "the consumer waits")
    client.xadd(stream, {"f": "v"}, id="6-0")
    thread.join()
    assert heard == [b"6-0"]
    assert read(client, stream, "b", block=1) == []


def test_consumers_that_come_and_go_lose_nothing(client, address, stream):
    """Work is shared by processes that are killed; what they had is claimed by the next ones."""
    total = 300
    client.xgroup_create(stream, "g", id="0", mkstream=True)
    for number in range(total):
        client.xadd(stream, {"number": number})
    program = (
        "import os, redis, sys\n"
        "client = redis.Redis(host=sys.argv[1], port=int(sys.argv[2]))\n"
        "name = f'{os.getpid()}'\n"
        "while True:\n"
        "    entries = client.xautoclaim(sys.argv[3], 'g', name, 100, count=10)[1]\n"
        "    for _, new in client.xreadgroup('g', name, {sys.argv[3]: '>'}, count=10, block=50) or []:\n"
        "        entries += new\n"
        "    for entry_id, fields in entries:\n"
        "        with client.pipeline() as pipe:\n"
        "            pipe.xadd(sys.argv[3] + '.done', fields).xack(sys.argv[3], 'g', entry_id).execute()\n"
    )
    arguments = [sys.executable, "-c", program, address["host"], str(address["port"]), stream]
    done = f"{stream}.done"
    try:
        for _ in range(4):
            consumers = [subprocess.Popen(arguments, env=os.environ) for _ in range(2)]
            try:
                before = client.xlen(done)
                eventually(lambda: client.xlen(done) >= min(total, before + 40), "some work")
            finally:
                for consumer in consumers:
                    consumer.kill()
                    consumer.wait()
        last = subprocess.Popen(arguments, env=os.environ)
        try:
            eventually(lambda: client.xpending(stream, "g")["pending"] == 0 and client.xlen(done) >= total, "the rest")
        finally:
            last.kill()
            last.wait()
        numbers = [int(fields[b"number"]) for _, fields in client.xrange(done)]
        assert sorted(set(numbers)) == list(range(total))
        assert client.xinfo_groups(stream)[0]["lag"] == 0
    finally:
        client.delete(done)
