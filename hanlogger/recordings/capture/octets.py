r"""Octets as text. A character that quoting, Markdown or a mail program may change is escaped: space, `@#<>|\`"'~`."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 96  # characters in a line, so that it fits into 100 when it is indented and quoted
HEX_OCTETS = 32  # octets in a line of hex
MOSTLY = 0.75  # share of printable octets from which on a read is written as text

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$%&()*+,-./:;=?[]^_{}")
_NAMED = {0x0D: r"\r", 0x0A: r"\n", 0x5C: r"\\"}
_READABLE = bytes(_PLAIN) + b"\r\n "
_WRITTEN = [chr(octet) if octet in _PLAIN else _NAMED.get(octet, rf"\x{octet:02x}") for octet in range(256)]
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_GOOD = re.compile(rf"(?:[{re.escape(bytes(sorted(_PLAIN)).decode())}]++|\\(?:[rn\\]|x[0-9A-Fa-f]{{2}}))*+")
_UNIT = re.compile(r"\\x..|\\.|.", re.DOTALL)


def is_text(data: bytes) -> bool:
    """Return whether so many octets are printable that text is easier to read than hex."""
    return len(data.translate(None, _READABLE)) <= (1 - MOSTLY) * len(data)


def as_text(data: bytes) -> Iterator[str]:
    """Yield the lines of octets as text, which end at each line feed."""
    for octets in _LINE.findall(data):
        line = octets.decode("latin-1").translate(_WRITTEN)
        yield from [line] if len(line) <= WIDTH else _wrap(line)


def _wrap(line: str) -> Iterator[str]:
    """Yield a line cut behind each WIDTH characters, or behind the octet that stands there."""
    piece = ""
    for unit in _UNIT.findall(line):
        piece += unit
        if len(piece) >= WIDTH:
            yield piece
            piece = ""
    if piece:
        yield piece


def as_hex(data: bytes) -> Iterator[str]:
    """Yield the lines of octets in hex: eight groups of four octets each."""
    for at in range(0, len(data), HEX_OCTETS):
        yield data[at : at + HEX_OCTETS].hex(" ", -4)


def from_text(text: str) -> bytes:
    """Return the octets of text lines; ValueError if there is something that `as_text` does not write."""
    text = "".join(text.split())
    good = _GOOD.match(text)
    if good and good.end() < len(text):
        wrong = _UNIT.match(text, good.end())
        raise ValueError(f"{wrong[0] if wrong else ''} stands for no octet")
    return text.encode("ascii").decode("unicode_escape").encode("latin-1") if "\\" in text else text.encode("ascii")


def from_hex(text: str) -> bytes:
    """Return the octets of hex lines; ValueError for anything but pairs of digits."""
    return bytes.fromhex("".join(text.split()))
