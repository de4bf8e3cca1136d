"""How far each destination has been served, and what it is to be sent again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from hanlogger.journal.counts import write_passed
from hanlogger.journal.kinds import Outcome, Passed, Range, Waiting, bounds, from_ms
from hanlogger.journal.listed import add_refused, add_undecoded, remove_undecoded
from hanlogger.journal.store import Store, newest_id

_ALL_WITHIN = "SELECT count(*), min(received_at) FROM record WHERE +kind = 0 AND id > ? AND id <= ?"
_WITHIN = """
SELECT count(*), min(received_at) FROM record INDEXED BY record_time
WHERE kind = 0 AND id > ? AND id <= ? AND meter = ?
"""
_FIRST = "SELECT id, received_at FROM record WHERE kind = 0 AND id > ? AND id <= ? ORDER BY id LIMIT 1"
_HEALTH = "SELECT count(*) FROM record INDEXED BY record_health WHERE kind = 1 AND id > ? AND id <= ?"
_AGAIN_ALREADY = """
SELECT 1 FROM again WHERE destination = ? AND first_id <= ? AND last_id >= ? AND (meter IS NULL OR meter IS ?)
"""
FAR = 2000  # ids: to count more of them, one by one, would take too long to be done each second
_PLACE = """
SELECT count(*), min(id), max(id) FROM record
WHERE kind = 0 AND meter = coalesce(?, meter) AND received_at >= ? AND received_at < ?
"""


class Fates(Store):
    """Cursors, and ranges beside them. A destination is known from its first confirmation on."""

    def cursor(self, destination: str) -> int:
        """The id up to which a destination has been served; 0 for one that is new: it gets everything kept."""
        return self._read(lambda connection: _cursor(connection, destination))

    def confirm(self, destination: str, cursor: int) -> None:
        """Everything up to the cursor is in the database, refused, undecoded, or set aside."""
        self.settle(destination, Outcome(cursor))

    def settle(self, destination: str, outcome: Outcome) -> None:
        """Confirm, and list what was refused, undecoded and noticed on the way, in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            _move_cursor(connection, destination, outcome.up_to)
            _list(connection, destination, outcome)

        self._write(work)

    def set_aside(self, destination: str, first_id: int, last_id: int, passed: Sequence[Passed] = ()) -> None:
        """Take a range out of the way of what comes after it: the cursor passes it, and it is in `again`."""

        def work(connection: sqlite3.Connection) -> None:
            _move_cursor(connection, destination, last_id)
            add_again(connection, destination, first_id, last_id, None)
            write_passed(connection, passed)

        self._write(work)

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
            _list(connection, destination, outcome)

        self._write(work)

    def send_again(
        self, destination: str, meter: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> int:
        """Have frames delivered once more: a meter's or all, received from `start` up to before `end`; their number.

        Those that the destination has not yet had are delivered anyway.
        """

        def work(connection: sqlite3.Connection) -> int:
            frames, first, last = connection.execute(_PLACE, (meter, *bounds(start, end))).fetchone()
            if frames:
                add_again(connection, destination, first, last, meter)
            return int(frames)

        return self._write(work)

    def retry_undecoded(self, try_with: dict[str, str] | None = None) -> int:
        """Have frames that could not be decoded sent again to each destination that has passed them; their number.

        try_with: by meter, what decoding would be tried with now: frames last tried with the same stay (None: all go).
        """

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(
                "SELECT record, meter, tried_with FROM undecoded JOIN record ON id = record"
            ).fetchall()
            ids = sorted(
                number for number, meter, tried in rows if try_with is None or try_with.get(meter, tried) != tried
            )
            remove_undecoded(connection, ids)
            for (name,) in connection.execute("SELECT name FROM destination").fetchall():
                for first, last in _runs(ids):
                    add_again(connection, name, first, last, None)
            return len(ids)

        return self._write(work)

    def retry_refused(self, destination: str | None = None, ids: Sequence[int] | None = None) -> int:
        """Have what was refused (by one destination; some of it by its ids) sent again; the number of entries."""

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute("SELECT id, destination, first_id, last_id FROM refused ORDER BY id").fetchall()
            chosen = [row for row in rows if destination in (None, row[1]) and (ids is None or row[0] in ids)]
            connection.executemany("DELETE FROM refused WHERE id = ?", [(row[0],) for row in chosen])
            for name, first, last in dict.fromkeys(row[1:] for row in chosen):
                add_again(connection, name, first, last, None)
            return len(chosen)

        return self._write(work)

    def waiting(self, destination: str) -> Waiting:
        """How many frames wait for a destination, and the time of receipt of the oldest.

        Where thousands wait, frames deleted out of their midst are counted too.
        """

        def work(connection: sqlite3.Connection) -> Waiting:
            sql = "SELECT meter, first_id - 1, last_id FROM again WHERE destination = ?"
            ranges = connection.execute(sql, (destination,)).fetchall()
            ranges.append((None, _cursor(connection, destination), newest_id(connection)))
            parts = [_count(connection, *each) for each in ranges]
            oldest = min((at for _, at in parts if at is not None), default=None)
            return Waiting(sum(frames for frames, _ in parts), None if oldest is None else from_ms(oldest))

        return self._read(work)


def _count(connection: sqlite3.Connection, meter: str | None, after: int, up_to: int) -> tuple[int, int | None]:
    """Frames, and the time of receipt of the oldest. Of many frames the number is reckoned from their ids."""
    if meter is not None:
        frames, oldest = connection.execute(_WITHIN, (after, up_to, meter)).fetchone()
        return int(frames), oldest
    if up_to - after <= FAR:
        frames, oldest = connection.execute(_ALL_WITHIN, (after, up_to)).fetchone()
        return int(frames), oldest
    first, oldest = connection.execute(_FIRST, (after, up_to)).fetchone() or (up_to + 1, None)
    (health,) = connection.execute(_HEALTH, (first, up_to)).fetchone()
    return up_to - first + 1 - int(health), oldest


def _cursor(connection: sqlite3.Connection, destination: str) -> int:
    row = connection.execute("SELECT cursor FROM destination WHERE name = ?", (destination,)).fetchone()
    return int(row[0]) if row else 0


def _move_cursor(connection: sqlite3.Connection, destination: str, cursor: int) -> None:
    connection.execute(
        "INSERT INTO destination VALUES (?, ?) ON CONFLICT DO UPDATE SET cursor = max(cursor, excluded.cursor)",
        (destination, cursor),
    )


def _list(connection: sqlite3.Connection, destination: str, outcome: Outcome) -> None:
    add_refused(connection, destination, outcome.refused)
    add_undecoded(connection, outcome.undecoded)
    write_passed(connection, outcome.passed)


def add_again(connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None) -> None:
    """Only what the cursor has passed, the rest is delivered anyway; and nothing that is there already."""
    last = min(last, _cursor(connection, destination))
    there = connection.execute(_AGAIN_ALREADY, (destination, first, last, meter)).fetchone()
    if first <= last and there is None:
        connection.execute(
            "INSERT INTO again (destination, first_id, last_id, meter) VALUES (?, ?, ?, ?)",
            (destination, first, last, meter),
        )


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of ids that follow each other."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(ids), lambda pair: pair[1] - pair[0])]
    return [(run[0], run[-1]) for run in runs]
