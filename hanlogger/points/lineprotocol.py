r"""Encode points as InfluxDB's line protocol, with timestamps in milliseconds (docs/influxdb.md).

    measurement,tag=value,tag=value field=1.5,text="say \"hi\"" 1767225610000

Numbers are floats without exponent, so that no field can ever change its type. What InfluxDB would refuse or misread
in a text (a control character, a backslash at a tag's end) is replaced by an escape that people can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeGuard

from hanlogger.model import Point

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta()

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {9: "\\t", 10: "\\n", 13: "\\r"}
_IN_NAMES = str.maketrans({**_CONTROL, ord(","): "\\,", ord("="): "\\=", ord(" "): "\\ "})
_IN_TEXTS = str.maketrans({code: f"\\{text}" for code, text in _CONTROL.items()} | {34: '\\"', 92: "\\\\"})

_LARGEST_EXPONENT = 307  # a larger number is no IEEE 754 double, and InfluxDB answers 400
_HEAD = re.compile(rb"(?:[^ \\]|\\.)*")


def is_number(value: Decimal | str) -> TypeGuard[Decimal]:
    """Return whether InfluxDB can hold the value as a number; else it can only be kept as text."""
    return isinstance(value, Decimal) and value.is_finite() and value.adjusted() <= _LARGEST_EXPONENT


def encode_points(points: Iterable[Point]) -> list[bytes]:
    """Return the line of each point, its line feed included; a point without a time gets no timestamp."""
    lines: list[bytes] = []
    time: datetime | None = None
    end = encode_end(time)
    for point in points:
        if point.time is not time:
            time = point.time
            end = encode_end(time)
        fields = ",".join([f"{name}={encode_field(value)}" for name, value in point.fields])
        lines.append(to_octets(f"{encode_head(point.measurement, point.tags)} {fields}") + end)
    return lines


def read_head(line: bytes) -> bytes:
    """Return the octets of a line before its first field: measurement and tags, which name its series."""
    head = line.partition(b" ")[0]
    if b"\\" not in head:  # nearly always, and far faster than a regular expression
        return head
    match = _HEAD.match(line)
    return match[0] if match else b""


def to_octets(text: str) -> bytes:
    """Encode a text in UTF-8; a lone surrogate, which UTF-8 does not have, becomes an escape."""
    return text.encode("utf-8", "backslashreplace")


def encode_end(time: datetime | None) -> bytes:
    """Return the end of a line: the timestamp in milliseconds, where there is one, and the line feed."""
    return b"\n" if time is None else b" %d\n" % ((time - _EPOCH) // _MILLISECOND)


def encode_field(value: Decimal | str) -> str:
    """Return a field's value: a number, or a text in quotes."""
    return f'"{value.translate(_IN_TEXTS)}"' if isinstance(value, str) else encode_number(value)


def encode_number(value: Decimal) -> str:
    """Return a number in plain digits without needless zeros, so that one number has one form."""
    digits = str(value)  # far faster than a format, and nearly always plain
    return digits if digits.isdigit() else shorten_digits(digits) or shorten_digits(format(value, "f")) or digits


def encode_seconds(length: timedelta) -> bytes:
    """Return a length of time in seconds, as `encode_number` writes the exact number."""
    seconds, rest = divmod(abs(length) // _MICROSECOND, 1_000_000)
    sign = b"-" if length < _NOTHING else b""
    return (b"%b%d.%06d" % (sign, seconds, rest)).rstrip(b"0") if rest else b"%b%d" % (sign, seconds)


def shorten_digits(digits: str) -> str:
    """Return digits without needless zeros; "" where there is more than a sign, digits and a point."""
    return _shorten(digits) if len(digits) <= _SHORT else _shorten.__wrapped__(digits)


_SHORT = 32  # characters that are worth a place in the memory


@lru_cache(maxsize=4096)  # the same voltage soon comes again
def _shorten(digits: str) -> str:
    if not digits.replace(".", "", 1).lstrip("-").isdigit():
        return ""
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


@lru_cache(maxsize=4096)
def encode_head(measurement: str, tags: tuple[tuple[str, str], ...]) -> str:
    """Return measurement and tags as they stand before the fields; a tag without a value is left out."""
    pairs = ((_escape(key), _escape(value)) for key, value in tags)
    return ",".join([_escape(measurement), *(f"{key}={value}" for key, value in pairs if key and value)])


def _escape(name: str) -> str:
    """Escape a measurement, tag or tag value. A backslash at its end would escape the separator after it."""
    return name.rstrip("\\").translate(_IN_NAMES)
