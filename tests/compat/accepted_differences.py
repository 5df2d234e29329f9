"""The list of differences from Redis 7.0.15 that are meant, each with our exact bytes and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ACCEPTED = Path(__file__).parent / "accepted_differences.txt"


@dataclass(frozen=True)
class Accepted:
    ours: str
    reason: str
    line: int


Key = tuple[str, str, str]


def load_accepted(path: Path = ACCEPTED) -> dict[Key, Accepted]:
    """(script, protocol, step label) -> what we answer there."""
    found: dict[Key, Accepted] = {}
    protocols: tuple[str, ...] = ()
    name, step, ours, start, reason = "", "", "", 0, ""
    for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
        word, _, rest = line.partition(": ")
        if line.startswith("#"):
            continue
        if line.startswith("["):
            name, _, which = line.partition("]")
            name, start, step, ours, reason = name[1:], number, "", "", ""
            protocols = ("resp2", "resp3") if which.strip() == "both" else (which.strip(),)
        elif word.rstrip(":") == "reason":
            reason = rest
        elif word == "step":
            step = rest
        elif word.rstrip(":") == "ours":
            ours += rest
        elif not line.strip() and name:
            if not (step and reason) or not set(protocols) <= {"resp2", "resp3"}:
                raise ValueError(f"{path.name}:{start}: needs step, ours and reason, and resp2, resp3 or both")
            for protocol in protocols:
                if (name, protocol, step) in found:
                    raise ValueError(f"{path.name}:{start}: listed twice: {name} {protocol} {step}")
                found[name, protocol, step] = Accepted(ours, reason, start)
            name = ""
        elif line.strip():
            raise ValueError(f"{path.name}:{number}: cannot read {line}")
    return found
