"""redis-py, asyncio."""

import asyncio
import contextlib

import redis.asyncio

from conftest import DEADLINE, PAYLOADS, kill_subscriber, subscribed_connection


def in_event_loop(test):
    """Runs a coroutine test: pytest by itself knows only functions."""

    def run(address, protocol, admin, name):
        asyncio.run(asyncio.wait_for(test(address, protocol, admin, name), DEADLINE))

    return run


@contextlib.asynccontextmanager
async def connected(address, protocol, name, **options):
    client = redis.asyncio.Redis(**address, protocol=protocol, client_name=name, **options)
    async with client, client.pubsub() as pubsub:
        yield client, pubsub


async def received(pubsub, kind):
    """The next message, which must be of that kind."""
    message = await pubsub.get_message(timeout=DEADLINE)
    assert message is not None, f"no {kind} arrived"
    assert message["type"] == kind, message
    return message


@in_event_loop
async def test_asyncio_hears_channels_patterns_and_shard_channels(address, protocol, admin, name):
    async with connected(address, protocol, name) as (client, pubsub):
        await pubsub.subscribe(f"{name}.1", f"{name}.2")
        await pubsub.psubscribe(f"{name}.p*")
        await pubsub.ssubscribe(f"{name}.s")
        counts = [
            (await received(pubsub, kind))["data"]
            for kind in ("subscribe", "subscribe", "psubscribe", "ssubscribe")
        ]
        assert counts == [1, 2, 3, 1]
        assert await client.publish(f"{name}.2", "a") == 1
        assert await client.publish(f"{name}.patterned", "b") == 1
        assert await client.spublish(f"{name}.s", "c") == 1
        heard = [(await received(pubsub, kind))["data"] for kind in ("message", "pmessage", "smessage")]
        assert heard == [b"a", b"b", b"c"]


@in_event_loop
async def test_asyncio_payloads_are_bytes(address, protocol, admin, name):
    async with connected(address, protocol, name) as (client, pubsub):
        await pubsub.subscribe(name)
        await received(pubsub, "subscribe")
        for payload in PAYLOADS.values():
            assert await client.publish(name, payload) == 1
            assert (await received(pubsub, "message"))["data"] == payload


@in_event_loop
async def test_asyncio_listen_ends_after_the_last_unsubscribe(address, protocol, admin, name):
    async with connected(address, protocol, name) as (client, pubsub):
        await pubsub.subscribe(name)
        kinds = []
        async for message in pubsub.listen():
            kinds.append(message["type"])
            if message["type"] == "subscribe":
                await client.publish(name, "last one")
            if message["type"] == "message":
                await pubsub.unsubscribe()
        assert kinds == ["subscribe", "message", "unsubscribe"]


@in_event_loop
async def test_asyncio_health_checks_keep_an_idle_subscription(address, protocol, admin, name):
    async with connected(address, protocol, name, health_check_interval=0.05) as (client, pubsub):
        await pubsub.subscribe(name)
        await received(pubsub, "subscribe")
        before = subscribed_connection(admin, name)["id"]
        while subscribed_connection(admin, name)["cmd"] != "ping":
            assert await pubsub.get_message(timeout=0.05) is None
        await client.publish(name, "still here")
        assert (await received(pubsub, "message"))["data"] == b"still here"
        assert subscribed_connection(admin, name)["id"] == before


@in_event_loop
async def test_asyncio_killed_subscriber_comes_back(address, protocol, admin, name):
    async with connected(address, protocol, name) as (client, pubsub):
        await pubsub.subscribe(name)
        await pubsub.psubscribe(f"{name}.p*")
        await pubsub.ssubscribe(f"{name}.s")
        for kind in ("subscribe", "psubscribe", "ssubscribe"):
            await received(pubsub, kind)
        kill_subscriber(admin, name)
        for kind in ("subscribe", "psubscribe", "ssubscribe"):
            await received(pubsub, kind)
        assert await client.publish(name, "back") == 1
        assert await client.publish(f"{name}.patterned", "back") == 1
        assert await client.spublish(f"{name}.s", "back") == 1
        for kind in ("message", "pmessage", "smessage"):
            assert (await received(pubsub, kind))["data"] == b"back"


@in_event_loop
async def test_asyncio_publish_works_in_pipelines_and_transactions(address, protocol, admin, name):
    async with connected(address, protocol, name) as (client, pubsub):
        await pubsub.subscribe(name)
        await received(pubsub, "subscribe")
        for transaction in (False, True):
            async with client.pipeline(transaction=transaction) as pipeline:
                pipeline.publish(name, "1").ping().publish(name, "2")
                assert await pipeline.execute() == [1, True, 1]
            assert [(await received(pubsub, "message"))["data"] for _ in range(2)] == [b"1", b"2"]
