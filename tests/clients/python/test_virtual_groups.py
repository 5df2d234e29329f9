"""redis-py, blocking: consumers that share a category of channels."""

import threading

import pytest

from conftest import eventually
from test_streams import by_name


@pytest.fixture
def category(client, name):
    """A category of this test's own, with the group `g` of its virtual channel."""
    category = name.replace(".", "-")
    assert client.xgroup_create(f"$ce:{category}", "g", id="$") is True
    yield category
    assert client.xgroup_destroy(f"$ce:{category}", "g") == 1
    client.delete(f"{category}:1", f"{category}:2", f"other-{category}:1")


def read(client, category, consumer, **options):
    found = by_name(client.xreadgroup("g", consumer, {f"$ce:{category}": ">"}, **options))
    return [entry for _, entries in found for entry in entries]


def test_consumers_share_a_category(client, category):
    client.xadd(f"{category}:1", {"n": 1}, id="1-0")
    client.xadd(f"other-{category}:1", {"n": 2}, id="1-0")
    client.xadd(f"{category}:2", {"n": 3}, id="1-0")
    [(first, fields)] = read(client, category, "a", count=1)
    assert fields == {b"$channel": f"{category}:1".encode(), b"$id": b"1-0", b"n": b"1"}
    [(second, fields)] = read(client, category, "b")
    assert fields[b"$channel"] == f"{category}:2".encode()
    assert read(client, category, "a") == []
    assert client.xack(f"$ce:{category}", "g", first) == 1
    [pending] = client.xpending_range(f"$ce:{category}", "g", "-", "+", 10)
    assert (pending["message_id"], pending["consumer"]) == (second, b"b")
    claimed = client.xautoclaim(f"$ce:{category}", "g", "a", 0)
    assert [entry_id for entry_id, _ in claimed[1]] == [second]
    [group] = client.xinfo_groups(f"$ce:{category}")
    assert (group["pending"], group["lag"]) == (1, None)


def test_a_consumer_waits_for_its_category(client, admin, category):
    got = []
    waiter = threading.Thread(target=lambda: got.extend(read(client, category, "a", block=20_000)))
    waiter.start()
    eventually(lambda: admin.info("clients")["blocked_clients"] > 0, "a client waits")
    admin.xadd(f"other-{category}:1", {"n": 1})
    admin.xadd(f"{category}:1", {"n": 2})
    waiter.join()
    assert [fields[b"n"] for _, fields in got] == [b"2"]
