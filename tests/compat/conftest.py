"""Server pairs that the tests share: one pair for each configuration, started when first needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Iterator

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from accepted_differences import Accepted, Key, load_accepted  # noqa: E402
from script_runner import Patience  # noqa: E402
from server_pair import ServerPair, compares_reference_with_itself  # noqa: E402


class Pairs:
    def __init__(self) -> None:
        self.started: dict[str, ServerPair] = {}
        self.patience = {"reference": Patience(), "ours": Patience()}

    def __getitem__(self, configuration: str) -> ServerPair:
        if configuration not in self.started:
            self.started[configuration] = ServerPair(configuration)
        return self.started[configuration]

    def stop(self) -> None:
        for pair in self.started.values():
            pair.stop()


@pytest.fixture(scope="session")
def pairs() -> Iterator[Pairs]:
    running = Pairs()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def accepted() -> dict[Key, Accepted]:
    """Empty when Redis is compared with itself, where nothing may differ."""
    return {} if compares_reference_with_itself() else load_accepted()
