"""Arrival times: unique for each meter, and corrected once the clock of the host is known to be set.

Two records of one meter and kind never have the same arrival time, because it identifies points in the database. A
frame that arrived while the clock of the host was not known to be set keeps the uptime of its arrival, so that its
time can be computed later.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime

from hanlogger.journal.checksums import make_checksum_sql, make_intact_sql
from hanlogger.journal.database import Database
from hanlogger.journal.filters import EACH_METER
from hanlogger.journal.model import FRAME, to_bounds, to_ms

_FREE = """
SELECT CASE WHEN EXISTS (SELECT 1 FROM record WHERE meter = :meter AND kind = :kind AND received_at = :at)
THEN (
  SELECT received_at + 1 FROM record AS this
  WHERE meter = :meter AND kind = :kind AND received_at >= :at AND NOT EXISTS (
    SELECT 1 FROM record WHERE meter = :meter AND kind = :kind AND received_at = this.received_at + 1
  ) ORDER BY received_at LIMIT 1
)
ELSE :at END
"""
"""The first millisecond that is free, along the index of times."""
_SPAN = f"""
SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0) FROM record INDEXED BY record_time
WHERE meter IN ({EACH_METER} WHERE meter = coalesce(?, meter)) AND kind = 0 AND received_at >= ? AND received_at < ?
"""  # noqa: S608 constants
_CUT = """
SELECT received_at FROM record WHERE meter = ? AND kind = 0 AND received_at >= ? AND received_at < ?
ORDER BY received_at LIMIT 1 OFFSET ?
"""
_ANY_PROVISIONAL = "SELECT EXISTS (SELECT 1 FROM record WHERE boot IS NOT NULL)"
_PROVISIONAL = f"""
SELECT id, meter, uptime FROM record WHERE boot = ? AND {make_intact_sql("record")} ORDER BY id
"""  # noqa: S608 constants
_CORRECT = f"""
UPDATE record SET received_at = ?1, boot = NULL, uptime = NULL,
crc = {make_checksum_sql("record", received_at="?1", boot="NULL", uptime="NULL")} WHERE id = ?2
"""  # noqa: S608 constants
_LEAVE = f"""
UPDATE record SET boot = NULL, uptime = NULL, crc = {make_checksum_sql("record", boot="NULL", uptime="NULL")}
WHERE boot IS NOT NULL AND boot != coalesce(?, '') AND {make_intact_sql("record")}
"""  # noqa: S608 constants


class ArrivalTimes:
    """The arrival times of all records, as `journal.arrival_times`. All methods raise JournalUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._taken: defaultdict[tuple[int, str], Runs] = defaultdict(Runs)  # by kind and meter

    def has_provisional(self) -> bool:
        """Return whether any frame waits for its time to be corrected."""
        return bool(self._database.read(lambda connection: connection.execute(_ANY_PROVISIONAL).fetchone())[0])

    def correct(self, boot: str, started: datetime) -> int:
        """Give the frames of one start of the host their true times; return their number.

        boot: names the start of the host. started: when it was, UTC.
        """

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_PROVISIONAL, (boot,)).fetchall()
            for number, meter, uptime in rows:
                at = self.find_free(connection, FRAME, meter, to_ms(started) + uptime)
                connection.execute(_CORRECT, (at, number))
            return len(rows)

        return self._database.write(work)

    def leave(self, but: str | None = None) -> int:
        """Make provisional times final as they are, but those of the start of the host `but`; return their number."""
        return self._database.write(lambda connection: connection.execute(_LEAVE, (but,)).rowcount)

    def find_free(self, connection: sqlite3.Connection, kind: int, meter: str, asked: int) -> int:
        """Return the millisecond asked for, or the next one that no other record of the meter and kind has.

        Part of a transaction that gives it to a record.
        """
        taken = self._taken[kind, meter]
        first = taken.find_end(asked)
        (free,) = connection.execute(_FREE, {"meter": meter, "kind": kind, "at": first}).fetchone()
        if free > asked:
            taken.add(asked, free)
        return int(free)


def select_span(
    connection: sqlite3.Connection, meter: str | None, start: datetime | None, end: datetime | None
) -> tuple[int, int, int]:
    """Return the number of frames that arrived from `start` up to before `end`, and their first and last id, else 1, 0.

    meter: only its frames; None: all. It goes along the index, and looks at no other frame.
    """
    frames, first, last = connection.execute(_SPAN, (meter, *to_bounds(start, end))).fetchone()
    return int(frames), int(first), int(last)


def select_cut(connection: sqlite3.Connection, meter: str, start: int, end: int, frames: int) -> int:
    """Return the time, in ms, up to before which a meter has so many frames from `start` on; `end` where it has not."""
    row = connection.execute(_CUT, (meter, start, end, frames)).fetchone()
    return int(row[0]) if row else end


class Runs:
    """Milliseconds of one meter that are known to be taken, as runs that do not touch each other.

    They avoid queries where many records ask for the same few milliseconds. They are a cache, not a state: what they do
    not hold is looked up in the journal. most: runs that are remembered at a time.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def __len__(self) -> int:
        return len(self._firsts)

    def find_end(self, asked: int) -> int:
        """Return the first millisecond from the one asked for on that is not known to be taken."""
        at = bisect_right(self._firsts, asked) - 1
        return self._lasts[at] + 1 if at >= 0 and asked <= self._lasts[at] else asked

    def add(self, first: int, last: int) -> None:
        """Remember that all milliseconds from `first` to `last` are taken."""
        if len(self) >= self._most:
            self._firsts, self._lasts = [], []
        start = bisect_right(self._firsts, first)
        if start and self._lasts[start - 1] >= first - 1:
            start -= 1
        end = bisect_right(self._firsts, last + 1)
        touched = slice(start, end)
        self._firsts[touched], self._lasts[touched] = (
            [min([first, *self._firsts[touched]])],
            [max([last, *self._lasts[touched]])],
        )
