"""Energy by interval, as `journal.intervals`: made of what readings say of the registers, and kept long after them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType

from hanlogger.intervals import Span
from hanlogger.intervals.counts import merge_directions
from hanlogger.intervals.levels import QUARTER_MS, Level, number_quarter
from hanlogger.journal.checksums import make_intact_sql
from hanlogger.journal.database import Database
from hanlogger.journal.energy.announcements import MOST
from hanlogger.journal.energy.announcer import Announcer, select_next
from hanlogger.journal.energy.days import DAY, find_day, join_quarters, select_ends
from hanlogger.journal.energy.quarters import (
    NO_CHANGE,
    Amount,
    Change,
    merge_levels,
    select_amounts,
    select_pieces,
)
from hanlogger.journal.model import (
    AGGREGATION,
    EPOCH,
    EXPORT,
    FIRST_MS,
    IMPORT,
    LAST_MS,
    encode_settings,
    from_ms,
    to_ms,
)
from hanlogger.journal.outcomes import move_cursor, select_cursor
from hanlogger.journal.requests import check_unchanged
from hanlogger.journal.retention import Space
from hanlogger.model import Meter

Levels = Mapping[int, Sequence[Level]]
"""Readings of a meter's registers by direction, IMPORT or EXPORT."""

NO_RECORDS: Mapping[int, int | None] = MappingProxyType({})

_METERS = "SELECT DISTINCT meter FROM energy ORDER BY meter"
_OLDEST_KEPT = f"""
SELECT DISTINCT quarter / {DAY} AS day FROM energy WHERE meter = ? AND direction = ? ORDER BY day DESC LIMIT 1 OFFSET ?
"""  # noqa: S608 constants
_DELETE_BEFORE = "DELETE FROM energy WHERE meter = ? AND direction = ? AND quarter < ?"
_KNOWN = f"SELECT 1 FROM destination WHERE name = ? AND {make_intact_sql('destination')}"  # noqa: S608 constants


class Intervals:
    """The intervals of all meters. All methods raise JournalUnavailable."""

    def __init__(self, database: Database, announcer: Announcer, space: Space) -> None:
        self._database, self._announcer, self._space = database, announcer, space

    def get_cursor(self) -> int:
        """Return the id up to which records have been made into intervals; 0 at first."""
        return self._database.read(lambda connection: select_cursor(connection, AGGREGATION))

    def begin(self) -> None:
        """Make known that intervals are made: from now on no frame is deleted by age before it has been looked at."""
        if not self._database.read(lambda connection: connection.execute(_KNOWN, (AGGREGATION,)).fetchone()):
            self._space.write(lambda connection: move_cursor(connection, AGGREGATION, 0))

    def merge(
        self, levels: Iterable[tuple[Meter, Levels]], up_to: int = 0, records: Mapping[int, int | None] = NO_RECORDS
    ) -> None:
        """Add readings of registers, announce to delivery what that changes, and move the cursor up to an id.

        The same readings may be added again, in any order: the intervals are the same. records: by id, the checksums of
        the records that were read; raises RecordsChanged, and adds nothing, unless they still have them.
        """
        added = [(meter, encode_settings(meter), each) for meter, each in levels]

        def work(connection: sqlite3.Connection) -> None:
            check_unchanged(connection, records)
            for meter, settings, by_direction in added:
                change = NO_CHANGE
                for direction, found in by_direction.items():
                    change |= merge_levels(connection, meter.name, direction, found)
                self._announcer.announce(connection, meter.name, settings, change)
            move_cursor(connection, AGGREGATION, up_to)

        self._space.write(work)

    def read_spans(self, meter: str, start: datetime | None = None, end: datetime | None = None) -> list[Span]:
        """Return the spans of a meter that reach into a time from `start` up to `end`, by time.

        The last one may be partial and still grow. One that begins before `start` or ends after `end` is among them,
        as a whole.
        """
        bounds = (FIRST_MS if start is None else to_ms(start), LAST_MS if end is None else to_ms(end))
        pieces = [
            self._database.read(
                partial(select_pieces, meter=meter, direction=direction, start=bounds[0], end=bounds[1])
            )
            for direction in (IMPORT, EXPORT)
        ]
        return merge_directions(*pieces)

    def read_amounts(self, meter: str, change: Change) -> list[Amount]:
        """Return what is to be delivered of announced quarters; 0 Wh over 0 ms of what is gone since."""

        def work(connection: sqlite3.Connection) -> list[Amount]:
            if not change.quarters:
                return []
            ends = min(change.quarters), max(change.quarters)
            return [each for each in select_amounts(connection, meter, *ends) if each.quarter in change.quarters]

        return add_gone(self._database.read(work), change)

    def read_next(self, meter: str, record: int) -> Change:
        """Return what the first announcement of a meter after a record says, by id; nothing where there is none."""
        return self._database.read(lambda connection: select_next(connection, meter, record))

    def announce(self, meter: Meter, start: datetime | None = None, end: datetime | None = None) -> int:
        """Have the intervals of a meter that begin from `start` up to before `end` delivered; return their quarters."""
        text = encode_settings(meter)

        def work(connection: sqlite3.Connection) -> int:
            quarters = _select_range(connection, meter.name, start, end)
            for first in range(quarters.start, quarters.stop, MOST):
                part = frozenset(range(first, min(first + MOST, quarters.stop)))
                self._announcer.announce(connection, meter.name, text, Change(part, frozenset()))
            return len(quarters)

        return self._database.write(work)

    def get_ends(self, meter: str) -> tuple[datetime, datetime] | None:
        """Return the beginning of the first quarter of which anything is known, and the end of the last."""
        ends = self._database.read(lambda connection: select_ends(connection, meter))
        return None if ends is None else (from_ms(ends[0] * QUARTER_MS), from_ms((ends[1] + 1) * QUARTER_MS))

    def list_meters(self) -> list[str]:
        """Return the names of all meters that intervals are kept of, sorted."""
        return [name for (name,) in self._database.read(lambda c: c.execute(_METERS).fetchall())]

    def join_quarters(self) -> int:
        """Make rows of days of some rows of quarters, which an earlier version wrote; return of how many days."""
        return self._database.write(join_quarters)

    def clean(self, keep: timedelta, now: datetime) -> int:
        """Delete the days of intervals that are older than `keep`; return the number of rows.

        The host's clock alone does not decide: as many days as `keep` has must have been kept since.
        """
        before = find_day(number_quarter(to_ms(now - keep))) if now - EPOCH > keep else 0

        def work(connection: sqlite3.Connection) -> int:
            deleted = 0
            for (meter,) in connection.execute(_METERS).fetchall():
                for direction in (IMPORT, EXPORT):
                    row = connection.execute(_OLDEST_KEPT, (meter, direction, keep.days)).fetchone()
                    if row:
                        limit = (meter, direction, min(before, row[0] * DAY))
                        deleted += connection.execute(_DELETE_BEFORE, limit).rowcount
            return deleted

        return self._database.write(work)


def add_gone(amounts: list[Amount], change: Change) -> list[Amount]:
    """Return amounts and, of quarters and qualities that have none any more, an amount of 0 Wh over 0 ms."""
    there = {each[:3] for each in amounts}
    return amounts + [Amount(*key, Decimal(), 0) for key in sorted(change.gone - there)]


def _select_range(connection: sqlite3.Connection, meter: str, start: datetime | None, end: datetime | None) -> range:
    ends = select_ends(connection, meter)
    if ends is None:
        return range(0)
    first = ends[0] if start is None else max(ends[0], -(-to_ms(start) // QUARTER_MS))
    last = ends[1] if end is None else min(ends[1], -(-to_ms(end) // QUARTER_MS) - 1)
    return range(first, max(first, last + 1))
