#!/usr/bin/env python3
"""Runs scripts of the corpus outside pytest and shows what both servers answered, with readable escapes."""

from __future__ import annotations

import argparse
import fnmatch
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from accepted_differences import load_accepted  # noqa: E402
from comparison import Difference, compare, shorten  # noqa: E402
from corpus_format import load_corpus  # noqa: E402
from script_runner import Outcome, Patience  # noqa: E402
from server_pair import ServerPair, compares_reference_with_itself, our_program  # noqa: E402


def show(reference: list[Outcome], ours: list[Outcome]) -> None:
    answers = {outcome.label: outcome.shown() for outcome in ours}
    for outcome in reference:
        left, right = outcome.shown(), answers.get(outcome.label, "<step not reached>")
        if left == right:
            print(f"    {outcome.label}\n        {shorten(left)}")
        else:
            print(f"  ! {outcome.label}\n  redis {shorten(left)}\n  ours  {shorten(right)}")


def as_accepted(difference: Difference) -> str:
    name, protocol, step = difference.key
    return f"[{name}] {protocol}\nstep: {step}\nours: {difference.ours}\nreason: \n"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="script names or shell patterns (all when absent)")
    arguments.add_argument("--protocol", choices=["resp2", "resp3"], help="only this protocol")
    arguments.add_argument("--steps", action="store_true", help="show every step, not only differences")
    arguments.add_argument("--draft", action="store_true", help="print differences in the form of accepted_differences.txt")
    options = arguments.parse_args()
    accepted = {} if compares_reference_with_itself() else load_accepted()
    pairs: dict[str, ServerPair] = {}
    patience = {"reference": Patience(), "ours": Patience()}
    played = different = 0
    try:
        for script in load_corpus():
            if options.names and not any(fnmatch.fnmatch(script.name, name) for name in options.names):
                continue
            for protocol in script.protocols:
                if options.protocol not in (None, protocol):
                    continue
                pair = pairs.get(script.configuration) or pairs.setdefault(script.configuration, ServerPair(script.configuration))
                found, reference, ours = compare(script, protocol, pair, patience, accepted)
                played += 1
                different += bool(found)
                if options.steps:
                    print(f"== {script.name} [{protocol}]  {script.file}:{script.line}")
                    show(reference, ours)
                for difference in found:
                    if options.draft:
                        print(as_accepted(difference))
                    elif not options.steps:
                        print(difference)
    finally:
        for pair in pairs.values():
            pair.stop()
    print(f"{played} runs against {our_program()}, {different} with differences", file=sys.stderr)
    return 1 if different or not played else 0


if __name__ == "__main__":
    sys.exit(main())
