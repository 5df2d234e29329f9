"""The corpus: named scripts in text files. README.md describes the format; this file reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from resp_reader import encode_command, unescaped

CORPUS = Path(__file__).parent / "corpus"
VERBS = ("open", "await", "expect-close", "close", "shutdown", "drain")


class BadScript(Exception):
    """A corpus line that does not follow the format."""


@dataclass
class Step:
    """One line of a script: what one connection does, and what is to be read back."""

    label: str
    connection: str
    verb: str
    payload: str = ""
    count: int | None = None
    closes: bool = False
    until: str | None = None
    normalisers: list[str] = field(default_factory=list)
    fenced: bool = False


@dataclass
class Script:
    name: str
    file: str
    line: int
    configuration: str = "default"
    protocols: tuple[str, ...] = ("resp2", "resp3")
    handshake: bool = True
    fence: bool = True
    steps: list[Step] = field(default_factory=list)


_TOKEN = re.compile(
    r"""\s*(?:(?P<double>"(?:[^"\\]|\\.)*")(?:\*(?P<times>\d+))?"""
    r"""|(?P<single>'(?:[^'\\]|\\.)*')|(?P<bar>\|)(?=\s)|(?P<bare>[^\s"']\S*))(?=\s|$)"""
)


def tokens(text: str) -> list[bytes | None]:
    """The arguments of a command line; None stands for the bar between two commands of a pipeline."""
    found: list[bytes | None] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadScript(f"cannot read arguments at: {text[position:]}")
        if match["double"] is not None:
            found.append(unescaped(match["double"][1:-1]) * int(match["times"] or 1))
        elif match["single"] is not None:
            found.append(match["single"][1:-1].replace("\\'", "'").encode())
        else:
            found.append(None if match["bar"] else match["bare"].encode())
        position = match.end()
    return found


def commands(text: str) -> list[list[bytes]]:
    found: list[list[bytes]] = [[]]
    for token in tokens(text):
        if token is None:
            found.append([])
        else:
            found[-1].append(token)
    return found


def request_bytes(step: Step, payload: str) -> bytes:
    """What the step writes, after variables were put in."""
    if step.verb == "raw":
        return b"".join(token for token in tokens(payload) if token is not None)
    if step.verb == "inline":
        return payload.encode() + b"\r\n"
    return b"".join(encode_command(command) for command in commands(payload))


_STEP = re.compile(
    r"(?P<connection>[A-Z][A-Z0-9]*)(?P<flags>(?:\s+(?:raw|inline|pipe|\[\w+\]|until \"[^\"]*\"|%[\w-]+(?:\([^)]*\))?))*)\s*:(?:\s(?P<payload>.*))?$"
)
_VERB = re.compile(r"(?P<connection>[A-Z][A-Z0-9]*)\s+(?P<verb>" + "|".join(VERBS) + r")(?P<rest>(?:\s+\S+)*)$")
_FLAG = re.compile(r"raw|inline|pipe|\[\w+\]|until \"[^\"]*\"|%[\w-]+(?:\([^)]*\))?")


def parse_step(line: str) -> list[Step]:
    verb = _VERB.match(line)
    if verb is not None:
        step = Step(line, verb["connection"], verb["verb"])
        for word in verb["rest"].split():
            if word.startswith("%"):
                step.normalisers.append(word[1:])
            else:
                step.payload = word
        if step.verb == "await":
            step.count = int(step.payload or 1)
        return [step]
    match = _STEP.match(line)
    if match is None:
        raise BadScript(f"not a step: {line}")
    step = Step(line, match["connection"], "command", match["payload"] or "")
    for flag in _FLAG.findall(match["flags"]):
        if flag in ("raw", "inline", "pipe"):
            step.verb = flag
        elif flag.startswith("%"):
            step.normalisers.append(flag[1:])
        elif flag.startswith("until"):
            step.until = flag[7:-1]
        elif flag == "[close]":
            step.closes = True
        else:
            step.count = int(flag[1:-1])
    if step.payload.startswith("glob "):
        return _glob_steps(step)
    if step.verb == "command" and len(commands(step.payload)) > 1:
        raise BadScript(f"several commands need the word pipe: {line}")
    return [step]


def _glob_steps(step: Step) -> list[Step]:
    """`A: glob PATTERN -> CHANNEL...` subscribes, publishes once to each channel, unsubscribes. RESP3 only."""
    pattern, _, channels = step.payload[5:].partition(" -> ")
    quoted = re.findall(r'"(?:[^"\\]|\\.)*"(?:\*\d+)?|\S+', channels)
    lines = [f"PSUBSCRIBE {pattern}", *(f"PUBLISH {channel} m" for channel in quoted), f"PUNSUBSCRIBE {pattern}"]
    return [Step(f"{step.connection}: {line}", step.connection, "command", line, normalisers=["any-order"]) for line in lines]


def _mark_fences(script: Script) -> None:
    """Decide from the text alone where a fence may follow: not inside MULTI and not while replies are off."""
    multi: dict[str, bool] = {}
    silent: dict[str, bool] = {}
    for step in script.steps:
        who = step.connection
        if step.verb in ("open", "close"):
            multi[who] = silent[who] = False
        if step.verb in ("command", "pipe"):
            for command in commands(step.payload):
                words = [word.upper() for word in command[:3]]
                if words[:1] == [b"MULTI"]:
                    multi[who] = True
                elif words[:1] in ([b"EXEC"], [b"DISCARD"], [b"RESET"]):
                    multi[who] = False
                if words[:2] == [b"CLIENT", b"REPLY"] and len(words) == 3:
                    silent[who] = words[2] == b"OFF"
                elif words[:1] == [b"RESET"]:
                    silent[who] = False
        plain = step.count is None and not step.closes and step.until is None
        if step.verb in VERBS:
            continue
        if plain and silent.get(who):
            step.count = 0
        elif plain and (multi.get(who) or not script.fence):
            step.count = 1
        else:
            step.fenced = plain


def _number_labels(script: Script) -> None:
    seen: dict[str, int] = {}
    for step in script.steps:
        seen[step.label] = seen.get(step.label, 0) + 1
        if seen[step.label] > 1:
            step.label += f"  ({seen[step.label]})"


def _apply_directive(script: Script, line: str) -> None:
    word, _, rest = line[1:].partition(" ")
    if word == "config":
        script.configuration = rest
    elif word == "proto":
        script.protocols = tuple(f"resp{digit}" for digit in rest.split())
    elif word == "raw":
        script.handshake, script.protocols = False, ("resp2",)
    elif word == "nofence":
        script.fence = False
    else:
        raise BadScript(f"unknown directive: {line}")


def parse_corpus(text: str, file: str) -> list[Script]:
    scripts: list[Script] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        try:
            if not line or line.startswith("#"):
                continue
            if line.startswith("== "):
                scripts.append(Script(line[3:].strip(), file, number))
            elif line.startswith("@"):
                _apply_directive(scripts[-1], line)
            else:
                scripts[-1].steps += parse_step(line)
        except (BadScript, IndexError, KeyError, ValueError) as problem:
            raise BadScript(f"{file}:{number}: {problem}") from problem
    for script in scripts:
        _mark_fences(script)
        _number_labels(script)
    return scripts


def load_corpus(folder: Path = CORPUS) -> list[Script]:
    scripts = [script for path in sorted(folder.glob("*.txt")) for script in parse_corpus(path.read_text(), path.name)]
    names: set[str] = set()
    for script in scripts:
        if script.name in names:
            raise BadScript(f"{script.file}:{script.line}: two scripts are called {script.name}")
        names.add(script.name)
    return scripts
