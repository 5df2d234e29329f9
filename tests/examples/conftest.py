"""What the tests of this folder share: the examples as modules, and the processes that they run with."""

import sys
from pathlib import Path

import pytest
import redis

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples/event_sourcing"), str(ROOT / "examples/cqrs")]

from accounts import Accounts  # noqa: E402
from processes import Broker, Postgres  # noqa: E402


@pytest.fixture
def server():
    """A broker that can be killed, with the rule of the examples."""
    process = Broker("--durable", "account:* append-only yes")
    process.start()
    yield process
    process.remove()


@pytest.fixture
def broker(server):
    with redis.Redis(port=server.port, decode_responses=True) as client:
        yield client


@pytest.fixture
def accounts(broker):
    return Accounts(broker)


@pytest.fixture(scope="session")
def postgres():
    process = Postgres()
    yield process
    process.remove()


@pytest.fixture
def database(postgres):
    """A PostgreSQL that can be killed, without a read model."""
    postgres.start()
    with postgres.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS projection, balances, statement")
    return postgres
