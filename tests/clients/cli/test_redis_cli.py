"""redis-cli with its output in a pipe, and the tools that are part of it."""

import pytest

from conftest import lines

PROTOCOLS = pytest.mark.parametrize("protocol", [[], ["-3"]], ids=["RESP2", "RESP3"])


@PROTOCOLS
def test_commands_are_answered(cli, protocol):
    assert cli(*protocol, "PING") == "PONG\n"
    assert cli(*protocol, "ECHO", "hello") == "hello\n"
    assert cli(*protocol, "-n", "3", "PING") == "PONG\n"
    assert "redis_version:" in cli(*protocol, "INFO", "server")
    assert cli(*protocol, "CONFIG", "GET", "databases").split() == ["databases", "16"]


@PROTOCOLS
def test_subscriber_prints_what_is_published(cli, listener, protocol):
    name = f"cli.subscribe{''.join(protocol)}"
    subscriber = listener(*protocol, "SUBSCRIBE", name + ".1", name + ".2")
    assert lines(subscriber, 6) == ["subscribe", name + ".1", "1", "subscribe", name + ".2", "2"]
    assert cli(*protocol, "PUBLISH", name + ".2", "hello") == "1\n"
    assert lines(subscriber, 3) == ["message", name + ".2", "hello"]


@PROTOCOLS
def test_pattern_and_shard_subscribers_print_what_is_published(cli, listener, protocol):
    name = f"cli.kinds{''.join(protocol)}"
    pattern = listener(*protocol, "PSUBSCRIBE", name + ".h[ae]llo")
    assert lines(pattern, 3) == ["psubscribe", name + ".h[ae]llo", "1"]
    shard = listener(*protocol, "SSUBSCRIBE", name)
    assert lines(shard, 3) == ["ssubscribe", name, "1"]
    assert cli("PUBLISH", name + ".hallo", "yes") == "1\n"
    assert lines(pattern, 4) == ["pmessage", name + ".h[ae]llo", name + ".hallo", "yes"]
    assert cli("SPUBLISH", name, "shard") == "1\n"
    assert lines(shard, 3) == ["smessage", name, "shard"]


@PROTOCOLS
@pytest.mark.parametrize("payload", [bytes(range(256)), bytes(range(256)) * 4096], ids=["256 bytes", "1 MB"])
def test_payload_from_standard_input_is_bytes(cli, listener, protocol, payload):
    name = f"cli.bytes{''.join(protocol)}{len(payload)}"
    subscriber = listener(*protocol, "SUBSCRIBE", name)
    lines(subscriber, 3)
    assert cli("-x", "PUBLISH", name, stdin=payload) == "1\n"
    lines(subscriber, 2)
    assert subscriber.stdout.read(len(payload)) == payload


def test_script_of_commands_runs_a_transaction(cli):
    script = b"MULTI\nPUBLISH cli.multi one\nPING\nEXEC\nNO-SUCH-COMMAND a\nPING\n"
    printed = cli(stdin=script).split("\n")
    assert printed[:5] == ["OK", "QUEUED", "QUEUED", "0", "PONG"]
    assert printed[5].startswith("ERR unknown command 'NO-SUCH-COMMAND'")
    assert "PONG" in printed[6:]


def test_mass_insertion_counts_every_reply(cli):
    printed = cli("--pipe", stdin=b"PUBLISH cli.pipe x\r\n" * 1000)
    assert "errors: 0, replies: 1000" in printed


def test_monitor_shows_commands(cli, listener):
    monitor = listener("MONITOR")
    assert lines(monitor, 1) == ["OK"]
    cli("PUBLISH", "cli.monitor", "seen \x01")
    seen = ""
    while '"cli.monitor"' not in seen:
        (seen,) = lines(monitor, 1)
    assert seen.endswith('] "PUBLISH" "cli.monitor" "seen \\x01"')


def test_latency_mode_samples(cli):
    low, high, average, samples = cli("--latency", "-i", "0.2").split()
    assert float(low) <= float(average) <= float(high)
    assert int(samples) > 0


def test_stat_mode_ticks(listener):
    stat = listener("--stat", "-i", "0.05")
    while "requests" not in lines(stat, 1)[0]:
        pass
    (tick,) = lines(stat, 1)
    assert len(tick.split()) >= 5, tick


@pytest.mark.parametrize("protocol", [[], ["-3"]], ids=["RESP2", "RESP3"])
def test_redis_benchmark_pings_and_publishes(listener, protocol):
    ping = listener(*protocol, "-n", "1000", "-P", "8", "-q", "-t", "ping", program="redis-benchmark")
    printed = ping.stdout.read().decode()
    assert ping.wait() == 0
    assert "PING_MBULK: " in printed and "requests per second" in printed
    publish = listener(*protocol, "-n", "1000", "-P", "8", "-q", "PUBLISH", "cli.bench", "x", program="redis-benchmark")
    printed = publish.stdout.read().decode()
    assert publish.wait() == 0
    assert "requests per second" in printed and "ERR" not in printed
