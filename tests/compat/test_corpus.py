"""Every script of the corpus gets the same bytes from Redis and from us, but for the accepted differences."""

from __future__ import annotations

import pytest

from accepted_differences import load_accepted
from comparison import compare
from corpus_format import Script, load_corpus
from normalisers import exists

CORPUS = load_corpus()
CASES = [(script, protocol) for script in CORPUS for protocol in script.protocols]


@pytest.mark.parametrize(("script", "protocol"), CASES, ids=[f"{script.name}-{protocol}" for script, protocol in CASES])
def test_same_bytes(script: Script, protocol: str, pairs, accepted) -> None:
    found, _, _ = compare(script, protocol, pairs[script.configuration], pairs.patience, accepted)
    if found:
        pytest.fail(f"{script.file}:{script.line}\n" + "\n".join(map(str, found)), pytrace=False)


def test_every_accepted_difference_names_a_step_of_the_corpus() -> None:
    steps = {(script.name, protocol, step.label) for script, protocol in CASES for step in script.steps}
    unknown = [f"line {entry.line}: {key}" for key, entry in load_accepted().items() if key not in steps]
    assert not unknown, "\n".join(unknown)


def test_every_normaliser_that_a_script_names_exists() -> None:
    named = {name for script in CORPUS for step in script.steps for name in step.normalisers}
    assert [name for name in sorted(named) if not exists(name)] == []
