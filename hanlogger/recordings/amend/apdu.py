"""The values within a notification, and where their octets stand (docs/protocol.md C.3, C.4)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NamedTuple

from hanlogger.decoding import axdr
from hanlogger.wire.ber import ber_length

OCTETS, TEXTS = 0x09, (0x0A, 0x0C)
TIME_OCTETS = 12

_LISTS = (0x01, 0x02)
_CLASS = 2  # octets of an attribute descriptor, before the logical name
_NOTIFICATION, _DATE_TIME_AT = 0x0F, 5
_DATE_TIMES = (b"\x09\x0c", b"\x0c", b"\x19")


class Leaf(NamedTuple):
    """A value that is no list: its tag, and where its octets begin and end."""

    tag: int
    start: int
    end: int


def leaves(apdu: bytes) -> Iterator[Leaf]:
    """Of a data-notification or its body, in order; DecodeError, IndexError or ValueError where it is neither."""
    header = header_time(apdu)
    start = 0 if apdu[0] != _NOTIFICATION else _DATE_TIME_AT + 1 if header is None else header.stop
    yield from _within(apdu, start, 0)


def header_time(apdu: bytes) -> range | None:
    """Where the twelve octets of the notification's own date-time stand, in one of their three forms."""
    if apdu[0] != _NOTIFICATION:
        return None
    form = next((form for form in _DATE_TIMES if apdu.startswith(form, _DATE_TIME_AT)), None)
    start = _DATE_TIME_AT + len(form or b"")
    return None if form is None else range(start, start + TIME_OCTETS)


def is_time(octets: bytes) -> bool:
    """Whether an octet string is a date-time, as far as its form can tell."""
    return len(octets) == TIME_OCTETS and not octets.isalnum()


def _within(data: bytes, at: int, depth: int) -> Generator[Leaf, None, int]:
    """Returns where the value at `at` ends. Of an attribute descriptor the logical name is a leaf."""
    if data[at] not in _LISTS or depth >= axdr.DEEPEST:
        _, end = axdr.read(data, at)
        start = ber_length(data, at + 1)[1] if data[at] in (OCTETS, *TEXTS) else at + 1
        yield Leaf(data[at], start, end)
        return end
    described = axdr.attribute(data, at) is not None
    count, at = ber_length(data, at + 1)
    if described:
        yield Leaf(OCTETS, at + _CLASS, at + axdr.ATTRIBUTE_OCTETS - 1)
        count, at = count - 1, at + axdr.ATTRIBUTE_OCTETS
    for _ in range(count):
        at = yield from _within(data, at, depth + 1)
    return at
