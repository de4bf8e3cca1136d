"""SQL of what became of records: cursors, redeliveries, refused lines, undecoded frames.

Each function is part of a transaction, on the connection that it is given.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from hanlogger.journal.checksums import make_insert_sql, make_intact_sql
from hanlogger.journal.counters import raise_counters
from hanlogger.journal.model import AGGREGATION, NotDecoded, Observation, Outcome, Refusal

_CURSOR = f"SELECT cursor FROM destination WHERE name = ? AND {make_intact_sql('destination')}"  # noqa: S608 constants
_HIGHEST_CURSOR = f"""
SELECT coalesce(max(cursor), 0) FROM destination WHERE name <> '{AGGREGATION}' AND {make_intact_sql("destination")}
"""  # noqa: S608 constants
_MOVE_CURSOR = make_insert_sql("destination", "INSERT OR REPLACE")
_WIDER = f"""
SELECT first_id, last_id, meter FROM again
WHERE destination = ? AND first_id <= ? AND last_id >= ? AND (meter IS NULL OR meter IS ?)
AND {make_intact_sql("again")}
"""  # noqa: S608 constants
_DELETE_NARROWER = """
DELETE FROM again WHERE destination = ? AND first_id >= ? AND last_id <= ? AND (? IS NULL OR meter IS ?)
"""
INSERT_REDELIVERY = make_insert_sql("again")
_IS_KEPT = "SELECT 1 FROM record WHERE id BETWEEN ? AND ?"
_INSERT_REFUSED = make_insert_sql("refused")
_INSERT_UNDECODED = make_insert_sql("undecoded", "INSERT OR REPLACE")
_LAST_PASSED = f"SELECT record, time FROM passed WHERE meter = ? AND {make_intact_sql('passed')}"  # noqa: S608 constants
_MOVE_PASSED = make_insert_sql("passed", "INSERT OR REPLACE")
_ORPHANS = (
    "DELETE FROM undecoded WHERE record <= ? AND NOT EXISTS (SELECT 1 FROM record WHERE id = undecoded.record)",
    """DELETE FROM refused WHERE first_id <= ?
       AND NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)""",
    """DELETE FROM again WHERE first_id <= ?
       AND NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)""",
)


def select_cursor(connection: sqlite3.Connection, destination: str) -> int:
    """Return the id up to which a destination has been served; 0 for a new one, and where its row is corrupt.

    To send twice does no harm; never to send does.
    """
    row = connection.execute(_CURSOR, (destination,)).fetchone()
    return int(row[0]) if row else 0


def select_highest_cursor(connection: sqlite3.Connection) -> int:
    """Return the largest cursor of all destinations, which list what cannot be decoded; 0 where there is none."""
    return int(connection.execute(_HIGHEST_CURSOR).fetchone()[0])


def move_cursor(connection: sqlite3.Connection, destination: str, cursor: int) -> None:
    """Move a cursor forward, never back."""
    connection.execute(_MOVE_CURSOR, (destination, max(cursor, select_cursor(connection, destination))))


def insert_outcome(connection: sqlite3.Connection, destination: str, outcome: Outcome) -> None:
    """List what was refused and undecoded on the way, and count what was noticed; leaves the cursor where it is."""
    insert_refused(connection, destination, outcome.refused)
    insert_undecoded(connection, outcome.undecoded)
    count_observations(connection, outcome.observations)


def insert_passed_redelivery(
    connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None
) -> None:
    """Have records delivered once more as far as the cursor has passed them: the rest is delivered anyway."""
    insert_redelivery(connection, destination, first, min(last, select_cursor(connection, destination)), meter)


def insert_redelivery(
    connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None
) -> None:
    """Have the records of the ids `first` to `last`, of one meter or (None) of all, delivered once more.

    None is listed twice. A range that is asked for while it is listed gets a new id: the request in flight may have
    been made of older records, and must not settle the new demand.
    """
    if first > last:
        return
    wider = connection.execute(_WIDER, (destination, first, last, meter)).fetchone()
    first, last, meter = wider or (first, last, meter)
    connection.execute(_DELETE_NARROWER, (destination, first, last, meter, meter))
    connection.execute(INSERT_REDELIVERY, (destination, first, last, meter))


def insert_refused(connection: sqlite3.Connection, destination: str, refusals: Iterable[Refusal]) -> None:
    """List what a destination refused, but for records that have been deleted meanwhile."""
    at = time.time_ns() // 1_000_000
    kept = [refusal for refusal in refusals if _is_kept(connection, refusal.first_id, refusal.last_id)]
    rows = [(destination, *refusal, at) for refusal in kept]
    connection.executemany(_INSERT_REFUSED, rows)


def insert_undecoded(connection: sqlite3.Connection, entries: Iterable[NotDecoded]) -> None:
    """List frames that cannot be decoded, but for records that have been deleted meanwhile."""
    rows = [entry for entry in entries if _is_kept(connection, entry.record_id, entry.record_id)]
    connection.executemany(_INSERT_UNDECODED, rows)


def delete_undecoded(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Take frames from the list of the undecoded, by the ids of their records."""
    connection.executemany("DELETE FROM undecoded WHERE record = ?", [(number,) for number in ids])


def count_observations(connection: sqlite3.Connection, observations: Iterable[Observation]) -> None:
    """Count what was noticed in frames that have not been counted before.

    A reading of the same time as the one before replaces it in the database: it is counted as `superseded`.
    """
    by_meter: dict[str, list[Observation]] = {}
    for note in observations:
        by_meter.setdefault(note.meter, []).append(note)
    for meter, notes in by_meter.items():
        _count_of_meter(connection, meter, notes)


def _count_of_meter(connection: sqlite3.Connection, meter: str, notes: Sequence[Observation]) -> None:
    """Count what was noticed in frames of one meter, in as many statements as there are counters."""
    row = connection.execute(_LAST_PASSED, (meter,)).fetchone()
    counted, before = last = row or (0, None)
    counts = Counter[tuple[str, str]]()
    for note in notes:
        if note.record_id > counted:
            for name in note.counts:
                counts[meter, name] += 1
            if note.time is not None and note.time == before:
                counts[meter, "superseded"] += 1
            counted, before = note.record_id, note.time
    raise_counters(connection, counts)
    if (counted, before) != last:
        connection.execute(_MOVE_PASSED, (meter, counted, before))


def delete_orphans(connection: sqlite3.Connection, up_to: int) -> None:
    """Delete what is listed about records that are gone, up to an id: it can neither be decoded nor sent again."""
    for statement in _ORPHANS:
        connection.execute(statement, (up_to,))


def _is_kept(connection: sqlite3.Connection, first_id: int, last_id: int) -> bool:
    return connection.execute(_IS_KEPT, (first_id, last_id)).fetchone() is not None
