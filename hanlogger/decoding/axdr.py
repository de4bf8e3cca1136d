"""Decoding A-XDR values (docs/protocol.md C.4): numbers are int or Decimal, octet strings bytes, texts str, lists list.

A structure may begin with an attribute descriptor, which has no tags (Czech meters):

    02 02 | class 2 | logical name 6 | attribute 1 | value

Bounded: reading past the end is an error at once, lists are at most DEEPEST deep and have no more elements than octets
are left.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from hanlogger.errors import DecodeError
from hanlogger.wire import date_time
from hanlogger.wire.ber import read_ber_length

Value: TypeAlias = "int | Decimal | str | bytes | Attribute | list[Value] | None"

DEEPEST = 16
ATTRIBUTE_OCTETS = 9
_DESCRIBED = re.compile(rb"\x02\x02\0[\x01-\x7f][\0-\x09]....\xff[\x01-\x14][\0-\x1b]", re.DOTALL)
_NULL, _BITS = 0x00, 0x04
LISTS = (0x01, 0x02)  # array, structure
OCTET_STRING, TEXTS = 0x09, (0x0A, 0x0C)
_INTEGERS = {  # tag: octets, signed
    0x03: (1, False),  # boolean
    0x05: (4, True),
    0x06: (4, False),
    0x0F: (1, True),
    0x10: (2, True),
    0x11: (1, False),
    0x12: (2, False),
    0x14: (8, True),
    0x15: (8, False),
    0x16: (1, False),  # enum
}


class Attribute(NamedTuple):
    """An attribute descriptor: class id, logical name of six octets, and which attribute of that object."""

    class_id: int
    code: bytes
    number: int


class Elements(list["Value"]):
    """An array or a structure; `tags` are those of its elements, one octet each."""

    __slots__ = ("tags",)

    def __init__(self, values: Iterable[Value] = (), tags: bytes = b"") -> None:
        super().__init__(values)
        self.tags = tags


class Place(NamedTuple):
    """The position and form of an integer in the octets of a message."""

    at: int
    octets: int
    signed: bool


class PlacedInteger(int):
    """An integer with the position from which it was read."""

    place: Place


def decode_value(data: bytes, at: int = 0, depth: int = 0, *, placed: bool = False) -> tuple[Value, int]:
    """Return the value that stands at `at`, and where it ends.

    DecodeError for a tag that is none, for lists deeper than DEEPEST or longer than the octets that are left;
    IndexError past the end. With `placed`, each integer carries its position, which a plan is learnt from.
    """
    tag = data[at]
    integer = _INTEGERS.get(tag)
    if integer:
        size, signed = integer
        octets = _take(data, at + 1, size)
        if placed:
            return _read_placed(octets, Place(at + 1, size, signed)), at + 1 + size
        return int.from_bytes(octets, "big", signed=signed), at + 1 + size
    if tag in LISTS:
        return _list(data, at + 1, depth, placed=placed)
    if tag == _NULL:
        return None, at + 1
    if tag in _FIXED:
        size, convert = _FIXED[tag]
        return convert(_take(data, at + 1, size)), at + 1 + size
    if tag == _BITS:
        return _read_bits(data, at + 1)
    if tag not in _SIZED:
        raise DecodeError(f"a value of the unknown type, tag {tag:02x}")
    size, at = read_ber_length(data, at + 1)
    return _SIZED[tag](_take(data, at, size)), at + size


def _read_placed(octets: bytes, place: Place) -> PlacedInteger:
    number = PlacedInteger.from_bytes(octets, "big", signed=place.signed)
    number.place = place
    return number


def _take(data: bytes, at: int, size: int) -> bytes:
    octets = data[at : at + size]
    if len(octets) != size:
        raise DecodeError("it ends within a value")
    return octets


def _list(data: bytes, at: int, depth: int, *, placed: bool) -> tuple[Elements, int]:
    begin, (count, at) = at, read_ber_length(data, at)
    if depth >= DEEPEST or count > len(data) - at:
        raise DecodeError(
            "its lists stand too deep in each other"
            if depth >= DEEPEST
            else "it counts more elements than it has octets"
        )
    values, tags = Elements(), bytearray()
    if found := find_attribute(data, begin - 1):
        values.append(found)
        tags.append(_NULL)
        at += ATTRIBUTE_OCTETS
    for _ in range(count - len(values)):
        tags.append(data[at])
        value, at = decode_value(data, at, depth + 1, placed=placed)
        values.append(value)
    values.tags = bytes(tags)
    return values, at


def find_attribute(data: bytes, at: int) -> Attribute | None:
    """Return the attribute descriptor with which the structure at `at` begins, if it begins with one.

    Its first octet, of a class below 256, would be the tag of null-data; its logical name ends in FF.
    """
    if not _DESCRIBED.match(data, at):
        return None
    start = at + 2
    return Attribute(data[start + 1], data[start + 2 : start + 8], data[start + 8])


def _read_float32(octets: bytes) -> Value:
    """Return the shortest decimal that means this float."""
    (value,) = struct.unpack(">f", octets)
    exact = next((text for n in range(6, 10) if struct.pack(">f", float(text := f"{value:.{n}g}")) == octets), "")
    return Decimal(exact) if math.isfinite(value) else str(value)


def _read_bcd(octet: bytes) -> Value:
    """Return the number of two decimal digits, which is no integer of a plan; the octet itself where it has others."""
    digits = octet.hex()
    return Decimal(digits) if digits.isdecimal() else octet


def _read_float64(octets: bytes) -> Value:
    (value,) = struct.unpack(">d", octets)
    return Decimal(repr(value)) if math.isfinite(value) else str(value)


def _read_bits(data: bytes, at: int) -> tuple[str, int]:
    count, at = read_ber_length(data, at)
    octets = _take(data, at, (count + 7) // 8)
    return "".join([f"{octet:08b}" for octet in octets])[:count], at + len(octets)


def _read_text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


_FIXED: dict[int, tuple[int, Callable[[bytes], Value]]] = {
    0x07: (4, _read_float32),
    0x0D: (1, _read_bcd),
    0x17: (4, _read_float32),
    0x18: (8, _read_float64),
    0x19: (date_time.OCTETS, bytes),
    0x1A: (5, bytes),  # date
    0x1B: (4, bytes),  # time
}
_SIZED: dict[int, Callable[[bytes], Value]] = {OCTET_STRING: bytes, **dict.fromkeys(TEXTS, _read_text)}
