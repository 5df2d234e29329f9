"""redis-py, blocking: streams, and channels whose messages are kept."""

import threading

import pytest
import redis

from conftest import DEADLINE, PAYLOADS, durable_rule, eventually, kill_subscriber


@pytest.fixture
def durable(admin, name):
    """A channel whose messages are kept while the test runs."""
    with durable_rule(admin, f"durable.{name}") as channel:
        yield channel


@pytest.fixture
def stream(admin, name):
    yield f"stream.{name}"
    admin.delete(f"stream.{name}")


def by_name(reply):
    """What XREAD answers as pairs of stream and entries: redis-py has a dictionary of lists under RESP3."""
    if isinstance(reply, dict):
        return [(key, [entry for part in parts for entry in part]) for key, parts in reply.items()]
    return [(key, entries) for key, entries in reply]


def test_entries_come_back_as_they_were_added(client, stream):
    ids = [client.xadd(stream, {"number": number, "data": data}) for number, data in enumerate(PAYLOADS.values())]
    assert client.xlen(stream) == len(PAYLOADS)
    expected = [
        (entry_id, {b"number": str(number).encode(), b"data": data})
        for number, (entry_id, data) in enumerate(zip(ids, PAYLOADS.values()))
    ]
    assert client.xrange(stream) == expected
    assert client.xrevrange(stream, count=2) == expected[:-3:-1]
    assert client.xrange(stream, min=b"(" + ids[0], max=ids[2]) == expected[1:3]
    assert by_name(client.xread({stream: 0}, count=2)) == [(stream.encode(), expected[:2])]
    assert not client.xread({stream: "$"})


def test_explicit_ids_grow(client, stream):
    assert client.xadd(stream, {"f": "v"}, id="5-1") == b"5-1"
    assert client.xadd(stream, {"f": "v"}, id="5-*") == b"5-2"
    with pytest.raises(redis.ResponseError, match="equal or smaller"):
        client.xadd(stream, {"f": "v"}, id="5-2")
    assert client.xadd(f"{stream}.none", {"f": "v"}, nomkstream=True) is None


def test_a_message_of_an_idempotent_producer_is_added_once(admin, client, stream):
    if "respublica_version" not in admin.info("server"):
        pytest.skip("Redis 7 has no idempotent producers")
    first = client.xadd(stream, {"n": "1"}, idmp=("producer", b"\x00\xff"))
    assert client.xadd(stream, {"n": "2"}, idmp=("producer", b"\x00\xff")) == first
    content = client.xadd(stream, {"a": "1", "b": "2"}, idmpauto="producer")
    assert client.xadd(stream, {"b": "2", "a": "1"}, idmpauto="producer") == content != first
    with client.pipeline(transaction=True) as together:
        for _ in range(3):
            together.xadd(stream, {"n": "3"}, idmp=("other", b"1"))
        ids = together.execute()
    assert len(set(ids)) == 1 and client.xlen(stream) == 3
    shown = client.xinfo_stream(stream)
    counts = [shown[field] for field in ("pids-tracked", "iids-tracked", "iids-added", "iids-duplicates")]
    assert counts == [2, 3, 3, 4]
    assert client.xcfgset(stream, idmp_duration=5, idmp_maxsize=7)
    shown = client.xinfo_stream(stream, full=True)
    assert [shown[field] for field in ("idmp-duration", "idmp-maxsize", "iids-tracked")] == [5, 7, 0]
    with pytest.raises(redis.ResponseError, match="must be between"):
        client.execute_command("XCFGSET", stream, "IDMP-DURATION", 86401)


def test_xread_is_capped_over_all_streams(admin, client, stream):
    if "respublica_version" not in admin.info("server"):
        pytest.skip("Redis 7 has no caps")
    for number in range(3):
        client.xadd(stream, {"n": number})
        client.xadd(f"{stream}.other", {"n": number})
    read = by_name(client.xread({stream: 0, f"{stream}.other": 0}, max_count=4))
    assert [len(entries) for _, entries in read] == [3, 1]
    assert len(by_name(client.xread({stream: 0}, max_size=1))[0][1]) == 1
    admin.delete(f"{stream}.other")


def test_streams_are_trimmed_and_entries_deleted(client, stream):
    for number in range(1, 11):
        client.xadd(stream, {"f": number}, id=f"{number}-0")
    assert client.xtrim(stream, maxlen=8, approximate=False) == 2
    assert client.xtrim(stream, minid="5-0", approximate=False) == 2
    assert client.xdel(stream, "6-0", "1-0") == 1
    assert [entry_id for entry_id, _ in client.xrange(stream)] == [b"5-0", b"7-0", b"8-0", b"9-0", b"10-0"]


def test_information_about_a_stream(client, stream):
    client.xadd(stream, {"f": "v"}, id="1-1")
    client.xadd(stream, {"f": "w"}, id="1-2")
    client.xdel(stream, "1-1")
    info = client.xinfo_stream(stream)
    assert (info["length"], info["entries-added"], info["groups"]) == (1, 2, 0)
    assert (info["last-generated-id"], info["max-deleted-entry-id"]) == (b"1-2", b"1-1")
    assert info["first-entry"] == info["last-entry"] == (b"1-2", {b"f": b"w"})
    full = client.xinfo_stream(stream, full=True)
    assert (full["length"], full["groups"]) == (1, [])
    assert client.type(stream) == b"stream"


def test_a_reader_waits_for_an_entry(client, admin, address, protocol, stream):
    heard = []

    def read():
        with redis.Redis(**address, protocol=protocol) as reader:
            heard.extend(by_name(reader.xread({stream: "$"}, block=20000)))

    before = admin.info("clients")["blocked_clients"]
    thread = threading.Thread(target=read)
    thread.start()
    eventually(lambda: admin.info("clients")["blocked_clients"] > before, "the reader waits")
    client.xadd(stream, {"f": "v"}, id="1-1")
    thread.join()
    assert heard == [(stream.encode(), [(b"1-1", {b"f": b"v"})])]
    assert not client.xread({stream: "$"}, block=1)


def test_messages_of_a_durable_channel_are_read_back(client, durable):
    for payload in PAYLOADS.values():
        client.publish(durable, payload)
    entries = client.xrange(durable)
    assert [fields for _, fields in entries] == [{b"payload": payload} for payload in PAYLOADS.values()]
    assert by_name(client.xread({durable: entries[1][0]})) == [(durable.encode(), entries[2:])]


def test_subscribers_hear_what_is_kept(client, durable):
    with client.pubsub(ignore_subscribe_messages=True) as subscriber:
        subscriber.subscribe(durable)
        eventually(lambda: dict(client.pubsub_numsub(durable)) == {durable.encode(): 1}, "the subscription")
        assert client.publish(durable, "published") == 1
        client.xadd(durable, {"payload": "added"})
        heard = []
        eventually(lambda: heard.append(subscriber.get_message(timeout=1)) or len([m for m in heard if m]) == 2, "both")
        assert [message["data"] for message in heard if message] == [b"published", b"added"]
    assert client.xlen(durable) == 2


def test_a_pipeline_adds_and_reads(client, stream):
    with client.pipeline(transaction=False) as pipe:
        for number in range(1, 101):
            pipe.xadd(stream, {"f": number}, id=f"{number}-0")
        pipe.xlen(stream)
        replies = pipe.execute()
    assert replies == [f"{number}-0".encode() for number in range(1, 101)] + [100]
    with client.pipeline(transaction=True) as pipe:
        pipe.xadd(stream, {"f": "v"}, id="200-0").xlen(stream)
        assert pipe.execute() == [b"200-0", 101]


def test_a_stream_expires(client, stream):
    client.xadd(stream, {"f": "v"})
    assert client.expire(stream, 100) is True
    assert 0 < client.ttl(stream) <= 100
    assert client.persist(stream) is True
    assert client.pexpire(stream, 1) is True
    eventually(lambda: not client.exists(stream), "the end of the stream")
    assert list(client.scan_iter(match=stream)) == []


def test_a_subscriber_that_catches_up_comes_back_with_its_place(client, admin, durable, name):
    since = f"$since:0:{durable}"
    client.publish(durable, "first")
    with client.pubsub() as pubsub:
        pubsub.subscribe(since)

        def heard(*payloads):
            expected = [("subscribe", 1)] + [("message", payload) for payload in payloads]
            assert [(m["type"], m["data"]) for m in (pubsub.get_message(timeout=DEADLINE) for _ in expected)] == expected

        heard(b"first")
        kill_subscriber(admin, name)
        client.publish(durable, "second")
        heard(b"first", b"second")


def test_all_channels_are_read_as_one(client, durable):
    entry = client.xadd(durable, {"type": "Paid"})
    fields = {b"$channel": durable.encode(), b"$id": entry, b"type": b"Paid"}
    assert [found[1] for found in client.xrevrange("$all", count=1)] == [fields]
