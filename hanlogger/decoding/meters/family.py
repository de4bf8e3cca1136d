"""Families of meters: how the messages of each are recognised, and what they do not state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from hanlogger.decoding import rows
from hanlogger.decoding.axdr import Value
from hanlogger.decoding.rows import Row
from hanlogger.decoding.units import Quantity
from hanlogger.model import Civil, ClockRule

Body = Sequence[Value]
Factors = Mapping[Quantity, Decimal]


def _find_no_factors(_: Sequence[Row]) -> Factors:
    return {}


def _accept_none(_: Sequence[Row]) -> bool:
    return False


def _accept_always(_: Civil) -> bool:
    return True


class Limit(NamedTuple):
    """A limit on raw numbers by which a family tells two scales apart, for rows with these groups C and D."""

    c: Sequence[int]
    d: int
    highest: int  # of the one scale; a larger number is of the other


def exceeds(given: Sequence[Row], limit: Limit) -> bool:
    """Tell whether any of the rows of a limit is above it."""
    return max(get_raw_values(given, limit.c, limit.d), default=0) > limit.highest


class Family(NamedTuple):
    """A row of the table of families. What a message states always wins over it."""

    name: str
    knows: Callable[[Body], bool]
    rows: Callable[[Body], list[Row]] = rows.find_rows
    factors: Callable[[Sequence[Row]], Factors] = _find_no_factors  # of raw values without a scaler
    scale_varies: Collection[Quantity] = ()  # quantities that mean nothing without a scaler or a factor
    clock_rule: ClockRule = "normal-time"  # of a clock without a deviation
    trusts_deviation: bool = True
    limits: Sequence[Limit] = ()  # nothing else above depends on the numbers of a message
    hourly: Callable[[Sequence[Row]], bool] = _accept_none  # whether energies belong to the full hour
    at_full_hour: Callable[[Civil], bool] = _accept_always  # whether they do at this clock


GENERIC = Family("", lambda _: True, scale_varies=("energy", "current", "voltage", "frequency"))
"""An unknown maker. Powers are in W wherever a list has no scalers; other quantities count in units of their own."""


def find_list_id(body: Body) -> str:
    """Return the first text of a message, by which most families name themselves; "" where there is none."""
    first = body[0] if body else None
    if isinstance(first, list) and len(first) > 1:
        first = first[1]
    elif rows.is_code(first) and len(body) > 1:
        first = body[1]
    if isinstance(first, bytes):
        return first.decode("latin-1")
    return first if isinstance(first, str) else ""


def match_names(*names: str) -> Callable[[Body], bool]:
    """Make a function that tells whether the list id of a body begins with one of `names`."""
    return lambda body: find_list_id(body).startswith(names)


def get_raw_values(given: Sequence[Row], c: Sequence[int], d: int) -> list[int]:
    """Return the raw numbers of rows with these groups C and D."""
    return [
        row.value for row in given if row.obis and row.obis.c in c and row.obis.d == d and isinstance(row.value, int)
    ]


def is_hourly_list(given: Sequence[Row]) -> bool:
    """Tell whether a list with an id has a clock row and energies: it is the hourly one among others without them."""
    codes = {row.obis[2:5] for row in given if row.obis}
    return {(0, 2, 129), (1, 0, 0), (1, 8, 0)} <= codes
