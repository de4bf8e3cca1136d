"""Telegrams of a known shape. A meter sends the same rows again and again: only the first is read row by row.

A shape is all text between the contents of the groups. For the shapes made of plain numbers in units, as Swedish meters
send them, a plan turns the contents into registers at the speed of C; it gives what `p1.read` gives, or nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from itertools import repeat
from typing import NamedTuple

from hanlogger.decoding import clock, p1, units
from hanlogger.model import Obis, Reading, Register

_CONTENT = re.compile(r"\(([^()*\n]*)")
_BETWEEN = re.compile(r"(?:\*([^()*\n]*))?\)[ \t]*\r?\n([^(\n]*)")
_DIGITS = re.compile(r"[-.0-9]*")

_register = partial(tuple.__new__, Register)


class _Plan(NamedTuple):
    """What stands behind which code."""

    clock: int | None  # its place among the rows; the others:
    obis: tuple[Obis, ...]
    powers: tuple[int, ...]
    units: tuple[str, ...]


def read(text: str) -> Reading | None:
    """None where the telegram has other rows than a clock and numbers in units, or anything out of the ordinary."""
    pieces = _CONTENT.split(text[: text.rfind("!")])
    plan, contents = _plan(tuple(pieces[::2])), pieces[1::2]
    if plan is None:
        return None
    civil = None
    if plan.clock is not None:
        printed = contents.pop(plan.clock)
        civil = clock.printed(printed) if printed else None
    if not _DIGITS.fullmatch("".join(contents)):
        return None
    try:
        values = map(Decimal.scaleb, map(Decimal, contents), plan.powers, repeat(units.EXACT))
        return Reading(tuple(map(_register, zip(plan.obis, values, plan.units, repeat(None), strict=False))), civil)
    except InvalidOperation:
        return None


@lru_cache(maxsize=256)
def _plan(between: tuple[str, ...]) -> _Plan | None:
    matches = [_BETWEEN.fullmatch(text) for text in between[1:]]
    if not matches or None in matches:
        return None
    tails = [match[1] or "" for match in matches if match]
    codes = [between[0].rpartition("\n")[2], *(match[2] for match in matches if match)]
    if codes.pop():
        return None
    try:
        columns = [p1.column(code, unit) for code, unit in zip(codes, tails, strict=True)]
    except ValueError:
        return None
    return _of_columns(columns)


def _of_columns(columns: list[p1.Column]) -> _Plan | None:
    clocks = [at for at, column in enumerate(columns) if clock.is_clock(column.obis)]
    numbers = [column for column in columns if not clock.is_clock(column.obis)]
    if len(clocks) > 1 or any(columns[at].unit for at in clocks):
        return None
    if not numbers or not all(column.unit for column in numbers):
        return None
    obis, units_, powers, _ = zip(*numbers, strict=True)
    return _Plan(clocks[0] if clocks else None, obis, powers, units_)
