"""What a destination is to be sent again, beside what stands after its cursor."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from hanlogger.journal.counts import write_passed
from hanlogger.journal.cursors import cursor_of, move_cursor
from hanlogger.journal.fates import list_outcome
from hanlogger.journal.kinds import Outcome, Passed, Range, bounds
from hanlogger.journal.listed import remove_undecoded
from hanlogger.journal.room import Room
from hanlogger.journal.sealing import insert, intact

_FIRST = f"""
SELECT id, first_id, last_id, meter FROM again WHERE destination = ? AND {intact("again")} ORDER BY id LIMIT 1
"""  # noqa: S608 constants
_WIDER = f"""
SELECT first_id, last_id, meter FROM again
WHERE destination = ? AND first_id <= ? AND last_id >= ? AND (meter IS NULL OR meter IS ?) AND {intact("again")}
"""  # noqa: S608 constants
_REMOVE = """
DELETE FROM again WHERE destination = ? AND first_id >= ? AND last_id <= ? AND (? IS NULL OR meter IS ?)
"""
_ADD = insert("again")
_SERVED = "DELETE FROM again WHERE id = ? AND destination = ? AND first_id = ? AND last_id = ? AND meter IS ?"
_PLACE = """
SELECT count(*), min(id), max(id) FROM record
WHERE kind = 0 AND meter = coalesce(?, meter) AND received_at >= ? AND received_at < ?
"""
_UNDECODED = f"""
SELECT record, meter, tried_with FROM undecoded JOIN record ON id = record WHERE {intact("undecoded")} ORDER BY record
"""  # noqa: S608 constants
_REFUSED = f"SELECT id, destination, first_id, last_id FROM refused WHERE {intact('refused')} ORDER BY id"  # noqa: S608
_DESTINATIONS = f"SELECT name FROM destination WHERE {intact('destination')}"  # noqa: S608 constants


class Again(Room):
    """Ranges of records."""

    def set_aside(self, destination: str, first_id: int, last_id: int, passed: Sequence[Passed] = ()) -> None:
        """Take a range out of the way of what comes after it: the cursor passes it, and it is in `again`."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, last_id)
            add_again(connection, destination, first_id, last_id, None)
            write_passed(connection, passed)

        self._make_way(work)

    def again(self, destination: str) -> Range | None:
        """The first range that the destination is to be sent again."""
        row = self._read(lambda connection: connection.execute(_FIRST, (destination,)).fetchone())
        return Range(*row) if row else None

    def settle_again(self, destination: str, served: Range, outcome: Outcome) -> None:
        """As `settle`, for a part of a range: the rest of it remains; and all of it where it was asked for anew."""

        def work(connection: sqlite3.Connection) -> None:
            gone = connection.execute(_SERVED, (served.id, destination, *served[1:])).rowcount
            if not gone:
                return
            if outcome.up_to < served.last_id:
                connection.execute(_ADD, (destination, outcome.up_to + 1, served.last_id, served.meter))
            remove_undecoded(connection, [note.record_id for note in outcome.passed])
            list_outcome(connection, destination, outcome)

        self._make_way(work)

    def send_again(
        self,
        destination: str,
        meter: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        passed_only: bool = True,
    ) -> int:
        """Have frames delivered once more: a meter's or all, received from `start` up to before `end`; their number.

        passed_only: leave out those that the destination's cursor has not passed, as they are delivered anyway. False
        where points of them are deleted: a request of them may have ended just now, and the cursor not have moved yet.
        """

        def work(connection: sqlite3.Connection) -> int:
            frames, first, last = connection.execute(_PLACE, (meter, *bounds(start, end))).fetchone()
            if frames:
                (add_again if passed_only else insert_again)(connection, destination, first, last, meter)
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
            for (name,) in connection.execute(_DESTINATIONS).fetchall():
                for first, last in _runs(ids):
                    add_again(connection, name, first, last, None)
            return len(ids)

        return self._write(work)

    def retry_refused(self, destination: str | None = None, ids: Sequence[int] | None = None) -> int:
        """Have what was refused (by one destination; some of it by its ids) sent again; the number of entries."""

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_REFUSED).fetchall()
            chosen = [row for row in rows if destination in (None, row[1]) and (ids is None or row[0] in ids)]
            connection.executemany("DELETE FROM refused WHERE id = ?", [(row[0],) for row in chosen])
            for name, first, last in dict.fromkeys(row[1:] for row in chosen):
                add_again(connection, name, first, last, None)
            return len(chosen)

        return self._write(work)


def add_again(connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None) -> None:
    """List a range of records to be sent again, as far as the cursor has passed it: the rest is delivered anyway."""
    insert_again(connection, destination, first, min(last, cursor_of(connection, destination)), meter)


def insert_again(connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None) -> None:
    """List a range of records to be sent again, and nothing twice.

    What is there already is asked for anew, under an id of its own: what of it is in flight may come to its end before
    this, and is sent once more.
    """
    if first > last:
        return
    wider = connection.execute(_WIDER, (destination, first, last, meter)).fetchone()
    first, last, meter = wider or (first, last, meter)
    connection.execute(_REMOVE, (destination, first, last, meter, meter))
    connection.execute(_ADD, (destination, first, last, meter))


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of ids that follow each other."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(ids), lambda pair: pair[1] - pair[0])]
    return [(run[0], run[-1]) for run in runs]
