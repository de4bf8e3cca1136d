"""Redeliveries, and the lists from which users request them: refused and undecoded."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from hanlogger.journal.arrival_times import select_span
from hanlogger.journal.checksums import make_intact_sql
from hanlogger.journal.database import Database
from hanlogger.journal.model import Outcome, Range, Refusal, Refused, Undecoded, from_ms
from hanlogger.journal.outcomes import (
    INSERT_REDELIVERY,
    delete_undecoded,
    insert_outcome,
    insert_passed_redelivery,
    insert_redelivery,
)
from hanlogger.journal.retention import Space

_FIRST = f"""
SELECT id, first_id, last_id, meter FROM again WHERE destination = ? AND {make_intact_sql("again")} ORDER BY id LIMIT 1
"""  # noqa: S608 constants
_DELETE = "DELETE FROM again WHERE id = ? AND destination = ? AND first_id = ? AND last_id = ? AND meter IS ?"
_NEWEST_REFUSED = f"""
SELECT id, destination, first_id, last_id, line, reason, at FROM refused
WHERE destination = coalesce(?, destination) AND {make_intact_sql("refused")} ORDER BY id DESC LIMIT ?
"""  # noqa: S608 constants
_COUNT_REFUSED = "SELECT count(*) FROM refused WHERE destination = ?"
_ALL_REFUSED = f"""
SELECT id, destination, first_id, last_id FROM refused WHERE {make_intact_sql("refused")} ORDER BY id
"""  # noqa: S608 constants
_NEWEST_UNDECODED = f"""
SELECT record, meter, CAST(coalesce(received_at, 0) AS INTEGER), reason FROM undecoded JOIN record ON id = record
WHERE {make_intact_sql("undecoded")} ORDER BY record DESC LIMIT ?
"""  # noqa: S608 constants
_ALL_UNDECODED = f"""
SELECT record, meter, tried_with FROM undecoded JOIN record ON id = record
WHERE {make_intact_sql("undecoded")} ORDER BY record
"""  # noqa: S608 constants
_DESTINATIONS = f"SELECT name FROM destination WHERE {make_intact_sql('destination')}"  # noqa: S608 constants


class Redeliveries:
    """Ranges of records behind the cursor that a destination is sent once more, as `journal.redeliveries`.

    All methods raise JournalUnavailable.
    """

    def __init__(self, database: Database, space: Space) -> None:
        self._database, self._space = database, space

    def get_first(self, destination: str) -> Range | None:
        """Return the range that has been listed longest; None when there is none."""
        row = self._database.read(lambda connection: connection.execute(_FIRST, (destination,)).fetchone())
        return Range(*row) if row else None

    def settle(self, destination: str, served: Range, outcome: Outcome) -> None:
        """List and count the outcome of a range up to `outcome.up_to`, and keep the rest of the range.

        Where the range has been asked for once more meanwhile, all of it remains and nothing is listed.
        """

        def work(connection: sqlite3.Connection) -> None:
            deleted = connection.execute(_DELETE, (served.id, destination, *served[1:])).rowcount
            if not deleted:
                return
            if outcome.up_to < served.last_id:
                connection.execute(INSERT_REDELIVERY, (destination, outcome.up_to + 1, served.last_id, served.meter))
            delete_undecoded(connection, [note.record_id for note in outcome.observations])
            insert_outcome(connection, destination, outcome)

        self._space.write(work)

    def request(
        self,
        destination: str,
        meter: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        passed_only: bool = True,
    ) -> int:
        """Have frames that arrived from `start` up to before `end` delivered once more; return their number.

        meter: only its frames; None: all. passed_only: leave out those that the destination's cursor has not passed, as
        they are delivered anyway; False where points of them are deleted: a request of them may have ended just now,
        and the cursor not have moved yet.
        """
        frames, first, last = self._database.read(lambda connection: select_span(connection, meter, start, end))
        insert = insert_passed_redelivery if passed_only else insert_redelivery
        self._database.write(lambda connection: insert(connection, destination, first, last, meter))
        return frames


class RefusedList:
    """Lines and ranges of records that a destination refused, as `journal.refused`; each can be tried once more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_newest(self, destination: str | None = None, limit: int = 1000) -> list[Refused]:
        """Return what one destination or (None) all of them refused, the newest first. Raises JournalUnavailable."""
        rows = self._database.read(lambda c: c.execute(_NEWEST_REFUSED, (destination, limit)).fetchall())
        return [Refused(row[0], row[1], Refusal(*row[2:6]), from_ms(row[6])) for row in rows]

    def count(self, destination: str) -> int:
        """Return the number of entries of a destination. Raises JournalUnavailable."""
        return int(self._database.read(lambda c: c.execute(_COUNT_REFUSED, (destination,)).fetchone())[0])

    def retry(self, destination: str | None = None, ids: Sequence[int] | None = None) -> int:
        """Turn entries into redeliveries; return their number. Raises JournalUnavailable.

        destination: only its entries; ids: only these entries; None: all.
        """

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_ALL_REFUSED).fetchall()
            chosen = [row for row in rows if destination in (None, row[1]) and (ids is None or row[0] in ids)]
            connection.executemany("DELETE FROM refused WHERE id = ?", [(row[0],) for row in chosen])
            for name, first, last in dict.fromkeys(row[1:] for row in chosen):
                insert_passed_redelivery(connection, name, first, last, None)
            return len(chosen)

        return self._database.write(work)


class UndecodedList:
    """Frames that cannot be decoded, as `journal.undecoded`; each can be tried once more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_newest(self, limit: int = 1000) -> list[Undecoded]:
        """Return frames that cannot be decoded, the newest first. Raises JournalUnavailable."""
        rows = self._database.read(lambda connection: connection.execute(_NEWEST_UNDECODED, (limit,)).fetchall())
        return [Undecoded(number, str(meter), from_ms(at), reason) for number, meter, at, reason in rows]

    def retry(self, try_with: dict[str, str] | None = None) -> int:
        """Turn entries into redeliveries for each destination that has passed them; return their number.

        try_with: by meter, the version and keys that decoding would be tried with now; frames last tried with the same
        stay. None: all are tried. Raises JournalUnavailable.
        """

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_ALL_UNDECODED).fetchall()
            ids = [number for number, meter, tried in rows if try_with is None or try_with.get(meter, tried) != tried]
            delete_undecoded(connection, ids)
            for (name,) in connection.execute(_DESTINATIONS).fetchall():
                for first, last in _group_consecutive(ids):
                    insert_passed_redelivery(connection, name, first, last, None)
            return len(ids)

        return self._database.write(work)


def _group_consecutive(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last of each run of ids that follow each other without a gap."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(ids), lambda pair: pair[1] - pair[0])]
    return [(run[0], run[-1]) for run in runs]
