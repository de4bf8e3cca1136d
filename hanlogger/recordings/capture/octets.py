r"""Octets as text. What quoting, Markdown or a mail program may alter is an escape: a blank, `@#<>|\`"'~`."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 96  # characters a line: indented and quoted it still fits into 100
HEX_OCTETS = 32  # a line
MOSTLY = 0.75  # of a read that are printable: then it is written as text

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$%&()*+,-./:;=?[]^_{}")
_NAMED = {0x0D: r"\r", 0x0A: r"\n", 0x5C: r"\\"}
_WRITTEN = tuple(chr(octet) if octet in _PLAIN else _NAMED.get(octet, rf"\x{octet:02x}") for octet in range(256))
_READ = {**{text: octet for octet, text in enumerate(_WRITTEN)}, **{rf"\x{octet:02x}": octet for octet in range(256)}}
_UNIT = re.compile(r"\\x..|\\.|.", re.DOTALL)


def is_text(data: bytes) -> bool:
    """Whether it reads better as text than as hex."""
    return sum(octet in _PLAIN or octet in b"\r\n " for octet in data) >= MOSTLY * len(data)


def as_text(data: bytes) -> Iterator[str]:
    """Lines: of a telegram one for each row."""
    line = ""
    for octet in data:
        line += _WRITTEN[octet]
        if octet == 0x0A or len(line) >= WIDTH:
            yield line
            line = ""
    if line:
        yield line


def as_hex(data: bytes) -> Iterator[str]:
    """Lines of eight groups of four octets."""
    for at in range(0, len(data), HEX_OCTETS):
        yield data[at : at + HEX_OCTETS].hex(" ", -4)


def from_text(text: str) -> bytes:
    """ValueError where something stands that is never written."""
    units = _UNIT.findall("".join(text.split()))
    try:
        return bytes([_READ[unit if len(unit) < 3 else unit.lower()] for unit in units])
    except KeyError as error:
        raise ValueError(f"{error.args[0]} stands for no octet") from None


def from_hex(text: str) -> bytes:
    """ValueError for anything but pairs of digits."""
    return bytes.fromhex("".join(text.split()))
