r"""Points in InfluxDB's line protocol, precision ms.

    measurement,tag=value,tag=value field=1.5,text="say \"hi\"" 1767225610000

Numbers are floats without exponent, so that no field can ever change its type. What InfluxDB would refuse or misread
in a text (a control character, a backslash at a tag's end) is written so that it can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeGuard

from hanlogger.model import Point

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {9: "\\t", 10: "\\n", 13: "\\r"}
_IN_NAMES = str.maketrans({**_CONTROL, ord(","): "\\,", ord("="): "\\=", ord(" "): "\\ "})
_IN_TEXTS = str.maketrans({code: f"\\{text}" for code, text in _CONTROL.items()} | {34: '\\"', 92: "\\\\"})


_LARGEST_EXPONENT = 307  # a larger number is no IEEE 754 double, and InfluxDB answers 400


def is_number(value: Decimal | str) -> TypeGuard[Decimal]:
    """Whether InfluxDB can hold it as a number; else it can only be kept as text."""
    return isinstance(value, Decimal) and value.is_finite() and value.adjusted() <= _LARGEST_EXPONENT


def lines(points: Iterable[Point]) -> bytes:
    """One line for each point, a newline after each; a point without a time gets no timestamp."""
    written: list[str] = []
    time: datetime | None = None
    end = line_end(time)
    for point in points:
        if point.time is not time:
            time = point.time
            end = line_end(time)
        fields = ",".join([f"{name}={field(value)}" for name, value in point.fields])
        written.append(f"{head(point.measurement, point.tags)} {fields}{end}")
    return encoded(written)


def encoded(text: Iterable[str]) -> bytes:
    """In UTF-8; what has no place in it can be read."""
    return "".join(text).encode("utf-8", "backslashreplace")


def line_end(time: datetime | None) -> str:
    """The timestamp and the newline."""
    return "\n" if time is None else f" {(time - _EPOCH) // _MILLISECOND}\n"


def field(value: Decimal | str) -> str:
    """A field's value: a number, or a text in quotes."""
    return f'"{value.translate(_IN_TEXTS)}"' if isinstance(value, str) else number(value)


def number(value: Decimal) -> str:
    """In plain digits, without needless zeros: one form for one number."""
    digits = str(value)  # far faster than a format, and nearly always plain
    return digits if digits.isdigit() else plain(digits) or plain(format(value, "f")) or digits


def plain(digits: str) -> str:
    """Without needless zeros; nothing where there is more than a sign, digits and a point."""
    return _plain(digits) if len(digits) <= _SHORT else _plain.__wrapped__(digits)


_SHORT = 32  # characters that are worth a place in the memory


@lru_cache(maxsize=4096)  # a voltage is soon the same again
def _plain(digits: str) -> str:
    if not digits.replace(".", "", 1).lstrip("-").isdigit():
        return ""
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


@lru_cache(maxsize=4096)
def head(measurement: str, tags: tuple[tuple[str, str], ...]) -> str:
    """Measurement and tags; a tag without a value is left out."""
    pairs = ((_name(key), _name(value)) for key, value in tags)
    return ",".join([_name(measurement), *(f"{key}={value}" for key, value in pairs if key and value)])


def _name(text: str) -> str:
    """A measurement, tag or tag value, escaped. A backslash at its end would escape the separator after it."""
    return text.rstrip("\\").translate(_IN_NAMES)
