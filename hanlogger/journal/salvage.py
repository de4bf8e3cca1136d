"""A file that SQLite calls corrupt: set aside under another name, what can be read of it carried over."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import JournalCorrupt, beside, open_readable, open_writable, translated

CHUNK = 1000  # rows a transaction

BY_ROWID = ("settings", "record", "again", "refused", "undecoded", "damaged")
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


def renew(path: Path, error: JournalCorrupt) -> None:
    """Put a new journal in the place of the corrupt one, which stays beside it. No connection may be open.

    JournalUnavailable when it cannot be done now, and then nothing has changed.
    """
    aside = beside(path, f".corrupt-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    fresh = beside(path, ".new")
    try:
        fresh.unlink(missing_ok=True)
        carried = _carry_over(path, fresh)
        _exchange(path, aside, fresh)
    except sqlite3.Error as trouble:
        raise translated(trouble, fresh) from trouble
    except OSError as trouble:
        raise JournalUnavailable(f"{error}, and cannot be replaced: {trouble}") from trouble
    log.error("%s: it is kept as %s; %d records could be read and are carried over", error, aside, carried)


def _exchange(path: Path, aside: Path, fresh: Path) -> None:
    for suffix in ("", "-wal"):
        if beside(path, suffix).exists():
            beside(path, suffix).replace(beside(aside, suffix))
    beside(path, "-shm").unlink(missing_ok=True)
    fresh.replace(path)


def _carry_over(path: Path, fresh: Path) -> int:
    """Fill a new journal with what can be read of the old; the number of its records."""
    with contextlib.closing(open_writable(fresh)) as new:
        with contextlib.closing(open_readable(path)) as old:
            highest = _highest(old)
            for table in BY_ROWID:
                _insert(new, table, _by_rowid(old, table, highest))
            for table in WHOLE:
                _insert(new, table, _whole(old, table))
        _give_no_id_twice(new, highest)
        (carried,) = new.execute("SELECT count(*) FROM record").fetchone()
    return int(carried)


def _highest(old: sqlite3.Connection) -> int:
    return max(_number(old, sql) for sql in _HIGHEST)


def _number(old: sqlite3.Connection, sql: str) -> int:
    try:
        row = old.execute(sql).fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0]) if row and isinstance(row[0], int) else 0


def _by_rowid(old: sqlite3.Connection, table: str, highest: int) -> Iterator[list[Row]]:
    """The rows that can be read, however many pages between them cannot."""
    sql = f"SELECT * FROM {table} WHERE rowid BETWEEN ? AND ?"  # noqa: S608 a name of ours
    last = highest if table == "record" else _number(old, f"SELECT max(rowid) FROM {table}")  # noqa: S608
    for first in range(1, last + 1, CHUNK):
        yield _between(old, sql, first, min(first + CHUNK - 1, last))


def _between(old: sqlite3.Connection, sql: str, first: int, last: int) -> list[Row]:
    """Halving around what cannot be read."""
    try:
        return old.execute(sql, (first, last)).fetchall()
    except sqlite3.Error:
        if first == last:
            return []
    middle = (first + last) // 2
    return _between(old, sql, first, middle) + _between(old, sql, middle + 1, last)


def _whole(old: sqlite3.Connection, table: str) -> Iterator[list[Row]]:
    """A small table, up to what cannot be read."""
    rows: list[Row] = []
    with contextlib.suppress(sqlite3.Error):
        rows.extend(old.execute(f"SELECT * FROM {table}"))  # noqa: S608 a name of ours
    yield rows


def _insert(new: sqlite3.Connection, table: str, chunks: Iterator[list[Row]]) -> None:
    for rows in chunks:
        if rows:
            marks = ",".join("?" * len(rows[0]))
            new.execute("BEGIN")
            new.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608
            new.execute("COMMIT")


def _give_no_id_twice(new: sqlite3.Connection, highest: int) -> None:
    """Cursors stand on ids: those after the highest that was ever given are new to every destination."""
    new.execute("DELETE FROM sqlite_sequence WHERE name = 'record'")
    new.execute("INSERT INTO sqlite_sequence VALUES ('record', ?)", (highest,))
