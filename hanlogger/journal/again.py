"""What a destination is to be sent again, beside what stands after its cursor."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from hanlogger.journal.counts import write_passed
from hanlogger.journal.fates import cursor_of, list_outcome, move_cursor
from hanlogger.journal.kinds import Outcome, Passed, Range, bounds
from hanlogger.journal.listed import remove_undecoded
from hanlogger.journal.room import Room

_ALREADY = """
SELECT 1 FROM again WHERE destination = ? AND first_id <= ? AND last_id >= ? AND (meter IS NULL OR meter IS ?)
"""
_ADD = "INSERT INTO again (destination, first_id, last_id, meter) VALUES (?, ?, ?, ?)"
_PLACE = """
SELECT count(*), min(id), max(id) FROM record
WHERE kind = 0 AND meter = coalesce(?, meter) AND received_at >= ? AND received_at < ?
"""
_UNDECODED = "SELECT record, meter, tried_with FROM undecoded JOIN record ON id = record ORDER BY record"
_REFUSED = "SELECT id, destination, first_id, last_id FROM refused ORDER BY id"


class Again(Room):
    """Ranges of records."""

    def set_aside(self, destination: str, first_id: int, last_id: int, passed: Sequence[Passed] = ()) -> None:
        """Take a range out of the way of what comes after it: the cursor passes it, and it is in `again`."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, last_id)
            _add(connection, destination, first_id, last_id, None)
            write_passed(connection, passed)

        self._make_way(work)

    def again(self, destination: str) -> Range | None:
        """The first range that the destination is to be sent again."""
        sql = "SELECT id, first_id, last_id, meter FROM again WHERE destination = ? ORDER BY id LIMIT 1"
        row = self._read(lambda connection: connection.execute(sql, (destination,)).fetchone())
        return Range(*row) if row else None

    def settle_again(self, destination: str, served: Range, outcome: Outcome) -> None:
        """As `settle`, for a part of a range: the rest of it remains."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE again SET first_id = ? WHERE id = ?", (outcome.up_to + 1, served.id))
            connection.execute("DELETE FROM again WHERE id = ? AND first_id > last_id", (served.id,))
            remove_undecoded(connection, [note.record_id for note in outcome.passed])
            list_outcome(connection, destination, outcome)

        self._make_way(work)

    def send_again(
        self, destination: str, meter: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> int:
        """Have frames delivered once more: a meter's or all, received from `start` up to before `end`; their number.

        Those that the destination has not yet had are delivered anyway.
        """

        def work(connection: sqlite3.Connection) -> int:
            frames, first, last = connection.execute(_PLACE, (meter, *bounds(start, end))).fetchone()
            if frames:
                _add(connection, destination, first, last, meter)
            return int(frames)

        return self._write(work)

    def retry_undecoded(self, try_with: dict[str, str] | None = None) -> int:
        """Have frames that could not be decoded sent again to each destination that has passed them; their number.

        try_with: by meter, what decoding would be tried with now: frames last tried with the same stay (None: all go).
        """

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_UNDECODED).fetchall()
            ids = [number for number, meter, tried in rows if try_with is None or try_with.get(meter, tried) != tried]
            remove_undecoded(connection, ids)
            for (name,) in connection.execute("SELECT name FROM destination").fetchall():
                for first, last in _runs(ids):
                    _add(connection, name, first, last, None)
            return len(ids)

        return self._write(work)

    def retry_refused(self, destination: str | None = None, ids: Sequence[int] | None = None) -> int:
        """Have what was refused (by one destination; some of it by its ids) sent again; the number of entries."""

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_REFUSED).fetchall()
            chosen = [row for row in rows if destination in (None, row[1]) and (ids is None or row[0] in ids)]
            connection.executemany("DELETE FROM refused WHERE id = ?", [(row[0],) for row in chosen])
            for name, first, last in dict.fromkeys(row[1:] for row in chosen):
                _add(connection, name, first, last, None)
            return len(chosen)

        return self._write(work)


def _add(connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None) -> None:
    """Only what the cursor has passed, the rest is delivered anyway; and nothing that is there already."""
    last = min(last, cursor_of(connection, destination))
    already = connection.execute(_ALREADY, (destination, first, last, meter)).fetchone()
    if first <= last and already is None:
        connection.execute(_ADD, (destination, first, last, meter))


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of ids that follow each other."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(ids), lambda pair: pair[1] - pair[0])]
    return [(run[0], run[-1]) for run in runs]
