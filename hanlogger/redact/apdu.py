"""Hiding the numbers of meters in notifications (protocol.md D).

Every text and octet string may be one, whatever its place and code, so every one is hidden but codes, times, the names
of lists and types, and texts with few digits. Numbers are hidden where their code says that they are a name.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from hanlogger.decoding import axdr
from hanlogger.decoding.link import ber_length
from hanlogger.redact.mask import Mask

_LISTS = (0x01, 0x02)
_NUMBERS = (0x05, 0x06, 0x11, 0x12, 0x14, 0x15)
_OCTETS, _TEXTS = 0x09, (0x0A, 0x0C)
_CODE, _TIME = 6, 12  # octets
_FEW_DIGITS = 6
_DATE_TIMES = (b"\x09\x0c", b"\x0c", b"\x19")
_NOTIFICATION, _DATE_TIME_AT = 0x0F, 5


class _Leaf(NamedTuple):
    """A value that is no list: its tag stands at `start`, its octets go from `at` up to `end`."""

    tag: int
    at: int
    end: int


def hide(apdu: bytes, mask: Mask) -> bytes:
    """A data-notification or its body, as long as before; DecodeError, IndexError or ValueError where it is none."""
    new = bytearray(apdu)
    code = b""
    for tag, at, end in _leaves(apdu, _body_at(apdu), 0):
        octets = apdu[at:end]
        if tag == _OCTETS and len(octets) == _CODE and not octets.isalnum():
            code = octets
            continue
        if tag in (_OCTETS, *_TEXTS) and _is_name(tag, octets, code):
            new[at:end] = mask(octets)
        elif tag in _NUMBERS and _names_a_meter(code):
            new[at:end] = bytes(end - at)
        code = b""
    return bytes(new)


def _body_at(apdu: bytes) -> int:
    if apdu[0] != _NOTIFICATION:
        return 0
    form = next((form for form in _DATE_TIMES if apdu.startswith(form, _DATE_TIME_AT)), None)
    return _DATE_TIME_AT + (1 if form is None else len(form) + _TIME)


def _leaves(data: bytes, at: int, depth: int) -> Generator[_Leaf, None, int]:
    """All values that are no lists, in order; returns where the value at `at` ends."""
    if data[at] not in _LISTS or depth >= axdr.DEEPEST:
        _, end = axdr.read(data, at)
        start = ber_length(data, at + 1)[1] if data[at] in (_OCTETS, *_TEXTS) else at + 1
        yield _Leaf(data[at], start, end)
        return end
    count, at = ber_length(data, at + 1)
    for _ in range(count):
        at = yield from _leaves(data, at, depth + 1)
    return at


def _is_name(tag: int, octets: bytes, code: bytes) -> bool:
    if _names_a_meter(code):
        return True
    if _names_a_type(code) or (tag == _OCTETS and len(octets) == _TIME and not octets.isalnum()):
        return False
    text = octets.rstrip(b"\0")
    is_text = text.isascii() and text.decode().isprintable()
    return not is_text or sum(map(str.isdigit, text.decode())) >= _FEW_DIGITS


def _names_a_type(code: bytes) -> bool:
    """x-x:0.2.x, the list; x-x:96.1.7 and Kamstrup's 1-1:96.1.1, the type; 0-0:96.1.4, the version."""
    return code[2:4] == b"\x00\x02" or code[2:5] in (b"\x60\x01\x07", b"\x60\x01\x04") or _is_kamstrups_type(code)


def _names_a_meter(code: bytes) -> bool:
    """x-x:0.0.x, 42.0.x, and 96.1.x where it is no type."""
    if code[2:4] in (b"\x00\x00", b"\x2a\x00"):
        return True
    return code[2:4] == b"\x60\x01" and not _names_a_type(code)


def _is_kamstrups_type(code: bytes) -> bool:
    return code[:5] == b"\x01\x01\x60\x01\x01"
