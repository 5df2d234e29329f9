"""A running broker for the tests that compare the documents with the program."""

import pytest

from broker_process import Broker


@pytest.fixture(scope="session")
def broker():
    with Broker() as running:
        yield running
