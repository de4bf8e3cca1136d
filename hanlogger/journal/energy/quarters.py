"""The intervals of quarters of an hour: what of them changes when readings come or go, and what is to be delivered.

Each function is part of a read or a transaction, on the connection that it is given. Spans are not kept: they are cut
anew from the readings between two known borders (hanlogger.intervals.counts), so that nothing can contradict itself.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from hanlogger.intervals import Quality
from hanlogger.intervals.counts import Pieces, cut_levels, drop_running
from hanlogger.intervals.levels import QUARTER_MS, Level, choose_levels, number_quarter
from hanlogger.journal.energy.days import (
    DAY,
    FIRST_QUARTER,
    LAST_QUARTER,
    Series,
    delete_days,
    find_day,
    replace_levels,
    select_columns,
    select_levels,
)
from hanlogger.journal.model import EXPORT, IMPORT

RUN = 96  # quarters without a change that separate two runs; no less than a day has


class Amount(NamedTuple):
    """The energy of the spans of one quality that begin in one quarter."""

    direction: int  # IMPORT or EXPORT
    quarter: int  # its number since 1970
    quality: Quality
    watt_hours: Decimal
    milliseconds: int  # that they cover


class Change(NamedTuple):
    """What of the intervals is not as it was."""

    quarters: frozenset[int]  # in which spans begin, or began, that are changed
    gone: frozenset[tuple[int, int, Quality]]  # direction, quarter and quality of which there is nothing any more

    def __or__(self, other: Change) -> Change:
        """Return both changes, `other` being the later."""
        return Change(self.quarters | other.quarters, self.gone | other.gone)


NO_CHANGE = Change(frozenset(), frozenset())


def merge_levels(connection: sqlite3.Connection, meter: str, direction: int, levels: Iterable[Level]) -> Change:
    """Add readings of a register to those that are kept; return what that changes."""
    series = Series(meter, direction)
    by_day: defaultdict[int, list[Level]] = defaultdict(list)
    for level in levels:
        by_day[find_day(number_quarter(level.at))].append(level)
    merged = {}
    changed: set[int] = set()
    for day, new in by_day.items():
        before = select_levels(connection, series, day)
        merged[day] = _choose([*before, *new])
        changed |= {number_quarter(level.at) for level in set(before) ^ set(merged[day])}
    return _replace(connection, series, merged, changed)


def delete_levels(connection: sqlite3.Connection, meter: str, start: int, end: int) -> Change:
    """Delete the readings of a meter from `start` up to before `end`, in ms; return what that changes."""
    first, last = (min(max(number_quarter(at), FIRST_QUARTER), LAST_QUARTER) for at in (start, end))
    change = NO_CHANGE
    for series in (Series(meter, IMPORT), Series(meter, EXPORT)):
        before = _select_amounts(connection, series, first, last)
        for day in {find_day(first), find_day(last)}:
            kept = [each for each in select_levels(connection, series, day) if not start <= each.at < end]
            replace_levels(connection, series, day, kept)
        delete_days(connection, series, find_day(first) + DAY, find_day(last))
        change |= _compare(series, before, _select_amounts(connection, series, first, last))
    return change


def select_amounts(connection: sqlite3.Connection, meter: str, first: int, last: int) -> list[Amount]:
    """Return the amounts of the spans that begin in the quarters from `first` to `last`; not of what still grows."""
    return [
        Amount(direction, *key, *amount)
        for direction in (IMPORT, EXPORT)
        for key, amount in _select_amounts(connection, Series(meter, direction), first, last).items()
        if first <= key[0] <= last
    ]


def select_pieces(connection: sqlite3.Connection, meter: str, direction: int, start: int, end: int) -> Pieces:
    """Return the spans of a direction that reach into a time from `start` up to `end`, in ms; the growing one too."""
    quarters = number_quarter(start + 1), number_quarter(end)
    levels, _ = select_columns(connection, Series(meter, direction), *quarters)
    return {ends: wh for ends, wh in cut_levels(levels).items() if ends[1] > start and ends[0] < end}


def leave_out(change: Change, start: int, end: int) -> Change:
    """Return a change without the quarters that begin from `start` up to before `end`, in ms."""
    inside = {number for number in change.quarters if start <= number * QUARTER_MS < end}
    return Change(change.quarters - inside, frozenset(each for each in change.gone if each[1] not in inside))


def find_runs(quarters: Iterable[int], apart: int = RUN) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of quarters that are not further apart.

    >>> list(find_runs([1, 2, 3, 9, 10], apart=2))
    [(1, 3), (9, 10)]
    """
    ordered = sorted(quarters)
    cuts = [number for number, (one, other) in enumerate(pairwise(ordered), 1) if other - one > apart]
    for start, end in pairwise((0, *cuts, len(ordered))):
        if start < end:
            yield ordered[start], ordered[end - 1]


_Amounts = dict[tuple[int, Quality], tuple[Decimal, int]]
"""By quarter and quality, the energy in Wh and the length in ms."""


def _choose(levels: Iterable[Level]) -> list[Level]:
    """Return those of one day that are to be kept, of each quarter and device."""
    rows: defaultdict[tuple[int, int], list[Level]] = defaultdict(list)
    for level in levels:
        rows[number_quarter(level.at), level.device].append(level)
    return [level for row in rows.values() for level in choose_levels(row)]


def _replace(
    connection: sqlite3.Connection, series: Series, days: Mapping[int, list[Level]], changed: set[int]
) -> Change:
    """Keep levels by day, where that changes anything in these quarters; return what it changes of the intervals."""
    change = NO_CHANGE
    for first, last in find_runs(changed):
        before = _select_amounts(connection, series, first, last)
        for day in {find_day(quarter) for quarter in changed if first <= quarter <= last}:
            replace_levels(connection, series, day, days[day])
        change |= _compare(series, before, _select_amounts(connection, series, first, last))
    return change


def _select_amounts(connection: sqlite3.Connection, series: Series, first: int, last: int) -> _Amounts:
    """Return by quarter and quality the energy and length of all spans around quarters, up to the known borders."""
    levels, to_the_end = select_columns(connection, series, first, last)
    pieces = cut_levels(levels)
    if levels.times and to_the_end:
        pieces = drop_running(pieces, levels.times[-1])
    amounts: _Amounts = {}
    for (start, end, quality), wh in pieces.items():
        amount, length = amounts.get((start // QUARTER_MS, quality), (Decimal(), 0))
        amounts[start // QUARTER_MS, quality] = (amount + wh, length + end - start)
    return amounts


def _compare(series: Series, before: _Amounts, after: _Amounts) -> Change:
    changed = {quarter for quarter, _ in before.keys() ^ after.keys()}
    changed |= {key[0] for key in before.keys() & after.keys() if before[key] != after[key]}
    return Change(frozenset(changed), frozenset((series.direction, *key) for key in before.keys() - after.keys()))
