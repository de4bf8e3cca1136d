"""A file that SQLite calls corrupt is set aside under another name, and what can be read of it is carried over."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from itertools import islice, tee
from pathlib import Path
from typing import Any

from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import telegrams
from hanlogger.journal.exchange import (
    OF_OLD,
    PART,
    clear_copy,
    clear_part,
    find_newest_aside,
    finish_exchange,
    put_in_place,
)
from hanlogger.journal.files import beside, make
from hanlogger.journal.first_page import copy_with_new_first_page, is_first_page_sound
from hanlogger.journal.opening import connect_readable, open_writable
from hanlogger.journal.schema import MIGRATIONS, find_version, select_definitions
from hanlogger.journal.sqlite import (
    SQLITE_ERRORS,
    JournalCorrupt,
    connect,
    put_in_order,
    sql_intact,
    translate_error,
)

CHUNK = 1000  # rows a transaction

BY_ROWID = ("settings", "again", "refused", "undecoded", "damaged")
WHOLE = ("destination", "counter", "passed", "learnt")

_HIGHEST = (
    "SELECT max(id) FROM record",
    "SELECT max(id) FROM record INDEXED BY record_time",
    "SELECT seq FROM sqlite_sequence WHERE name = 'record'",
    "SELECT max(cursor) FROM destination",
)
"""Where the highest id given so far may be read, if one page or another cannot."""

log = logging.getLogger(__name__)

Row = tuple[Any, ...]


def salvage(path: Path, error: JournalCorrupt) -> None:
    """Put a new journal in the place of the corrupt one, which stays beside it. No connection may be open.

    JournalUnavailable when it cannot be done now, and then nothing has changed.
    """
    with _translating(path, f"{error}, and cannot be replaced"), _lock_others_out(path):
        carried = _carry_over(path, clear_part(path))
        aside = put_in_place(path)
    log.error("%s: it is kept as %s; %d records could be read and are carried over", error, aside, carried)


def finish_salvage(path: Path) -> None:
    """Finish a salvage that was cut off: there is a journal then, or there has never been one. JournalUnavailable.

    Where only the corrupt journal is left it is read once more.
    """
    with _translating(path, f"the repair of the journal {path} cannot be finished"):
        finish_exchange(path)
        aside = None if path.exists() else find_newest_aside(path)
        if aside is not None:
            carried = _carry_over(aside, clear_part(path))
            put_in_place(path)
            log.error("the journal %s is missing: of %s %d records are carried over", path, aside, carried)


@contextlib.contextmanager
def _translating(path: Path, words: str) -> Iterator[None]:
    """Raise JournalUnavailable for the errors inside; words: what cannot be done then."""
    try:
        yield
    except sqlite3.Error as trouble:
        with contextlib.suppress(OSError):
            clear_part(path)  # on a full disk others need the room
        raise translate_error(trouble, beside(path, PART)) from trouble
    except OSError as trouble:
        raise JournalUnavailable(f"{words}: {trouble}") from trouble


@contextlib.contextmanager
def _lock_others_out(path: Path) -> Iterator[None]:
    """Let no other process write while the rows are read: what it writes would stay behind in the old file.

    The process waits, and finds the file replaced then. A file too corrupt for this lock is too corrupt to be written.
    """
    if not path.stat().st_size:  # SQLite would delete the log of an empty file
        yield
        return
    with contextlib.closing(connect(path, "mode=rw")) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not isinstance(translate_error(error, path), JournalCorrupt):
                raise
        yield


def _carry_over(source: Path, part: Path) -> int:
    """Fill a new journal with what can be read of the old one; return the number of its records."""
    make(part)
    if source.stat().st_size:  # of an empty one SQLite would delete the log
        with _open_old(source, part) as old:
            _copy(old, part)
    with contextlib.closing(open_writable(part)) as new:  # which brings the tables forward
        (carried,) = new.execute("SELECT count(*) FROM record WHERE length(data)").fetchone()  # all but unreadable ones
        new.execute("PRAGMA journal_mode = DELETE")  # everything is in the file itself, and on the disk
    return int(carried)


@contextlib.contextmanager
def _open_old(source: Path, part: Path) -> Iterator[sqlite3.Connection]:
    """Open the old file, or where its first page is corrupt a copy with a new one, whichever gives more records."""
    with contextlib.closing(_connect_old(source)) as old:
        if is_first_page_sound(old, source):
            yield old
            return
        copy = beside(part, OF_OLD)
        copy_with_new_first_page(source, copy)
        with contextlib.closing(_connect_old(copy)) as renewed:
            yield renewed if _count_readable(renewed) >= _count_readable(old) else old
        clear_copy(part)


def _connect_old(path: Path) -> sqlite3.Connection:
    connection = connect_readable(path)
    connection.execute("PRAGMA writable_schema = ON")  # a corrupt definition of one table hides no other
    return connection


def _count_readable(old: sqlite3.Connection) -> int:
    """Return how many records can be read one after the other and are intact."""
    number = 0
    with contextlib.suppress(*SQLITE_ERRORS):
        for (intact,) in old.execute(f"SELECT {sql_intact('record')} FROM record NOT INDEXED"):  # noqa: S608 constants
            number += bool(intact)
    return number


def _copy(old: sqlite3.Connection, part: Path) -> None:
    """Copy the rows of all tables, in the version that wrote the old file, and the highest id that it ever gave."""
    highest = _find_highest(old)
    with contextlib.closing(open_writable(part, _find_version(old))) as new:
        for table in BY_ROWID:
            highest_id = _select_number(old, f"SELECT max(rowid) FROM {table}")  # noqa: S608 a name of ours
            _insert(new, table, _read_by_rowid(old, table, 0, highest_id))
        without_id = _copy_records(old, new, highest)
        for table in WHOLE:
            _insert(new, table, _read_whole(old, table))
        _give_no_id_twice(old, new, highest)
        _insert(new, "record", iter((without_id,)))
        _insert_unreadable(old, new)


def _find_version(old: sqlite3.Connection) -> int:
    """Return the version of the old file's tables: as they are defined, else as its header says, 0 for the newest."""
    with contextlib.suppress(*SQLITE_ERRORS):
        if version := find_version(select_definitions(old)):
            return version
    version = _select_number(old, "PRAGMA user_version")
    return version if version <= len(MIGRATIONS) else 0


def _find_highest(old: sqlite3.Connection) -> int:
    """Return the highest id of a record given so far, as far as it can be read."""
    return max(_select_number(old, sql) for sql in _HIGHEST)


def _select_number(old: sqlite3.Connection, sql: str) -> int:
    """Return the number that SQL selects; 0 where it cannot be read."""
    try:
        row = old.execute(sql).fetchone()
    except SQLITE_ERRORS:
        return 0
    return int(row[0]) if row and isinstance(row[0], int) else 0


def _copy_records(old: sqlite3.Connection, new: sqlite3.Connection, highest: int) -> list[Row]:
    """Copy the records as they stand in the file, with the ids that they had; return those whose ids cannot be told.

    Only behind a page that cannot be read they are found by their ids, where one id that is wrong would hide others.
    """
    reading = _Reading(old)
    rows, same = tee(reading)
    last, without_id = 0, []
    ordered = zip(rows, put_in_order(row[0] for row in same), strict=True)
    while chunk := list(islice(ordered, CHUNK)):
        without_id += [(None, *row[1:]) for row, number in chunk if number is None]
        right = [(number, *row[1:]) for row, number in chunk if number is not None]
        _insert(new, "record", iter((right,)))
        last = right[-1][0] if right else last
    if not reading.whole:
        _insert(new, "record", _read_by_rowid(old, "record", last, highest))
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
        log.error("%s of the journal could not be read: only their arrival times are known", telegrams(lost))


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


class _Reading:
    """Iterates over the records as they stand in the file, up to what cannot be read."""

    def __init__(self, old: sqlite3.Connection) -> None:
        self._old = old
        self.whole = False  # all of them have been read

    def __iter__(self) -> Iterator[Row]:
        with contextlib.suppress(*SQLITE_ERRORS):
            yield from self._old.execute("SELECT * FROM record NOT INDEXED")
            self.whole = True


def _read_by_rowid(old: sqlite3.Connection, table: str, first: int, last: int) -> Iterator[list[Row]]:
    """Yield the rows behind an id that can be read, however many pages between them cannot."""
    sql = f"SELECT * FROM {table} WHERE rowid BETWEEN ? AND ?"  # noqa: S608 a name of ours
    while 0 < (first := _find_next(old, table, first + 1)) <= last:
        yield _read_between(old, sql, first, min(first + CHUNK - 1, last))
        first += CHUNK - 1


def _find_next(old: sqlite3.Connection, table: str, first: int) -> int:
    """Return the first id from `first` on that is there, or may be; 0: there is none."""
    try:
        (found,) = old.execute(f"SELECT min(rowid) FROM {table} WHERE rowid >= ?", (first,)).fetchone()  # noqa: S608
    except SQLITE_ERRORS:
        return first
    return found or 0


def _read_between(old: sqlite3.Connection, sql: str, first: int, last: int) -> list[Row]:
    """Return the rows between two ids, halving the span around what cannot be read."""
    try:
        return old.execute(sql, (first, last)).fetchall()
    except SQLITE_ERRORS:
        if first == last:
            return []
    middle = (first + last) // 2
    return _read_between(old, sql, first, middle) + _read_between(old, sql, middle + 1, last)


def _read_whole(old: sqlite3.Connection, table: str) -> Iterator[list[Row]]:
    """Yield the rows of a small table, up to what cannot be read."""
    rows: list[Row] = []
    with contextlib.suppress(*SQLITE_ERRORS):
        rows.extend(old.execute(f"SELECT * FROM {table}"))  # noqa: S608 a name of ours
    yield rows


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
    for rows in _read_whole(old, "sqlite_sequence"):
        ever |= {name: max(last, ever.get(name, 0)) for name, last in rows if isinstance(last, int)}
    given = dict(new.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for name, last in ever.items():
        if last > given.get(name, 0):
            new.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            new.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, last))
