"""Two transcripts of one script side by side: the steps where they differ, and whether the difference is accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from accepted_differences import Accepted, Key
from corpus_format import Script
from script_runner import Outcome, Patience, play
from server_pair import ServerPair

_NOTHING = "<step not reached>"


@dataclass
class Difference:
    key: Key
    reference: str
    ours: str
    complaint: str

    def __str__(self) -> str:
        name, protocol, step = self.key
        return f"{name} [{protocol}]  {self.complaint}\n  step   {step}\n  redis  {shorten(self.reference)}\n  ours   {shorten(self.ours)}\n"


def shorten(text: str, limit: int = 1200) -> str:
    """For people: long runs of one character by number, and no more than the limit."""
    text = re.sub(r"(.)\1{40,}", lambda run: f"{run[1]}{{{len(run[0])} times}}", text)
    return text if len(text) <= limit else f"{text[: limit // 2]} ...({len(text)} characters)... {text[-limit // 2 :]}"


def differences(key_of: tuple[str, str], reference: list[Outcome], ours: list[Outcome], accepted: dict[Key, Accepted]) -> list[Difference]:
    """Every step that differs without leave, or has leave to differ and does not, or differs in another way."""
    found: list[Difference] = []
    for theirs, mine in zip_longest(reference, ours):
        if found and (mine is None or theirs is None):
            break  # one run ended early, and the step before says why
        label = (theirs or mine).label
        left = theirs.shown() if theirs else _NOTHING
        right = mine.shown() if mine else _NOTHING
        key = (*key_of, label)
        entry = accepted.get(key)
        if theirs and theirs.ending not in ("", "<closed>"):
            found.append(Difference(key, left, right, "is a bad script: the reference itself does not follow it"))
        elif entry is None and left != right:
            found.append(Difference(key, left, right, "differs"))
        elif entry is not None and left == right:
            found.append(Difference(key, left, right, "is listed as an accepted difference but does not differ"))
        elif entry is not None and right != entry.ours:
            found.append(Difference(key, left, right, f"differs, but not as accepted: {shorten(entry.ours)}"))
    return found


def compare(script: Script, protocol: str, servers: ServerPair, patience: dict[str, Patience], accepted: dict[Key, Accepted]) -> tuple[list[Difference], list[Outcome], list[Outcome]]:
    servers.revive()
    reference = play(script, protocol, servers.reference, patience["reference"])
    ours = play(script, protocol, servers.ours, patience["ours"])
    return differences((script.name, protocol), reference, ours, accepted), reference, ours
