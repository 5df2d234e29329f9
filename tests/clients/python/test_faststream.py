"""FastStream's Redis broker: consumer groups of streams, and dead letters."""

import asyncio
import contextlib
import subprocess
import sys

import pytest
import redis
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.annotations import RedisStreamMessage

from conftest import DEADLINE, durable_rule, eventually

WATCHED = "max-deliveries 4 ack-wait 30s redeliver yes"


@pytest.fixture(params=["", WATCHED], ids=["NoRule", "DurableRule"])
def channel(request, admin, name):
    """A channel that has a group `g` from its first entry on, without a rule and with one that watches its groups."""
    channel = f"stream.{name}"
    with durable_rule(admin, channel, WATCHED) if request.param else contextlib.nullcontext():
        yield with_group(admin, channel)
        admin.delete(channel)


def with_group(admin, channel):
    admin.xgroup_create(channel, "g", id="0", mkstream=True)
    return channel


@contextlib.asynccontextmanager
async def running(address, *handlers):
    """A FastStream broker with these pairs of subscription and handler."""
    broker = RedisBroker(f"redis://{address['host']}:{address['port']}", logger=None)
    for subscription, handler in handlers:
        broker.subscriber(stream=subscription)(handler)
    async with broker:
        await broker.start()
        yield broker


async def publish_numbers(address, channel, total):
    async with running(address) as broker:
        for number in range(total):
            await broker.publish(number, stream=channel)


async def next_of(queue):
    return await asyncio.wait_for(queue.get(), DEADLINE)


def nothing_pending(admin, channel, group="g"):
    """Waits until the group was given all entries and has acknowledged them."""

    def done():
        [described] = [each for each in admin.xinfo_groups(channel) if each["name"] == group]
        return (described["pending"], described["lag"]) == (0, 0)

    return asyncio.to_thread(eventually, done, "all is acknowledged")


def writing_to(queue, *, refused=()):
    """A handler that tells the queue what it gets, and fails on the numbers that are to be refused."""

    async def handle(number: int):
        queue.put_nowait(number)
        if number in refused:
            raise ValueError(number)

    return handle


def test_a_consumer_gets_a_channel_in_its_order(address, admin, channel):
    async def scenario():
        got = asyncio.Queue()
        async with running(address, (StreamSub(channel, group="g", consumer="a"), writing_to(got))):
            await publish_numbers(address, channel, 100)
            assert [await next_of(got) for _ in range(100)] == list(range(100))
            await nothing_pending(admin, channel)
        assert got.empty()

    asyncio.run(scenario())


def test_consumers_of_a_group_share_a_channel(address, admin, channel):
    async def scenario():
        total = 100
        got = {"a": asyncio.Queue(), "b": asyncio.Queue()}
        both = asyncio.Event()

        def handler(consumer):
            async def handle(number: int):
                got[consumer].put_nowait(number)
                if all(queue.qsize() for queue in got.values()):
                    both.set()
                await both.wait()  # nobody goes on before each has a part

            return StreamSub(channel, group="g", consumer=consumer, max_records=1), handle

        await publish_numbers(address, channel, total)
        async with running(address, handler("a")), running(address, handler("b")):
            await asyncio.wait_for(both.wait(), DEADLINE)
            await nothing_pending(admin, channel)
        numbers = [queue.get_nowait() for queue in got.values() for _ in range(queue.qsize())]
        assert sorted(numbers) == list(range(total))

    asyncio.run(scenario())


def test_what_a_handler_refuses_stays_pending_and_is_claimed(address, admin, channel):
    async def scenario():
        await publish_numbers(address, channel, 4)
        got, recovered = asyncio.Queue(), asyncio.Queue()
        refusing = writing_to(got, refused=[1, 2])
        async with running(address, (StreamSub(channel, group="g", consumer="a"), refusing)):
            assert [await next_of(got) for _ in range(4)] == [0, 1, 2, 3]
            await asyncio.to_thread(eventually, lambda: admin.xpending(channel, "g")["pending"] == 2, "the rest")
        claiming = StreamSub(channel, group="g", consumer="b", min_idle_time=1, polling_interval=10)
        async with running(address, (claiming, writing_to(recovered))):
            assert [await next_of(recovered) for _ in range(2)] == [1, 2]
            await nothing_pending(admin, channel)
        assert recovered.empty()

    asyncio.run(scenario())


PROGRAM = """
import asyncio, sys
from faststream import FastStream
from faststream.redis import RedisBroker, StreamSub

broker = RedisBroker(sys.argv[1], logger=None)

@broker.subscriber(stream=StreamSub(sys.argv[2], group="g", consumer="dead", max_records=3))
async def handle(number: int):
    print(number, flush=True)
    if number == 1:
        await asyncio.Event().wait()

asyncio.run(FastStream(broker, logger=None).run())
"""


def test_what_a_killed_process_had_is_claimed(address, admin, channel):
    """Of three that it was given it has done one; a subscriber for what is new and one that claims do the rest."""

    async def scenario():
        await publish_numbers(address, channel, 10)
        url = f"redis://{address['host']}:{address['port']}"
        worker = subprocess.Popen([sys.executable, "-c", PROGRAM, url, channel], stdout=subprocess.PIPE, text=True)
        try:
            assert [worker.stdout.readline() for _ in range(2)] == ["0\n", "1\n"]
        finally:
            worker.kill()
            worker.wait()
            worker.stdout.close()
        assert admin.xpending(channel, "g")["consumers"] == [{"name": "dead", "pending": 2}]
        fresh, claimed = asyncio.Queue(), asyncio.Queue()
        claiming = StreamSub(channel, group="g", consumer="alive", min_idle_time=1, polling_interval=10)
        async with running(address, (claiming, writing_to(claimed))):
            assert [await next_of(claimed) for _ in range(2)] == [1, 2]
        async with running(address, (StreamSub(channel, group="g", consumer="alive"), writing_to(fresh))):
            assert [await next_of(fresh) for _ in range(7)] == list(range(3, 10))
            await nothing_pending(admin, channel)

    asyncio.run(scenario())


def test_one_subscriber_reads_and_claims(address, admin, channel):
    """StreamSub(claim_min_idle_time=...) sends XREADGROUP ... CLAIM."""
    if "respublica_version" not in admin.info("server"):
        pytest.skip("this Redis has no XREADGROUP ... CLAIM")

    async def scenario():
        await publish_numbers(address, channel, 3)
        got = asyncio.Queue()
        attempts = []

        async def handle(number: int, message: RedisStreamMessage):
            got.put_nowait((number, message.raw_message["delivery_counts"]))
            if number == 1:
                attempts.append(number)
                if len(attempts) < 3:
                    raise ValueError(number)

        async with running(address, (StreamSub(channel, group="g", consumer="a", claim_min_idle_time=1), handle)):
            first = [await next_of(got) for _ in range(3)]
            assert first == [(0, [0]), (1, [0]), (2, [0])]
            assert [await next_of(got) for _ in range(2)] == [(1, [1]), (1, [2])]
            await nothing_pending(admin, channel)
        assert got.empty()

    asyncio.run(scenario())


def test_what_always_fails_is_redelivered_and_becomes_a_dead_letter(address, admin, name):
    """The broker does both; the subscribers are plain ones. That of the dead letters reads the message as it was."""
    letters = f"stream.{name}.dlq"
    options = f"max-deliveries 3 ack-wait 100ms redeliver yes dlq {letters}"

    async def scenario(channel):
        got, dead = asyncio.Queue(), asyncio.Queue()

        async def handle(number: int, message: RedisStreamMessage):
            got.put_nowait(await message.get_delivery_count())
            raise ValueError(number)

        admin.xgroup_create(letters, "graveyard", id="0", mkstream=True)
        refusing = StreamSub(channel, group="g", consumer="a")
        graveyard = StreamSub(letters, group="graveyard", consumer="a")
        async with running(address, (refusing, handle), (graveyard, writing_to(dead))):
            await publish_numbers(address, channel, 1)
            assert await next_of(dead) == 0
            await nothing_pending(admin, channel)
            await nothing_pending(admin, letters, "graveyard")
        deliveries = [got.get_nowait() for _ in range(got.qsize())]
        assert len(deliveries) == 3
        assert deliveries[:2] == [1, 2]  # after the third the entry may be a dead letter already

    with durable_rule(admin, f"stream.{name}", options) as channel:
        try:
            asyncio.run(scenario(with_group(admin, channel)))
            with redis.Redis(**address) as client:
                [(_, fields)] = client.xrange(letters)
            expected = {
                b"dlq.reason": b"max-deliveries",
                b"dlq.channel": channel.encode(),
                b"dlq.group": b"g",
                b"dlq.consumer": b"a",
                b"dlq.deliveries": b"3",
            }
            assert fields.items() >= expected.items()
        finally:
            admin.delete(letters)
