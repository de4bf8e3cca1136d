"""SQL of the table `energy`: of each quarter of an hour the readings of a register that decide its spans.

Each function is part of a read or a transaction, on the connection that it is given. Spans are not kept: they are cut
anew from the readings between two known borders (hanlogger.intervals.counts), so that nothing can contradict itself.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from hanlogger.intervals import Quality
from hanlogger.intervals.counts import NEVER_A_LEAP, Piece, drop_running, make_pieces
from hanlogger.intervals.levels import QUARTER_MS, Level, choose_levels, is_near_border, number_quarter
from hanlogger.journal.checksums import make_insert_sql, make_intact_sql
from hanlogger.journal.model import EXPORT, IMPORT

RUN = 96  # quarters without a change that separate two runs
FIRST_QUARTER, LAST_QUARTER = -(2**62), 2**62
NO_QUARTER = LAST_QUARTER + 1
_NOTHING = Decimal()

_OF_SERIES = "FROM energy WHERE meter = ? AND direction = ?"
_BETWEEN = f"""
SELECT quarter, device, known, levels, {make_intact_sql("energy")}
{_OF_SERIES} AND quarter BETWEEN ? AND ? ORDER BY quarter
"""
_KNOWN_BEFORE = f"SELECT max(quarter) {_OF_SERIES} AND quarter < ? AND known AND {make_intact_sql('energy')}"
_KNOWN_FROM = f"SELECT min(quarter) {_OF_SERIES} AND quarter >= ? AND known AND {make_intact_sql('energy')}"
_OF_ROW = f"SELECT levels {_OF_SERIES} AND quarter = ? AND device = ? AND {make_intact_sql('energy')}"
_PUT = make_insert_sql("energy", "INSERT OR REPLACE")
_DELETE = f"DELETE {_OF_SERIES} AND quarter BETWEEN ? AND ?"
_ENDS = "SELECT min(quarter), max(quarter) FROM energy WHERE meter = ?"
_CORRUPT = "the journal had corrupt intervals of %s: what is left of them is as if nothing had come in these quarters"

log = logging.getLogger(__name__)
_told: set[str] = set()


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


_Row = tuple[int, int, int, str, int]
"""Of a row of the table: quarter, device, whether its last level stands for the border at its end, levels, intact."""

NO_CHANGE = Change(frozenset(), frozenset())


def merge_levels(connection: sqlite3.Connection, meter: str, direction: int, levels: Iterable[Level]) -> Change:
    """Add readings of a register to those that are kept; return what that changes."""
    by_row: defaultdict[tuple[int, int], list[Level]] = defaultdict(list)
    for level in levels:
        by_row[number_quarter(level.at), level.device].append(level)
    rows = {}
    for (quarter, device), new in by_row.items():
        before = _select_row(connection, meter, direction, quarter, device)
        if (chosen := choose_levels([*before, *new])) != before:
            rows[quarter, device] = chosen
    change = NO_CHANGE
    for first, last in find_runs({quarter for quarter, _ in rows}):
        before_run = _select_amounts(connection, meter, direction, first, last + 1)
        for (quarter, device), chosen in rows.items():
            if first <= quarter <= last:
                _put(connection, meter, direction, quarter, device, chosen)
        change |= _compare(direction, before_run, _select_amounts(connection, meter, direction, first, last + 1))
    return change


def delete_levels(connection: sqlite3.Connection, meter: str, start: int, end: int) -> Change:
    """Delete the readings of a meter from `start` up to before `end`, in ms; return what that changes."""
    first, last = (min(max(number_quarter(at), FIRST_QUARTER), LAST_QUARTER) for at in (start, end))
    change = NO_CHANGE
    for direction in (IMPORT, EXPORT):
        before = _select_amounts(connection, meter, direction, first, last + 1)
        for quarter in sorted({first, last}):
            _delete_within(connection, meter, direction, quarter, start, end)
        connection.execute(_DELETE, (meter, direction, first + 1, last - 1))
        change |= _compare(direction, before, _select_amounts(connection, meter, direction, first, last + 1))
    return change


def select_amounts(connection: sqlite3.Connection, meter: str, first: int, last: int) -> list[Amount]:
    """Return the amounts of the spans that begin in the quarters from `first` to `last`; not of what still grows."""
    return [
        Amount(direction, *key, *amount)
        for direction in (IMPORT, EXPORT)
        for key, amount in _select_amounts(connection, meter, direction, first, last).items()
        if first <= key[0] <= last
    ]


def select_pieces(connection: sqlite3.Connection, meter: str, direction: int, start: int, end: int) -> list[Piece]:
    """Return the spans of a direction that reach into a time from `start` up to `end`, in ms; the growing one too."""
    rows, _ = _select_rows(connection, meter, direction, number_quarter(start + 1), number_quarter(end))
    return [piece for piece in cut_rows(rows) if piece.end > start and piece.start < end]


def select_ends(connection: sqlite3.Connection, meter: str) -> tuple[int, int] | None:
    """Return the first and last quarter of a meter of which anything is known."""
    first, last = connection.execute(_ENDS, (meter,)).fetchone()
    return None if first is None else (first, last)


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


def _select_amounts(connection: sqlite3.Connection, meter: str, direction: int, first: int, last: int) -> _Amounts:
    """Return by quarter and quality the energy and length of all spans around quarters, up to the known borders."""
    rows, to_the_end = _select_rows(connection, meter, direction, first, last)
    levels = sorted(level for quarter, device, _, text, _ in rows for level in _read(quarter, device, text))
    pieces = make_pieces(levels)
    amounts: _Amounts = {}
    for piece in drop_running(pieces, levels) if to_the_end else pieces:
        amount, length = amounts.get((piece.quarter, piece.quality), (Decimal(), 0))
        amounts[piece.quarter, piece.quality] = (amount + piece.amount, length + piece.end - piece.start)
    return amounts


def _select_rows(
    connection: sqlite3.Connection, meter: str, direction: int, first: int, last: int
) -> tuple[list[_Row], bool]:
    """Return the rows that decide the spans of quarters, and whether they reach to the newest of all.

    Those of the known quarters before and after are among them, from which spans of earlier and later ones may come.
    """
    series = (meter, direction)
    (known,) = connection.execute(_KNOWN_BEFORE, (*series, first)).fetchone()
    (until,) = connection.execute(_KNOWN_FROM, (*series, last)).fetchone()
    start, end = (FIRST_QUARTER if known is None else known, LAST_QUARTER if until is None else until)
    rows: list[_Row] = connection.execute(_BETWEEN, (*series, start, end)).fetchall()
    intact = [row for row in rows if row[-1]]
    if len(intact) < len(rows) and meter not in _told:
        _told.add(meter)
        log.error(_CORRUPT, meter)
    return intact, until is None


def cut_rows(rows: Sequence[_Row]) -> list[Piece]:
    """Return the spans of a register, by time, as `make_pieces` does of the levels in rows.

    They are cut from one known border to the next, which nearly always is one quarter with two levels of one count:
    then they are the difference to the quarter before, and no level is made.
    """
    pieces: list[Piece] = []
    waiting: list[Level] = []  # since the last known border, with it, where more than that is to be looked at
    border_at, border_value, border_device = 0, _NOTHING, 0  # the last known level
    begin = NO_QUARTER  # the quarter that begins with it
    following = [*(row[0] for row in rows[1:]), NO_QUARTER]
    for (quarter, device, known, text, _), after in zip(rows, following, strict=False):
        ends = known and quarter != after
        if ends and begin == quarter and border_device == device and (plain := _read_plain(text, border_value)):
            at, value = plain
            start, begin = quarter * QUARTER_MS, quarter + 1
            pieces.append(Piece(start, start + QUARTER_MS, value - border_value, "measured"))
            border_at, border_value = start + at, value
            continue
        waiting += [Level(border_at, border_value, border_device)] if begin != NO_QUARTER else []
        waiting += _read(quarter, device, text)
        begin = NO_QUARTER
        if ends:
            waiting.sort()
            pieces += make_pieces(waiting)
            border_at, border_value, border_device = waiting[-1]
            begin, waiting = quarter + 1, []
    return [*pieces, *make_pieces(sorted(waiting))]


def _read_plain(text: str, before: Decimal) -> tuple[int, Decimal] | None:
    """Return the last level of a row with two at most, which rise from the value before; None for any other."""
    parts = text.replace(";", " ").split(" ")
    first, last = Decimal(parts[1]), Decimal(parts[-1])
    return (int(parts[-2]), last) if len(parts) <= 4 and before <= first <= last <= before + NEVER_A_LEAP else None


def _select_row(connection: sqlite3.Connection, meter: str, direction: int, quarter: int, device: int) -> list[Level]:
    row = connection.execute(_OF_ROW, (meter, direction, quarter, device)).fetchone()
    return _read(quarter, device, row[0]) if row else []


def _delete_within(
    connection: sqlite3.Connection, meter: str, direction: int, quarter: int, start: int, end: int
) -> None:
    """Delete the readings of one quarter within a time, and keep the others."""
    rows = connection.execute(_BETWEEN, (meter, direction, quarter, quarter)).fetchall()
    connection.execute(_DELETE, (meter, direction, quarter, quarter))
    for _, device, _, text, intact in rows:
        kept = [each for each in _read(quarter, device, text) if not start <= each.at < end] if intact else []
        if kept:
            _put(connection, meter, direction, quarter, device, kept)


def _put(
    connection: sqlite3.Connection, meter: str, direction: int, quarter: int, device: int, levels: Sequence[Level]
) -> None:
    begin = quarter * QUARTER_MS
    text = ";".join(f"{level.at - begin} {level.value.normalize():f}" for level in levels)
    connection.execute(_PUT, (meter, direction, quarter, device, int(is_near_border(levels[-1])), text))


def _read(quarter: int, device: int, text: str) -> list[Level]:
    begin = quarter * QUARTER_MS
    parts = text.replace(";", " ").split(" ")
    return [Level(begin + int(at), Decimal(value), device) for at, value in zip(parts[::2], parts[1::2], strict=True)]


def _compare(direction: int, before: _Amounts, after: _Amounts) -> Change:
    changed = {quarter for quarter, _ in before.keys() ^ after.keys()}
    changed |= {key[0] for key in before.keys() & after.keys() if before[key] != after[key]}
    return Change(frozenset(changed), frozenset((direction, *key) for key in before.keys() - after.keys()))
