"""Plans for telegrams whose rows are plain numbers in units, as Swedish meters send them.

Numbers are padded with zeros, so all but their digits stays in place. Most are printed in thousands of their base unit
with three decimals: without the point they are what they should be. A plan gives what `p1.decode_telegram` gives, or
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from operator import itemgetter
from typing import NamedTuple

from hanlogger.decoding import clock, p1, units
from hanlogger.decoding.plans.memory import Plans, Varying, registers
from hanlogger.model import Obis, Reading

_ROW = re.compile(rb"^([^(\r\n]+)\((?:(\d{12})([SW]?)|(-?)(\d+(?:\.\d+)?)\*([^()*\r\n]*))\)\r?$", re.MULTILINE)
_CODE, _TIME, _FLAG, _SIGN, _DIGITS, _UNIT = range(1, 7)
_A_DIGIT = 0xF0  # what the digits have in common, and few other characters with them
_PAIRS = 6  # year, month, day, hour, minute, second


class _Plan(NamedTuple):
    """What stands where in a telegram of one shape: in its rows, and behind them the same rows without points."""

    rows: slice  # from the end of the identification line to the "!"
    fields: Callable[[str], tuple[str, ...]]  # the pairs of digits of the time, if there is one; each number
    pairs: int  # how many
    flag: str  # of the time
    powers: Sequence[tuple[int, Decimal]]  # numbers that are not what their digits say, and what they are multiplied by
    obis: Sequence[Obis]
    units: Sequence[str]


_plans = Plans[_Plan]()


def decode(content: bytes) -> Reading | None:
    """Decode a telegram by the plan for its shape; None where no such shape has been learnt, or its digits are none."""
    plan = _plans.find(content)
    return _fill_in(plan, content) if plan and _first_line_ends(content, plan.rows.start) else None


def _first_line_ends(content: bytes, at: int) -> bool:
    """Tell whether the identification is one line that ends at `at`: it is the one text of a shape that may be any."""
    return content.find(b"\n") == at and content.find(b"\r", 0, at - 1) < 0


def _fill_in(plan: _Plan, content: bytes) -> Reading | None:
    body = content[plan.rows]
    text = (body + body.translate(None, b".")).decode("latin-1")
    try:
        fields = plan.fields(text)
        pairs = list(map(int, fields[: plan.pairs]))
        values = list(map(Decimal, fields[plan.pairs :]))
    except (ValueError, InvalidOperation):
        return None
    for at, power in plan.powers:
        values[at] = units.EXACT.multiply(values[at], power)
    civil = clock.of_numbers(pairs, plan.flag) if pairs else None
    return Reading(tuple(registers(plan.obis, values, plan.units)), civil)


def learn(content: bytes, reading: Reading) -> None:
    """Keep a plan for the shape of a telegram that was decoded, where there can be a plan.

    A plan that does not give this very reading is not kept.
    """
    body = slice(content.find(b"\n"), content.find(b"!"))
    rows = list(_ROW.finditer(content, body.start + 1))
    if not _is_plain(content, body, rows, reading):
        return
    plan = _plan(content, body, rows, reading)
    if _fill_in(plan, content) != reading or not _first_line_ends(content, body.start):
        return
    behind = body.stop + 1
    varying = [Varying(1, body.start - 1), Varying(behind, len(content) - behind)]  # identification, checksum
    varying += [Varying(at, size, _A_DIGIT) for row in rows for at, size in _digits(row)]
    _plans.keep(content, varying, plan)


def _is_plain(content: bytes, body: slice, rows: Sequence[re.Match[bytes]], reading: Reading) -> bool:
    """Tell whether these rows are all that the telegram has, more than one, and all numbers have units."""
    lines = [line for line in content[body].split(b"\n") if line.strip(b"\r")]
    if not content.startswith(b"/") or content.count(b"!") != 1 or len(lines) != len(rows):
        return False
    times = sum(row[_TIME] is not None for row in rows)
    whole = len(rows) - times == len(reading.registers) > 1 and times == (reading.clock is not None)
    plain = all(row.unit and row.time is None for row in reading.registers)
    return whole and plain and not reading.unread


def _digits(row: re.Match[bytes]) -> list[tuple[int, int]]:
    """Return where the digits of a row stand and how many they are, before the point and behind it."""
    start, end = row.span(_TIME if row[_TIME] else _DIGITS)
    point = row.string.find(b".", start, end)
    return [(start, end - start)] if point < 0 else [(start, point - start), (point + 1, end - point - 1)]


def _plan(content: bytes, body: slice, rows: Sequence[re.Match[bytes]], reading: Reading) -> _Plan:
    times = [row for row in rows if row[_TIME]]
    numbers = [_number(content, body, row) for row in rows if not row[_TIME]]
    starts = [row.start(_TIME) - body.start + 2 * pair for row in times for pair in range(_PAIRS)]
    return _Plan(
        body,
        itemgetter(*[slice(start, start + 2) for start in starts], *[where for where, _ in numbers]),
        len(starts),
        times[0][_FLAG].decode() if times else "",
        [(at, Decimal(1).scaleb(power)) for at, (_, power) in enumerate(numbers) if power],
        [row.obis for row in reading.registers],
        [row.unit for row in reading.registers],
    )


def _number(content: bytes, body: slice, row: re.Match[bytes]) -> tuple[slice, int]:
    """Return where a row's number stands, and its power of ten.

    A number whose unit asks for no more than to leave out its point is taken from the rows without points.
    """
    power = p1.column(row[_CODE].decode("latin-1"), row[_UNIT].decode("latin-1")).power
    start, end = row.start(_SIGN) - body.start, row.end(_DIGITS) - body.start
    decimals = len(row[_DIGITS].partition(b".")[2])
    if not power or power != decimals:
        return slice(start, end), power
    bare = body.stop - body.start + start - content.count(b".", body.start, row.start(_SIGN))
    return slice(bare, bare + end - start - 1), 0
