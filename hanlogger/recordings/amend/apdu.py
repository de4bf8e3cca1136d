"""The values within a notification, and where their octets stand (docs/protocol.md C.3, C.4)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NamedTuple

from hanlogger.decoding import axdr
from hanlogger.decoding.axdr import OCTET_STRING, TEXTS
from hanlogger.wire import date_time, notification
from hanlogger.wire.ber import read_ber_length

_CLASS = 2  # octets of an attribute descriptor, before the logical name

_YEARS, _ANY_YEAR = range(1970, 2200), 0xFFFF
_LARGEST = (12, 31, 7, 23, 59, 59, 99)  # month, day, day of the week, hour, minute, second, hundredths
_SPECIAL = 0xFD  # from there on: last day, change of summer time, not specified


class Leaf(NamedTuple):
    """A value that is no list: its tag, and where its octets begin and end."""

    tag: int
    start: int
    end: int


def find_leaves(apdu: bytes) -> Iterator[Leaf]:
    """Find the values of a notification or its body, in order.

    DecodeError, IndexError or ValueError where it is neither.
    """
    yield from _find_within(apdu, notification.find_body(apdu), 0)


def is_time(octets: bytes) -> bool:
    """Tell whether an octet string is a date-time by its length and the range of each part (COSEM Blue Book)."""
    if len(octets) != date_time.OCTETS:
        return False
    year, parts = int.from_bytes(octets[:2], "big"), zip(octets[2:9], _LARGEST, strict=True)
    return (year in _YEARS or year == _ANY_YEAR) and all(part <= most or part >= _SPECIAL for part, most in parts)


def _find_within(data: bytes, at: int, depth: int) -> Generator[Leaf, None, int]:
    """Find the values in the one at `at`, and return where it ends. Of an attribute descriptor the name is a leaf."""
    if data[at] not in axdr.LISTS or depth >= axdr.DEEPEST:
        _, end = axdr.decode_value(data, at)
        start = read_ber_length(data, at + 1)[1] if data[at] in (OCTET_STRING, *TEXTS) else at + 1
        yield Leaf(data[at], start, end)
        return end
    described = axdr.find_attribute(data, at) is not None
    count, at = read_ber_length(data, at + 1)
    if described:
        yield Leaf(OCTET_STRING, at + _CLASS, at + axdr.ATTRIBUTE_OCTETS - 1)
        count, at = count - 1, at + axdr.ATTRIBUTE_OCTETS
    for _ in range(count):
        at = yield from _find_within(data, at, depth + 1)
    return at
