"""An incremental RESP2/RESP3 reader that keeps every byte it was given.

A Value knows the exact bytes of its own header line and payload, so that writing it out again yields what was on the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LINE_KINDS = b"+-:_,#("
BULK_KINDS = b"$!="
AGGREGATE_KINDS = b"*~>%|"


class Malformed(Exception):
    """Bytes that no RESP peer may send."""


@dataclass
class Value:
    kind: str
    header: bytes
    payload: bytes | None = None
    children: list[Value] = field(default_factory=list)

    def encode(self) -> bytes:
        body = b"" if self.payload is None else self.payload + b"\r\n"
        return self.header + body + b"".join(child.encode() for child in self.children)

    def text(self) -> bytes | None:
        """The contents of a string of any form, else None."""
        if self.payload is not None:
            return self.payload[4:] if self.kind == "=" else self.payload
        return self.header[1:-2] if self.kind == "+" else None


def _length(header: bytes) -> int:
    digits = header[1:-2]
    if digits == b"-1" or (digits.isdigit() and (digits == b"0" or digits[:1] != b"0")):
        return int(digits)
    raise Malformed(f"bad length in {header!r}")


def read_value(buffer: bytes | bytearray, start: int = 0) -> tuple[Value, int] | None:
    """The value that begins at start and the position after it; None when bytes are still missing."""
    end_of_line = buffer.find(b"\r\n", start)
    if end_of_line < 0:
        return None
    header = bytes(buffer[start : end_of_line + 2])
    kind, position = header[:1], end_of_line + 2
    if kind in LINE_KINDS and kind != b"\r":
        if b"\n" in header[:-2] or b"\r" in header[:-2]:
            raise Malformed(f"a line break inside {header!r}")
        return Value(kind.decode(), header), position
    if kind in BULK_KINDS:
        return _read_bulk(buffer, header, position)
    if kind in AGGREGATE_KINDS:
        return _read_aggregate(buffer, header, position)
    raise Malformed(f"no value begins with {header[:40]!r}")


def _read_bulk(buffer: bytes | bytearray, header: bytes, position: int) -> tuple[Value, int] | None:
    length = _length(header)
    if length == -1:
        return Value(header[:1].decode(), header), position
    if len(buffer) < position + length + 2:
        return None
    if buffer[position + length : position + length + 2] != b"\r\n":
        raise Malformed(f"no line end after the {length} bytes of {header!r}")
    return Value(header[:1].decode(), header, bytes(buffer[position : position + length])), position + length + 2


def _read_aggregate(buffer: bytes | bytearray, header: bytes, position: int) -> tuple[Value, int] | None:
    kind, length = header[:1].decode(), _length(header)
    value = Value(kind, header)
    if kind in "%|":
        length *= 2
    for _ in range(max(length, 0)):
        read = read_value(buffer, position)
        if read is None:
            return None
        child, position = read
        value.children.append(child)
    if kind == "|":  # an attribute belongs to the value behind it
        read = read_value(buffer, position)
        if read is None:
            return None
        child, position = read
        value.children.append(child)
    return value, position


def encode_command(arguments: list[bytes]) -> bytes:
    parts = [b"*%d\r\n" % len(arguments)]
    parts += [b"$%d\r\n%s\r\n" % (len(argument), argument) for argument in arguments]
    return b"".join(parts)


_NAMED = {0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t", 0x5C: "\\\\"}


def escaped(data: bytes) -> str:
    """Printable ASCII as it is, all else as backslash escapes."""
    return "".join(_NAMED.get(b) or (chr(b) if 0x20 <= b < 0x7F else f"\\x{b:02x}") for b in data)


def unescaped(text: str) -> bytes:
    """The inverse of escaped()."""
    out, position = bytearray(), 0
    simple = {"r": 13, "n": 10, "t": 9, "a": 7, "b": 8, "\\": 92, '"': 34, "'": 39}
    while position < len(text):
        if text[position] != "\\":
            out += text[position].encode()
            position += 1
        elif text[position + 1] == "x":
            out.append(int(text[position + 2 : position + 4], 16))
            position += 4
        else:
            out.append(simple[text[position + 1]])
            position += 2
    return bytes(out)
