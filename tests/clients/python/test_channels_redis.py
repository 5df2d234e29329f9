"""channels_redis: the pub/sub channel layer of Django Channels."""

import asyncio

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from conftest import DEADLINE, eventually, kill_subscriber


@pytest.fixture
def url(address, protocol, name):
    return f"redis://{address['host']}:{address['port']}/0?protocol={protocol}&client_name={name}"


def layer_on(url, name):
    return RedisPubSubChannelLayer(hosts=[url], prefix=name)


async def until_subscribers(admin, name, wanted):
    """The channel of the only group, when it has so many: the layer does not wait for the reply to its SUBSCRIBE."""

    def group_channel():
        for channel in admin.pubsub_channels("*"):
            if name in channel and "room" in channel and admin.pubsub_numsub(channel)[0][1] == wanted:
                return channel

    return await asyncio.to_thread(eventually, group_channel, f"the group has {wanted} subscribers")


def run(test):
    asyncio.run(asyncio.wait_for(test(), DEADLINE))


def test_message_to_one_channel_crosses_two_layers(url, name):
    async def test():
        one, other = layer_on(url, name), layer_on(url, name)
        channel = await one.new_channel()
        message = {"type": "chat.message", "text": "hello", "bytes": bytes(range(256))}
        await other.send(channel, message)
        assert await one.receive(channel) == message
        await one.flush()
        await other.flush()

    run(test)


def test_group_message_reaches_every_member_and_only_members(url, name, admin):
    async def test():
        layers = [layer_on(url, name) for _ in range(2)]
        channels = [await layer.new_channel() for layer in layers]
        for layer, channel in zip(layers, channels):
            await layer.group_add("room", channel)
        await until_subscribers(admin, name, 2)
        await layers[0].group_send("room", {"type": "say", "text": "to both"})
        for layer, channel in zip(layers, channels):
            assert (await layer.receive(channel))["text"] == "to both"

        await layers[1].group_discard("room", channels[1])
        await until_subscribers(admin, name, 1)
        await layers[0].group_send("room", {"type": "say", "text": "to one"})
        await layers[0].send(channels[1], {"type": "say", "text": "direct"})
        assert (await layers[0].receive(channels[0]))["text"] == "to one"
        assert (await layers[1].receive(channels[1]))["text"] == "direct"
        for layer in layers:
            await layer.flush()

    run(test)


def test_layer_resubscribes_after_its_connection_was_killed(url, name, admin):
    async def test():
        layer, sender = layer_on(url, name), layer_on(url, name)
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await until_subscribers(admin, name, 1)
        await asyncio.to_thread(kill_subscriber, admin, name)
        await until_subscribers(admin, name, 1)
        await sender.group_send("room", {"type": "say", "text": "back"})
        assert (await layer.receive(channel))["text"] == "back"
        await layer.flush()
        await sender.flush()

    run(test)
