"""Telegrams of a known shape, for rows that are plain numbers in units, as Swedish meters send them.

Numbers are padded with zeros, so all but their digits stays in place. Without the points the digits of a row stand
together: a number without decimals, whose power of ten belongs to the shape. It gives what `p1.read` gives, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat
from struct import Struct
from typing import NamedTuple

from hanlogger.decoding import clock, p1, units
from hanlogger.decoding.shapes import Memory, Varying, register
from hanlogger.model import Obis, Reading

_ROW = re.compile(rb"^([^(\r\n]+)\((?:(\d{12})([SW]?)|(-?)(\d+(?:\.\d+)?)\*([^()*\r\n]*))\)\r?$", re.MULTILINE)
_CODE, _TIME, _FLAG, _SIGN, _DIGITS, _UNIT = range(1, 7)
_A_DIGIT = 0xF0  # what the digits have in common, and few other characters with them
_PAIRS = 6  # year, month, day, hour, minute, second


class _Plan(NamedTuple):
    """What stands where."""

    rows: slice  # from the end of the identification line to the "!"
    fields: (
        Struct  # of the rows without points: the pairs of digits of the time, if there is one; the digits of each row
    )
    clock: int | None  # where among the fields the pairs begin
    flag: str  # of the time
    obis: Sequence[Obis]
    units: Sequence[str]
    scaled: Sequence[tuple[int, Decimal]]  # numbers that are not what their digits say, and what they are multiplied by


_memory = Memory[_Plan]()


def read(content: bytes) -> Reading | None:
    """None where no telegram of this shape has been learnt."""
    plan = _memory.plan(content)
    if plan is None or content.find(b"\n") != plan.rows.start:
        return None
    try:
        numbers = list(map(int, plan.fields.unpack(content[plan.rows].translate(None, b"."))))
    except ValueError:
        return None
    civil = None
    if plan.clock is not None:
        civil = clock.of_numbers(numbers[plan.clock : plan.clock + _PAIRS], plan.flag)
        del numbers[plan.clock : plan.clock + _PAIRS]
    values = list(map(Decimal, numbers))
    for at, factor in plan.scaled:
        values[at] = units.EXACT.multiply(values[at], factor)
    return Reading(tuple(map(register, zip(plan.obis, values, plan.units, repeat(None), strict=False))), civil)


def learn(content: bytes, reading: Reading) -> Reading:
    """Plan for the shape of this telegram, where there can be a plan. Gives the reading back."""
    rows = list(_ROW.finditer(content))
    if not _is_plain(content, rows, reading):
        return reading
    body = slice(content.index(b"\n"), content.rindex(b"!"))
    varying = [Varying(1, body.start - 1), Varying(body.stop, len(content) - body.stop)]  # identification, checksum
    varying += [Varying(at, size, _A_DIGIT) for row in rows for at, size in _digits(row)]
    _memory.keep(content, varying, _plan(content, body, rows, reading))
    return reading


def _is_plain(content: bytes, rows: Sequence[re.Match[bytes]], reading: Reading) -> bool:
    """Whether these rows are all that the reading was made of, and all numbers have units."""
    times = sum(row[_TIME] is not None for row in rows)
    whole = len(rows) - times == len(reading.registers) > 0 and times == (reading.clock is not None)
    plain = all(row.unit and row.time is None for row in reading.registers)
    return whole and plain and not reading.unread and content.startswith(b"/")


def _digits(row: re.Match[bytes]) -> list[tuple[int, int]]:
    """Where they stand, before the point and behind it."""
    start, end = row.span(_TIME if row[_TIME] else _DIGITS)
    point = row.string.find(b".", start, end)
    return [(start, end - start)] if point < 0 else [(start, point - start), (point + 1, end - point - 1)]


def _plan(content: bytes, body: slice, rows: Sequence[re.Match[bytes]], reading: Reading) -> _Plan:
    times = [at for at, row in enumerate(rows) if row[_TIME]]
    numbers = [row for row in rows if not row[_TIME]]
    return _Plan(
        body,
        _fields(content, body, rows),
        times[0] if times else None,
        rows[times[0]][_FLAG].decode() if times else "",
        [row.obis for row in reading.registers],
        [row.unit for row in reading.registers],
        [(at, factor) for at, row in enumerate(numbers) if (factor := _factor(row)) != 1],
    )


def _factor(row: re.Match[bytes]) -> Decimal:
    """Of a row's digits, from its unit, its point and its sign."""
    column = p1.column(row[_CODE].decode("latin-1"), row[_UNIT].decode("latin-1"))
    return Decimal(f"{row[_SIGN].decode()}1").scaleb(column.power - len(row[_DIGITS].partition(b".")[2]))


def _fields(content: bytes, body: slice, rows: Sequence[re.Match[bytes]]) -> Struct:
    code, end = "", 0
    for row in rows:
        first, *rest = _digits(row)
        start = first[0] - body.start - content.count(b".", body.start, first[0])
        size = first[1] + sum(size for _, size in rest)
        code += f"{start - end}x" + ("2s" * _PAIRS if row[_TIME] else f"{size}s")
        end = start + size
    return Struct(f"{code}{len(content[body].replace(b'.', b'')) - end}x")
