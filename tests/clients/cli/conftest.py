"""What every test of this folder needs: redis-cli with the address of the server under test."""

import os
import subprocess
import time

import pytest

DEADLINE = 20.0


@pytest.fixture
def port():
    return os.environ["BROKER_ADDRESS"].rsplit(":", 1)[1]


@pytest.fixture
def cli(port):
    """Runs redis-cli to its end and returns what it printed."""

    def run(*arguments, stdin=None):
        done = subprocess.run(
            ["redis-cli", "-p", port, *arguments], input=stdin, capture_output=True, timeout=DEADLINE, check=False
        )
        assert done.returncode == 0, done
        assert not done.stderr, done.stderr
        return done.stdout.decode("utf-8", "surrogateescape")

    return run


@pytest.fixture
def listener(port):
    """Starts redis-cli, or another tool, with its output in a pipe, and ends it after the test."""
    started = []

    def start(*arguments, program="redis-cli"):
        process = subprocess.Popen([program, "-p", port, *arguments], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def eventually(condition, what):
    """Retries until the condition holds; the deadline is for a broker that never gets there."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"never came true: {what}"
        time.sleep(0.01)


def lines(process, count):
    """The next lines that a tool prints."""
    return [process.stdout.readline().decode().rstrip("\n") for _ in range(count)]
