"""Copy the rows of all tables from a corrupt journal into a new one, with the ids that they had."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from itertools import islice, tee
from pathlib import Path

from hanlogger.humanize import count_telegrams
from hanlogger.journal.file.opening import open_writable
from hanlogger.journal.file.sqlite import SQLITE_ERRORS
from hanlogger.journal.salvage.id_order import put_in_order
from hanlogger.journal.salvage.reading import (
    CHUNK,
    Reading,
    Row,
    read_by_rowid,
    read_from_both_ends,
    read_whole,
    select_number,
)
from hanlogger.journal.schema import MIGRATIONS, find_version, select_definitions

BY_ROWID = ("settings", "again", "refused", "undecoded", "damaged")
WHOLE = ("destination", "counter", "passed", "learnt")
LARGE = {"energy": "meter, direction, quarter, device", "price": "area, quarter"}
"""Tables without row ids that may be large, each with its primary key."""

_HIGHEST = (
    "SELECT max(id) FROM record",
    "SELECT max(id) FROM record INDEXED BY record_time",
    "SELECT seq FROM sqlite_sequence WHERE name = 'record'",
    "SELECT max(cursor) FROM destination",
)
"""Where the highest id given so far may be read, if one page or another cannot."""

log = logging.getLogger(__name__)


def copy_tables(old: sqlite3.Connection, part: Path) -> None:
    """Copy the rows of all tables, in the version that wrote the old file, and the highest id that it ever gave."""
    highest = _find_highest(old)
    with contextlib.closing(open_writable(part, _find_version(old))) as new:
        for table in BY_ROWID:
            highest_id = select_number(old, f"SELECT max(rowid) FROM {table}")  # noqa: S608 a name of ours
            _insert(new, table, read_by_rowid(old, table, 0, highest_id))
        without_id = _copy_records(old, new, highest)
        for table in WHOLE:
            _insert(new, table, read_whole(old, table))
        for table, key in LARGE.items():
            _insert(new, table, read_from_both_ends(old, table, key))
        _give_no_id_twice(old, new, highest)
        _insert(new, "record", iter((without_id,)))
        _insert_unreadable(old, new)


def _find_version(old: sqlite3.Connection) -> int:
    """Return the version of the old file's tables: as they are defined, else as its header says, 0 for the newest."""
    with contextlib.suppress(*SQLITE_ERRORS):
        if version := find_version(select_definitions(old)):
            return version
    version = select_number(old, "PRAGMA user_version")
    return version if version <= len(MIGRATIONS) else 0


def _find_highest(old: sqlite3.Connection) -> int:
    """Return the highest id of a record given so far, as far as it can be read."""
    return max(select_number(old, sql) for sql in _HIGHEST)


def _copy_records(old: sqlite3.Connection, new: sqlite3.Connection, highest: int) -> list[Row]:
    """Copy the records as they stand in the file, with the ids that they had; return those whose ids cannot be told.

    Only behind a page that cannot be read they are found by their ids, where one id that is wrong would hide others.
    """
    reading = Reading(old, "SELECT * FROM record NOT INDEXED")  # as they stand in the file
    rows, same = tee(reading)
    last, without_id = 0, []
    ordered = zip(rows, put_in_order(row[0] for row in same), strict=True)
    while chunk := list(islice(ordered, CHUNK)):
        without_id += [(None, *row[1:]) for row, number in chunk if number is None]
        right = [(number, *row[1:]) for row, number in chunk if number is not None]
        _insert(new, "record", iter((right,)))
        last = right[-1][0] if right else last
    if not reading.whole:
        _insert(new, "record", read_by_rowid(old, "record", last, highest))
    return without_id


def _insert_unreadable(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """Insert for each frame that only the index of times still names a record without data, which is corrupt.

    Delivery counts and lists it as any corrupt record. An index entry that is corrupt itself names an arrival time that
    another record of the meter has, and is ignored.
    """
    rows: list[Row] = []
    with contextlib.suppress(*SQLITE_ERRORS):
        rows.extend(row for row in old.execute(_NAMED_BY_INDEX) if new.execute(_OF_ID, row[:1]).fetchone() is None)
    new.execute("BEGIN")
    lost = new.executemany(_INSERT_UNREADABLE, rows).rowcount if rows else 0
    new.execute("COMMIT")
    if lost:
        log.error("%s of the journal could not be read: only their arrival times are known", count_telegrams(lost))


_NAMED_BY_INDEX = """
SELECT id, meter, received_at FROM record INDEXED BY record_time
WHERE kind = 0 AND typeof(meter) = 'text' AND typeof(received_at) = 'integer' AND id > 0
"""
_OF_ID = "SELECT 1 FROM record WHERE id = ?"
_INSERT_UNREADABLE = """
INSERT OR IGNORE INTO record (id, kind, meter, received_at, format, live, verified, judged, data)
VALUES (?, 0, ?, ?, '', 0, 1, 0, x'')
"""
"""Without a checksum, and verified: what is verified and no whole frame is corrupt."""


def _insert(new: sqlite3.Connection, table: str, chunks: Iterator[list[Row]]) -> None:
    for rows in chunks:
        if rows:
            marks = ",".join("?" * len(rows[0]))
            new.execute("BEGIN")
            new.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608
            new.execute("COMMIT")


def _give_no_id_twice(old: sqlite3.Connection, new: sqlite3.Connection, highest: int) -> None:
    """Let new ids begin after the highest that was ever given: cursors stand on ids."""
    ever = {"record": highest}
    for rows in read_whole(old, "sqlite_sequence"):
        ever |= {name: max(last, ever.get(name, 0)) for name, last in rows if isinstance(last, int)}
    given = dict(new.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for name, last in ever.items():
        if last > given.get(name, 0):
            new.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            new.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, last))
