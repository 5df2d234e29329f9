"""redis-py, blocking."""

import pytest
import redis

from conftest import DEADLINE, PAYLOADS, eventually, kill_subscriber, subscribed_connection


@pytest.fixture
def pubsub(client):
    with client.pubsub() as subscriber:
        yield subscriber


def received(pubsub, kind):
    """The next message, which must be of that kind."""
    message = pubsub.get_message(timeout=DEADLINE)
    assert message is not None, f"no {kind} arrived"
    assert message["type"] == kind, message
    return message


def test_connects_with_default_options(address):
    with redis.Redis(**address) as client:
        assert client.ping() is True
        assert client.echo(b"\x00\r\n\xff") == b"\x00\r\n\xff"
        assert client.info("server")["redis_version"]
        assert client.client_info()["db"] == 0


def test_connects_by_url_and_selects_a_database(address, protocol):
    url = f"redis://{address['host']}:{address['port']}/3?protocol={protocol}"
    with redis.Redis.from_url(url) as client:
        assert client.ping() is True


def test_subscriber_hears_what_is_published(client, pubsub, name):
    pubsub.subscribe(f"{name}.a", f"{name}.b")
    confirmations = [received(pubsub, "subscribe") for _ in range(2)]
    assert [(c["channel"], c["data"]) for c in confirmations] == [
        (f"{name}.a".encode(), 1),
        (f"{name}.b".encode(), 2),
    ]
    assert client.publish(f"{name}.b", "hello") == 1
    message = received(pubsub, "message")
    assert (message["channel"], message["data"]) == (f"{name}.b".encode(), b"hello")
    assert client.publish(f"{name}.nobody", "hello") == 0


def test_pattern_subscriber_hears_matching_channels(client, pubsub, name):
    pubsub.psubscribe("h[ae]llo.*." + name)
    assert received(pubsub, "psubscribe")["data"] == 1
    assert client.publish("hillo.1." + name, "no") == 0
    assert client.publish("hallo.1." + name, "yes") == 1
    message = received(pubsub, "pmessage")
    assert message["pattern"] == b"h[ae]llo.*." + name.encode()
    assert (message["channel"], message["data"]) == (b"hallo.1." + name.encode(), b"yes")


def test_channel_and_pattern_of_one_subscriber_count_twice(client, pubsub, name):
    pubsub.subscribe(name)
    pubsub.psubscribe(name + "*")
    assert [received(pubsub, kind)["data"] for kind in ("subscribe", "psubscribe")] == [1, 2]
    assert client.publish(name, "twice") == 2
    received(pubsub, "message")
    received(pubsub, "pmessage")


def test_shard_subscriber_hears_only_spublish(client, pubsub, name):
    pubsub.ssubscribe(name)
    assert received(pubsub, "ssubscribe")["data"] == 1
    assert client.publish(name, "not for shards") == 0
    assert client.spublish(name, "for shards") == 1
    assert received(pubsub, "smessage")["data"] == b"for shards"
    assert client.pubsub_shardnumsub(name) == [(name.encode(), 1)]
    assert name.encode() in client.pubsub_shardchannels()
    pubsub.sunsubscribe()
    assert received(pubsub, "sunsubscribe")["data"] == 0


@pytest.mark.parametrize("what", PAYLOADS)
def test_payloads_and_names_are_bytes(client, pubsub, name, what):
    channel = name.encode() + b"\r\n\x00\xff"
    pubsub.subscribe(channel)
    received(pubsub, "subscribe")
    client.publish(channel, PAYLOADS[what])
    message = received(pubsub, "message")
    assert message["channel"] == channel
    assert message["data"] == PAYLOADS[what]


def test_unsubscribe_is_confirmed_and_silences(client, pubsub, name):
    pubsub.subscribe(name)
    pubsub.psubscribe(name + ".*")
    received(pubsub, "subscribe")
    received(pubsub, "psubscribe")
    pubsub.unsubscribe(name)
    assert received(pubsub, "unsubscribe")["data"] == 1
    assert client.publish(name, "x") == 0
    pubsub.unsubscribe()
    nothing = received(pubsub, "unsubscribe")
    assert (nothing["channel"], nothing["data"]) == (None, 1)
    pubsub.punsubscribe()
    assert received(pubsub, "punsubscribe")["data"] == 0
    assert not pubsub.subscribed


def test_pubsub_commands_count(client, pubsub, name):
    pubsub.subscribe(f"{name}.1", f"{name}.2")
    received(pubsub, "subscribe")
    received(pubsub, "subscribe")
    assert sorted(client.pubsub_channels(name + "*")) == [f"{name}.{n}".encode() for n in (1, 2)]
    assert client.pubsub_numsub(f"{name}.1", "nobody." + name) == [
        (f"{name}.1".encode(), 1),
        (b"nobody." + name.encode(), 0),
    ]
    assert client.pubsub_numpat() >= 0


def test_ping_is_answered_while_subscribed(pubsub, name):
    pubsub.subscribe(name)
    received(pubsub, "subscribe")
    pubsub.ping("are you there?")
    assert received(pubsub, "pong")["data"] == b"are you there?"


def test_health_checks_keep_an_idle_subscription(address, protocol, admin, name):
    with redis.Redis(**address, protocol=protocol, client_name=name, health_check_interval=0.05) as client:
        with client.pubsub() as pubsub:
            pubsub.subscribe(name)
            received(pubsub, "subscribe")
            before = subscribed_connection(admin, name)["id"]

            def pinged():
                assert pubsub.get_message(timeout=0.05) is None
                return subscribed_connection(admin, name)["cmd"] == "ping"

            eventually(pinged, "the client's own PING is its last command")
            client.publish(name, "still here")
            assert received(pubsub, "message")["data"] == b"still here"
            assert subscribed_connection(admin, name)["id"] == before


def test_killed_subscriber_comes_back_with_all_its_subscriptions(client, pubsub, admin, name):
    pubsub.subscribe(f"{name}.1", f"{name}.2")
    pubsub.psubscribe(f"{name}.p*")
    pubsub.ssubscribe(f"{name}.s")
    for kind in ("subscribe", "subscribe", "psubscribe", "ssubscribe"):
        received(pubsub, kind)
    killed = kill_subscriber(admin, name)

    # The client notices the lost connection when it reads; it then subscribes again by itself.
    again = [received(pubsub, kind) for kind in ("subscribe", "subscribe", "psubscribe", "ssubscribe")]
    assert [c["data"] for c in again] == [1, 2, 3, 1]
    assert subscribed_connection(admin, name)["id"] != killed
    for channel, kind in ((f"{name}.1", "message"), (f"{name}.2", "message"), (f"{name}.patterned", "pmessage")):
        assert client.publish(channel, "back") == 1
        assert received(pubsub, kind)["data"] == b"back"
    assert client.spublish(f"{name}.s", "back") == 1
    assert received(pubsub, "smessage")["data"] == b"back"


def test_background_thread_serves_handlers(client, pubsub, name):
    heard = []
    pubsub.subscribe(**{name: heard.append})
    thread = pubsub.run_in_thread(sleep_time=0.01, daemon=True)
    try:
        eventually(lambda: client.publish(name, "to the handler") == 1, "the thread has subscribed")
        eventually(lambda: heard and heard[0]["data"] == b"to the handler", "the handler was called")
    finally:
        thread.stop()
        thread.join(DEADLINE)


@pytest.mark.parametrize("transaction", [False, True], ids=["pipeline", "MULTI"])
def test_publish_works_in_pipelines_and_transactions(client, pubsub, name, transaction):
    pubsub.subscribe(name)
    received(pubsub, "subscribe")
    with client.pipeline(transaction=transaction) as pipeline:
        pipeline.publish(name, "1").ping().publish(name, "2")
        assert pipeline.execute() == [1, True, 1]
    assert [received(pubsub, "message")["data"] for _ in range(2)] == [b"1", b"2"]


def test_a_key_value_command_in_a_transaction_does_not_lose_the_connection(client, name):
    with client.pipeline(transaction=True) as pipeline:
        pipeline.publish(name, "1").execute_command("NO-SUCH-COMMAND", "x")
        with pytest.raises(redis.ResponseError, match="unknown command"):
            pipeline.execute()
    assert client.ping() is True
