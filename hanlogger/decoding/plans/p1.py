"""Find where the numbers stand in telegrams whose rows are padded with zeros, as nearly all meters send them.

Rows that are no number in a unit, such as the number of the meter, belong to the shape: a telegram in which they differ
has another shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from hanlogger.decoding import p1, units
from hanlogger.decoding.plans.memory import Varying
from hanlogger.decoding.plans.places import PRINTED, STAMP, Number, Places, Time
from hanlogger.model import Reading

_NUMBER = re.compile(rb"([^(]+)(?:\((\d{12})[SW]?\))?\((-?\d+(?:\.\d+)?)(?:\*([^()*]*))?\)")
_CLOCK = re.compile(rb"[^(]+\((\d{12})[SW]?\)")
_CODE, _OWN_TIME, _DIGITS, _UNIT = range(1, 5)
_LONGEST = 30  # digits


class _Line(NamedTuple):
    """A line of a telegram, where it stands, and what it says alone."""

    at: int
    octets: bytes
    says: Reading


def find_places(content: bytes, reading: Reading) -> Places | None:
    """Return where the numbers stand in a telegram that was decoded; None where a plan could not be relied on.

    A telegram has no plan where a row decoded alone gives another result than within it, such as a closed period's.
    """
    start, end = content.find(b"\n"), content.find(b"!")
    whole = content.startswith(b"/") and content.count(b"!") == 1 and not (reading.unread or reading.closed)
    if not whole or b"\r" in content[: start - 1] or b"\r" in content[start:end].replace(b"\r\n", b"\n"):
        return None
    lines = list(_split_lines(content, start + 1, end))
    clocks = [line for line in lines if line.says.clock is not None]
    if tuple(row for line in lines for row in line.says.registers) != reading.registers:
        return None
    if [line.says.clock for line in clocks] != [reading.clock] * (reading.clock is not None):
        return None
    clock_at = [(line, match) for line in clocks if (match := _CLOCK.fullmatch(line.octets))]
    if len(clock_at) != len(clocks):
        return None
    numbers, times = _find_rows(lines)
    behind = end + 1
    others = [Varying(1, start - 1), Varying(behind, len(content) - behind)]  # identification, checksum
    others += [Varying(line.at + match.start(1), STAMP, digits=True) for line, match in clock_at]
    clock = next(((line.at + match.start(1), match.end() - 1 - match.start(1)) for line, match in clock_at), None)
    return Places(numbers, times, clock, slice(start, end), others) if numbers else None


def _split_lines(content: bytes, at: int, end: int) -> Iterator[_Line]:
    for octets in content[at:end].split(b"\n"):
        line = octets.removesuffix(b"\r")
        if line:
            yield _Line(at, line, p1.decode_telegram(line.decode("latin-1")))
        at += len(octets) + 1


def _find_rows(lines: Sequence[_Line]) -> tuple[list[Number], list[Time]]:
    """Return the numbers of rows, and the times of those that have one of their own."""
    numbers: list[Number] = []
    times: list[Time] = []
    row = 0
    for line in lines:
        match = _NUMBER.fullmatch(line.octets)
        if match and _is_number(line.says, match):
            numbers.append(_make_number(row, line.at, match))
            if match[_OWN_TIME]:
                start = match.start(_OWN_TIME)
                times.append(Time(row, line.at + start, line.octets.index(b")", start) - start))
        row += len(line.says.registers)
    return numbers, times


def _is_number(says: Reading, match: re.Match[bytes]) -> bool:
    """Tell whether a row is one number, and its time, if it has one, is the first of its two groups."""
    if len(says.registers) != 1 or len(match[_DIGITS]) > _LONGEST:
        return False
    [register] = says.registers
    return isinstance(register.value, Decimal) and (register.time is not None) == (match[_OWN_TIME] is not None)


def _make_number(row: int, at: int, match: re.Match[bytes]) -> Number:
    power = p1.get_column(match[_CODE].decode("latin-1"), (match[_UNIT] or b"").decode("latin-1")).power
    start, end = match.span(_DIGITS)
    digits = [
        Varying(at + each.start(), len(each[0]), digits=True) for each in re.finditer(rb"\d+", match.string[:end])
    ]
    varying = [each for each in digits if each.at >= at + start]
    decimals = len(match[_DIGITS].partition(b".")[2])
    return Number(row, at + start, end - start, PRINTED, units.scale_by_ten(1, power), decimals, varying)
