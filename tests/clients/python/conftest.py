"""What every test of this folder needs: the server under test, and clients of it by protocol version."""

import contextlib
import os
import re
import time

import pytest
import redis

DEADLINE = 20.0
ALL_BYTES = bytes(range(256))
PAYLOADS = {
    "all 256 bytes": ALL_BYTES,
    "invalid UTF-8": b"\xc3\x28\xa0\xa1\xe2\x28\xa1\xf0\x28\x8c\x28\xff\xfe",
    "line ends": b"\r\n$5\r\nhello\r\n*1\r\n+OK\r\n\n\r",
    "nothing": b"",
    "one megabyte": ALL_BYTES * 4096,
}


@pytest.fixture
def address():
    host, port = os.environ["BROKER_ADDRESS"].rsplit(":", 1)
    return {"host": host, "port": int(port)}


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def protocol(request):
    return request.param


@pytest.fixture
def name(request):
    """A channel and connection name of this test's own."""
    return re.sub(r"[^\w.-]+", ".", request.node.nodeid.split("::")[-1]).strip(".")


@pytest.fixture
def client(address, protocol, name):
    with redis.Redis(**address, protocol=protocol, client_name=name) as connected:
        yield connected


@pytest.fixture
def admin(address):
    with redis.Redis(**address, decode_responses=True) as connected:
        yield connected


def eventually(condition, what):
    """Retries until the condition holds; the deadline is for a broker that never gets there."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if outcome := condition():
            return outcome
        time.sleep(0.01)
    raise AssertionError(f"never came true: {what}")


def subscribed_connection(admin, name):
    """The CLIENT LIST entry of the connection of that name which has subscriptions."""
    found = [
        entry
        for entry in admin.client_list()
        if entry["name"] == name and any(int(entry[kind]) for kind in ("sub", "psub", "ssub"))
    ]
    assert len(found) == 1, found
    return found[0]


def kill_subscriber(admin, name):
    """Kills the subscribed connection of that name and returns the id it had."""
    killed = subscribed_connection(admin, name)["id"]
    assert admin.client_kill_filter(_id=killed) == 1
    return killed


@contextlib.contextmanager
def durable_rule(admin, channel, options=""):
    """A broker that keeps the channel by a rule with these options."""
    if "respublica_version" not in admin.info("server"):
        pytest.skip("Redis has no durable channels")
    before = admin.config_get("durable")["durable"]
    admin.config_set("durable", f"{channel} {options}")
    try:
        yield channel
    finally:
        admin.config_set("durable", before)
        admin.delete(channel)
