"""SQL of the table `energy`: the readings of a register that decide its spans, a row for each day.

A row is of a meter, a direction, a device and a day of UTC, which is known by the number of its first quarter of an
hour. An earlier version wrote a row for each quarter: such a row is read as one of a day of which no more is known, and
is joined with the others of its day as soon as anything is added to them, or by `join_quarters`.

Each function is part of a read or a transaction, on the connection that it is given.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import islice
from operator import ge
from typing import NamedTuple

from hanlogger.intervals.levels import QUARTER_MS, Columns, Level, is_near_border, number_quarter
from hanlogger.journal.checksums import make_insert_sql, make_intact_sql
from hanlogger.journal.model import EXPORT, IMPORT

DAY = 96  # quarters
FIRST_QUARTER, LAST_QUARTER = -(2**62), 2**62
STEP = 500  # rows of quarters that are joined in one transaction, so that appending never waits long

_OF_SERIES = "FROM energy WHERE meter = ? AND direction = ?"
_BETWEEN = f"""
SELECT quarter, device, levels, {make_intact_sql("energy")} {_OF_SERIES} AND quarter BETWEEN ? AND ? ORDER BY quarter
"""
_KNOWN_BEFORE = f"SELECT max(quarter) {_OF_SERIES} AND quarter < ? AND known AND {make_intact_sql('energy')}"
_KNOWN_FROM = f"SELECT min(quarter) {_OF_SERIES} AND quarter >= ? AND known AND {make_intact_sql('energy')}"
_PUT = make_insert_sql("energy", "INSERT OR REPLACE")
_DELETE = f"DELETE {_OF_SERIES} AND quarter BETWEEN ? AND ?"
_ENDS = "SELECT min(quarter), max(quarter) FROM energy WHERE meter = ?"
_OF_QUARTERS = f"SELECT meter, direction, quarter FROM energy WHERE quarter % {DAY} <> 0 LIMIT {STEP}"  # noqa: S608 constants
_CORRUPT = "the journal had corrupt intervals of %s: what is left of them is as if nothing had come on these days"

log = logging.getLogger(__name__)
_told: set[str] = set()


class Series(NamedTuple):
    """What a register is of."""

    meter: str
    direction: int  # IMPORT or EXPORT


class _Row(NamedTuple):
    """The levels of one device on a day, or in a quarter of an hour, as they stand in the table."""

    quarter: int  # the first
    device: int
    levels: str  # by time, ms since the beginning of the quarter and Wh: `8000 1234567;898000 1234980`


def find_day(quarter: int) -> int:
    """Return the first quarter of the day that a quarter is in.

    >>> find_day(95), find_day(96)
    (0, 96)
    """
    return quarter - quarter % DAY


def select_columns(connection: sqlite3.Connection, series: Series, first: int, last: int) -> tuple[Columns, bool]:
    """Return the levels that decide the spans of quarters, and whether they reach to the newest of all.

    Those of the known days before and after are among them, from which spans of earlier and later quarters may come.
    """
    begin, end = find_day(first), find_day(last) + DAY
    (known,) = connection.execute(_KNOWN_BEFORE, (*series, begin)).fetchone()
    (until,) = connection.execute(_KNOWN_FROM, (*series, end)).fetchone()
    start = FIRST_QUARTER if known is None else find_day(known)
    stop = LAST_QUARTER if until is None else find_day(until) + DAY - 1
    return _to_columns(_select(connection, series, start, stop)), until is None


def select_levels(connection: sqlite3.Connection, series: Series, day: int) -> list[Level]:
    """Return the levels of a day, of all devices, sorted."""
    return sorted(map(Level, *_to_columns(_select(connection, series, day, day + DAY - 1))))


def replace_levels(connection: sqlite3.Connection, series: Series, day: int, levels: Iterable[Level]) -> None:
    """Keep these levels of a day, and no others."""
    connection.execute(_DELETE, (*series, day, day + DAY - 1))
    by_device: dict[int, list[Level]] = {}
    for level in sorted(levels):
        by_device.setdefault(level.device, []).append(level)
    begin = day * QUARTER_MS
    for device, own in by_device.items():
        text = ";".join(f"{level.at - begin} {level.value.normalize():f}" for level in own)
        connection.execute(_PUT, (*series, day, device, int(any(is_near_border(level.at) for level in own)), text))


def delete_days(connection: sqlite3.Connection, series: Series, first: int, last: int) -> None:
    """Delete all levels of the days from one up to before another, by their first quarters."""
    connection.execute(_DELETE, (*series, first, last - 1))


def select_ends(connection: sqlite3.Connection, meter: str) -> tuple[int, int] | None:
    """Return the first and last quarter of a meter of which anything is known."""
    first, last = connection.execute(_ENDS, (meter,)).fetchone()
    if first is None:
        return None
    days = {find_day(first), find_day(last)}
    found = [quarter for day in days for quarter in select_quarters(connection, meter, day, day + DAY - 1)]
    return (min(found), max(found)) if found else (first, last)


def select_quarters(connection: sqlite3.Connection, meter: str, first: int, last: int) -> set[int]:
    """Return the quarters from one to another of which a meter has levels."""
    found: set[int] = set()
    for direction in (IMPORT, EXPORT):
        levels = _to_columns(_select(connection, Series(meter, direction), find_day(first), last))
        found.update(map(number_quarter, levels.times))
    return {quarter for quarter in found if first <= quarter <= last}


def join_quarters(connection: sqlite3.Connection) -> int:
    """Make rows of days of some of the rows of quarters that an earlier version wrote; return the number of days."""
    days = {
        (Series(meter, direction), find_day(quarter)) for meter, direction, quarter in connection.execute(_OF_QUARTERS)
    }
    for series, day in days:
        replace_levels(connection, series, day, select_levels(connection, series, day))
    return len(days)


def _select(connection: sqlite3.Connection, series: Series, first: int, last: int) -> list[_Row]:
    """Return the rows of quarters that are intact."""
    rows = connection.execute(_BETWEEN, (*series, first, last)).fetchall()
    sound = [_Row(*row[:-1]) for row in rows if row[-1]]
    if len(sound) < len(rows) and series.meter not in _told:
        _told.add(series.meter)
        log.error(_CORRUPT, series.meter)
    return sound


def _to_columns(rows: Sequence[_Row]) -> Columns:
    """Return the levels of rows, sorted."""
    times: list[int] = []
    values: list[Decimal] = []
    devices: list[int] = []
    for quarter, device, text in rows:
        begin, parts = quarter * QUARTER_MS, text.replace(";", " ").split(" ")
        times += [begin + int(at) for at in parts[::2]]
        values += map(Decimal, parts[1::2])
        devices += [device] * (len(parts) // 2)
    if any(map(ge, times, islice(times, 1, None))):  # of several devices
        return Columns.of(sorted(map(Level, times, values, devices)))
    return Columns(times, values, devices)
