"""What must differ between two servers, each kind by name. A script names the normalisers that a step needs; nothing is
hidden anywhere else. A changed bulk string gets the length `~`, for its length may change with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable

from resp_reader import Value


@dataclass
class Known:
    """What the harness knows about the run: placeholders for ids and addresses of its own connections."""

    ids: dict[bytes, bytes]
    addresses: dict[bytes, bytes]


Edit = Callable[[Value, Known, list[str]], Value]
_edits: dict[str, Edit] = {}


def _named(name: str) -> Callable[[Edit], Edit]:
    def add(edit: Edit) -> Edit:
        _edits[name] = edit
        return edit

    return add


def _with_payload(value: Value, payload: bytes) -> Value:
    if payload == value.payload:
        return value
    return Value(value.kind, value.header[:1] + b"~\r\n", payload)


def _each_text(value: Value, change: Callable[[bytes], bytes]) -> Value:
    if value.children:
        return Value(value.kind, value.header, None, [_each_text(child, change) for child in value.children])
    if value.payload is not None:
        form = value.payload[:4] if value.kind == "=" else b""
        return _with_payload(value, form + change(value.payload[len(form) :]))
    if value.kind in "+-":
        return Value(value.kind, value.header[:1] + change(value.header[1:-2]) + b"\r\n")
    return value


def _each_integer(value: Value, change: Callable[[bytes], bytes]) -> Value:
    if value.children:
        return Value(value.kind, value.header, None, [_each_integer(child, change) for child in value.children])
    if value.kind == ":":
        return Value(":", b":" + change(value.header[1:-2]) + b"\r\n")
    return value


@_named("integer")
def _integer(value: Value, known: Known, options: list[str]) -> Value:
    """Any non-negative integer, as long as it is one."""
    return _each_integer(value, lambda digits: b"<integer>" if digits.isdigit() else digits)


@_named("id")
def _id(value: Value, known: Known, options: list[str]) -> Value:
    """Client ids of the script's connections, as integers or as id=<n>, become <A>, <B>..."""
    value = _each_integer(value, lambda digits: known.ids.get(digits, digits))
    return _each_text(
        value, lambda text: re.sub(rb"\bid=(\d+)", lambda m: b"id=" + known.ids.get(m[1], b"<other>"), text)
    )


@_named("addr")
def _addr(value: Value, known: Known, options: list[str]) -> Value:
    """Addresses of the script's connections and of the server become <A.addr>, <server.addr>..."""

    def change(text: bytes) -> bytes:
        for address in sorted(known.addresses, key=len, reverse=True):
            text = re.sub(re.escape(address) + rb"(?!\d)", known.addresses[address], text)
        return text

    return _each_text(value, change)


@_named("number-text")
def _number_text(value: Value, known: Known, options: list[str]) -> Value:
    """A string that is a decimal number (a time, a count) becomes <number>."""
    return _each_text(value, lambda text: re.sub(rb"^-?\d+(\.\d+)?$", b"<number>", text))


@_named("hex-text")
def _hex_text(value: Value, known: Known, options: list[str]) -> Value:
    """Random hexadecimal strings become <hex of n>."""
    return _each_text(value, lambda text: b"<hex of %d>" % len(text) if re.fullmatch(rb"[0-9a-f]+", text) else text)


@_named("version")
def _version(value: Value, known: Known, options: list[str]) -> Value:
    """A version number a.b.c becomes <version>."""
    return _each_text(value, lambda text: re.sub(rb"\b\d+\.\d+\.\d+\b", b"<version>", text))


@_named("client-fields")
def _client_fields(value: Value, known: Known, options: list[str]) -> Value:
    """Of CLIENT LIST lines, keep these fields in the server's order; id and addresses as in id, addr."""

    def change(text: bytes) -> bytes:
        lines = []
        for line in text.split(b"\n"):
            words = [word for word in line.split(b" ") if word.split(b"=")[0].decode("latin-1") in options]
            lines.append(b" ".join(words) if line else line)
        return b"\n".join(lines)

    return _id(_addr(_each_text(value, change), known, []), known, [])


@_named("client-line")
def _client_line(value: Value, known: Known, options: list[str]) -> Value:
    """Of CLIENT LIST lines, every field stays, the values that depend on time, memory and sockets become _."""
    volatile = rb"\b(age|idle|fd|qbuf|qbuf-free|argv-mem|multi-mem|rbs|rbp|obl|oll|omem|tot-mem|io-thread|tot-net-in|tot-net-out|tot-cmds|read-events|parse-batch-cmd-sum|parse-batch-read-sum|laddr)=[^ \n]*"
    value = _each_text(value, lambda text: re.sub(volatile, rb"\1=_", text))
    return _id(_addr(value, known, []), known, [])


@_named("info-fields")
def _info_fields(value: Value, known: Known, options: list[str]) -> Value:
    """Of INFO, keep these lines, and the section headers where `#` is among them."""

    def change(text: bytes) -> bytes:
        kept = []
        for line in text.split(b"\r\n"):
            key = line.split(b":")[0].decode("latin-1")
            if key in options or (line.startswith(b"#") and "#" in options):
                kept.append(line)
        return b"\r\n".join(kept)

    return _each_text(value, change)


@_named("monitor")
def _monitor(value: Value, known: Known, options: list[str]) -> Value:
    """The time in a MONITOR line, and addresses as in addr."""
    value = _each_text(value, lambda text: re.sub(rb"^\d{10}\.\d{6} ", b"<time> ", text))
    return _addr(value, known, [])


@_named("number-after")
def _number_after(value: Value, known: Known, options: list[str]) -> Value:
    """The non-negative integer behind each of these names in a list of names and values becomes <number>."""
    children = list(value.children)
    for at in range(1, len(children)):
        name = children[at - 1].text()
        if name is not None and name.decode("latin-1") in options and children[at].header[1:-2].isdigit():
            children[at] = Value(":", b":<number>\r\n")
    return Value(value.kind, value.header, value.payload, children)


@_named("pending-times")
def _pending_times(value: Value, known: Known, options: list[str]) -> Value:
    """Entries of XPENDING: how long ago each was delivered becomes <time>."""
    return Value(value.kind, value.header, value.payload, [_timed_entry(child) for child in value.children])


def _timed_entry(value: Value) -> Value:
    """[id, consumer, time, deliveries] and [id, time, deliveries]: the time is the last but one."""
    children = list(value.children)
    if len(children) in (3, 4) and children[-2].header[1:-2].isdigit():
        children[-2] = Value(":", b":<time>\r\n")
    return Value(value.kind, value.header, value.payload, children)


@_named("consumer-times")
def _consumer_times(value: Value, known: Known, options: list[str]) -> Value:
    """XINFO CONSUMERS, and the groups of XINFO STREAM FULL: times become <time>, and what came with Redis 7.2 goes: the
    fields inactive and active-time."""
    children = [_consumer_times(child, known, options) for child in value.children]
    names = [child.text() for child in children]
    kept: list[Value] = []
    for at, child in enumerate(children):
        before = names[at - 1] if at > 0 else None
        if b"pel-count" in names and before == b"pending":
            child = _pending_times(child, known, options)
        if before in (b"idle", b"seen-time") and child.header[1:-2].isdigit():
            child = Value(":", b":<time>\r\n")
        if names[at] not in (b"inactive", b"active-time") and before not in (b"inactive", b"active-time"):
            kept.append(child)
    if len(kept) == len(children):
        return Value(value.kind, value.header, value.payload, kept)
    count = len(kept) // 2 if value.kind == "%" else len(kept)
    return Value(value.kind, b"%s%d\r\n" % (value.kind.encode(), count), value.payload, kept)


@_named("entries-read")
def _entries_read(value: Value, known: Known, options: list[str]) -> Value:
    """What XINFO says of a group's entries-read and lag becomes <count>: of trimmed and deleted entries Redis 7.0 counts
    some that later ones do not."""
    children = [_entries_read(child, known, options) for child in value.children]
    for at in range(1, len(children)):
        if children[at - 1].text() in (b"entries-read", b"lag") and not children[at].children:
            children[at] = Value(":", b":<count>\r\n")
    return Value(value.kind, value.header, value.payload, children)


@_named("stream-id")
def _stream_id(value: Value, known: Known, options: list[str]) -> Value:
    """IDs of stream entries that are made from the time become <id>."""
    return _each_text(value, lambda text: re.sub(rb"^\d{13}-\d+$", b"<id>", text))


@_named("plain")
def _plain(value: Value, known: Known, options: list[str]) -> Value:
    """A string of any form as a simple string, for `until` under both protocols."""
    text = value.text()
    return value if text is None else Value("+", b"+" + text + b"\r\n")


@_named("unordered")
def _unordered(value: Value, known: Known, options: list[str]) -> Value:
    """The elements of the reply come from a hash table: any order is right."""
    return Value(value.kind, value.header, value.payload, sorted(value.children, key=Value.encode))


@_named("inner-unordered")
def _inner_unordered(value: Value, known: Known, options: list[str]) -> Value:
    """The arrays inside the reply come from a hash table: the keys of SCAN."""
    return Value(value.kind, value.header, value.payload, [_unordered(child, known, options) for child in value.children])


@_named("unordered-pairs")
def _unordered_pairs(value: Value, known: Known, options: list[str]) -> Value:
    """Keys with their values come from a hash table: any order of pairs is right."""
    pairs = [value.children[i : i + 2] for i in range(0, len(value.children), 2)]
    pairs.sort(key=lambda pair: pair[0].encode())
    return Value(value.kind, value.header, value.payload, [child for pair in pairs for child in pair])


@_named("unordered-sets")
def _unordered_sets(value: Value, known: Known, options: list[str]) -> Value:
    """Every RESP3 set (and RESP2 array of simple strings only) in the reply, and lists of subcommands, in any order."""
    children = [_unordered_sets(child, known, options) for child in value.children]
    words = bool(children) and all(child.kind == "+" for child in children)
    subcommands = bool(children) and all(child.children and b"|" in (child.children[0].text() or b"") for child in children)
    if value.kind == "~" or words or subcommands:
        children.sort(key=Value.encode)
    return Value(value.kind, value.header, value.payload, children)


@_named("docs-text")
def _docs_text(value: Value, known: Known, options: list[str]) -> Value:
    """The sentences of COMMAND DOCS are each server's own: summary and complexity become <text>. What it says of older
    versions goes: history, and since when there is an argument."""
    children = [_docs_text(child, known, options) for child in value.children]
    for at in range(1, len(children)):
        if children[at - 1].text() in (b"summary", b"complexity") and children[at].kind == "$":
            children[at] = _with_payload(children[at], b"<text>")
    if not children or children[0].text() not in (b"summary", b"name"):
        return Value(value.kind, value.header, value.payload, children)
    gone = (b"history", b"since") if children[0].text() == b"name" else (b"history",)
    pairs = [at for at in range(0, len(children), 2) if children[at].text() not in gone]
    kept = [child for at in pairs for child in children[at : at + 2]]
    count = len(pairs) if value.kind == "%" else len(kept)
    return Value(value.kind, b"%s%d\r\n" % (value.kind.encode(), count), value.payload, kept)


@_named("help-body")
def _help_body(value: Value, known: Known, options: list[str]) -> Value:
    """HELP lists what a server has: the first line, the last two and the types stay, the rest becomes one line."""
    if len(value.children) < 4:
        return value
    inner = {child.kind.encode() for child in value.children[1:-2]}
    body = Value("+", b"+<lines of type %s>\r\n" % b"".join(sorted(inner)))
    return Value(value.kind, b"*~\r\n", None, [value.children[0], body, *value.children[-2:]])


@_named("type-only")
def _type_only(value: Value, known: Known, options: list[str]) -> Value:
    """Contents are each server's own; the type of the reply, and nothing more, stays."""
    return Value("+", b"+<%s>\r\n" % value.kind.encode())


@_named("any-length")
def _any_length(value: Value, known: Known, options: list[str]) -> Value:
    """An array whose length is each server's own: the types of its elements stay, each once."""
    kinds = sorted({child.kind.encode() for child in value.children})
    return Value("+", b"+<%s of %s>\r\n" % (value.kind.encode(), b" ".join(kinds)))


def _any_order(values: list[Value]) -> list[Value]:
    """All replies of the step, in any order: messages for several patterns of one client."""
    return sorted(values, key=Value.encode)


def _names_in_any_order(values: list[Value]) -> list[Value]:
    """Confirmations of an unsubscribe without arguments: the counts keep their order, the names need not."""
    names = sorted((value.children[1] for value in values if len(value.children) == 3), key=Value.encode)
    if len(names) != len(values):
        return values
    return [Value(v.kind, v.header, None, [v.children[0], name, v.children[2]]) for v, name in zip(values, names)]


_step_edits = {"any-order": _any_order, "names-in-any-order": _names_in_any_order}


def normalise_step(values: list[Value], names: list[str], known: Known) -> bytes:
    """The bytes of all replies of a step, to compare after the named normalisers."""
    for name in names:
        if name in _step_edits:
            values = _step_edits[name](values)
    single = [name for name in names if name not in _step_edits]
    return b"".join(normalise(value, single, known) for value in values)


def normalise(value: Value, names: list[str], known: Known) -> bytes:
    """The bytes to compare after the named normalisers, applied in the order given."""
    for name in names:
        base, _, options = name.partition("(")
        if base not in _edits:
            raise ValueError(f"no normaliser is called {base}")
        value = _edits[base](value, known, [option.strip() for option in options.rstrip(")").split(",")])
    return value.encode()


def exists(name: str) -> bool:
    return name in _step_edits or name.partition("(")[0] in _edits
