"""SQLite as the journal uses it: connections, errors in hanlogger's words, and how turned bits are noticed.

SQLite has no checksums of its own, and memory cards turn bits. A row is intact when its `crc` is the CRC-32 of its
other cells. NULL stands in rows of version 1, which are believed until they get theirs (hanlogger.journal.rows).

No checksum covers the id of a record, and cursors stand on it. SQLite finds a row by its id along the order of all
ids, and reads on from there row by row. A turned bit in an id is seen where rows that are read one after the other do
not rise, where a row is found by reading on and not by its id, or where a row that the index of times has is passed
over. Then the file is corrupt, and a salvage puts the ids right.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from zlib import crc32

from hanlogger.errors import JournalUnavailable

BUSY_SECONDS = 5.0  # that a connection waits for another process

CHECKED_COLUMNS = {
    "record": (
        *("kind", "meter", "received_at", "settings", "format"),
        *("live", "verified", "judged", "boot", "uptime", "data"),
    ),
    "settings": ("meter", "json"),
    "destination": ("name", "cursor"),
    "again": ("destination", "first_id", "last_id", "meter"),
    "refused": ("destination", "first_id", "last_id", "line", "reason", "at"),
    "undecoded": ("record", "reason", "tried_with"),
    "counter": ("meter", "name", "value"),
    "passed": ("meter", "record", "time"),
    "learnt": ("device", "json"),
    "damaged": ("meter", "received_at", "format", "reason", "data"),
}
"""By table, the columns that its checksum covers: all but ids that nothing but their uniqueness depends on."""

NO_CHECKSUM = -1
"""The checksum of a row that is known to be corrupt: no CRC-32 is negative."""

SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where its message quotes a corrupt definition of a table."""

ID_CORRUPT = "the journal is corrupt: an id in it is not what it was"

_NEXT = "SELECT id FROM record WHERE id > ? ORDER BY id LIMIT 1"
_BETWEEN = """
SELECT EXISTS (SELECT 1 FROM record INDEXED BY record_time WHERE +id > ? AND +id < ? AND meter = coalesce(?, meter))
"""
PROBE = 1024 * 1024  # octets that a disk takes which is not full
_FAILED_WRITE = "SQLITE_IOERR_WRITE"
_CORRUPT = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_CORRUPT_WORDS = ("no such column", "unsupported file format")  # a definition, the header, is not what it was
_WORDS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR_WRITE": "the disk does not take more",
    "SQLITE_BUSY": "another process holds it",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
}
"""By the beginning of SQLite's name of an error, what the user is told."""


class JournalCorrupt(JournalUnavailable):
    """SQLite itself calls the file corrupt. No other trouble makes a journal be set aside."""


class JournalMoved(JournalUnavailable):
    """The open file does not have its name any more: it was moved away, deleted or replaced."""


def connect(path: Path, how: str) -> sqlite3.Connection:
    """Return a connection by SQLite's URI parameters, such as mode=ro. Raises JournalUnavailable."""
    uri = f"{path.absolute().as_uri()}?{how}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise translate_error(error, path) from error
    connection.create_function("checksum", -1, compute_checksum, deterministic=True)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # a corrupt text costs itself alone
    return connection


def translate_error(error: BaseException, path: Path) -> BaseException:
    """Return SQLite's error as JournalUnavailable or JournalCorrupt; any other error as it is."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if isinstance(error, UnicodeDecodeError):
        return JournalCorrupt(f"the journal {path} is corrupt: its definition of a table is no text")
    if not name:
        return error
    if name.startswith(_CORRUPT) or str(error).startswith(_CORRUPT_WORDS) or _is_read_only_by_header(name, path):
        return JournalCorrupt(f"the journal {path} is corrupt: {error}")
    full = _is_full(name, path)
    failed = name.startswith(_FAILED_WRITE) and not full
    words = next(
        (words for start, words in _WORDS.items() if name.startswith(start) and not failed), f"{error} ({name})"
    )
    return JournalUnavailable(f"the journal {path} cannot be used now: {words}", full=full)


def _is_full(name: str, path: Path) -> bool:
    """Return whether an error is for want of space; a failed write is where a quota or a limit on a file's size is met.

    Any other failed write is the disk's fault, for which no telegram is to be deleted.
    """
    if not name.startswith(_FAILED_WRITE):
        return name.startswith("SQLITE_FULL")
    try:
        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as file:
            file.seek(path.stat().st_size)  # where a limit on the size of a file is
            written = file.write(bytes(PROBE))
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return written is not None and written < PROBE


def _is_read_only_by_header(name: str, path: Path) -> bool:
    """Return whether SQLite takes for read-only, by a number in the header, what may be written by this process."""
    return name == "SQLITE_READONLY" and os.access(path, os.W_OK)


def compute_checksum(*cells: bytes | None) -> int:
    """Return the CRC-32 of a row's cells, each as octets with their number before them; SQL's `checksum`."""
    return crc32(b"".join(b"-" if cell is None else b"%d:%b" % (len(cell), cell) for cell in cells))


def sql_checksum(table: str, **changed: str) -> str:
    """Return SQL of the checksum of a row; changed: by column, SQL of what stands in its place."""
    cells = (changed.get(column, f"{table}.{column}") for column in CHECKED_COLUMNS[table])
    return f"checksum({', '.join(f'CAST({cell} AS BLOB)' for cell in cells)})"


def sql_intact(table: str) -> str:
    """Return SQL of the condition that a row is what was written."""
    return f"({table}.crc IS NULL OR {table}.crc = {sql_checksum(table)})"


def sql_insert(table: str, verb: str = "INSERT") -> str:
    """Return SQL that inserts a row with its checksum; the parameters are the columns of CHECKED_COLUMNS."""
    columns = CHECKED_COLUMNS[table]
    marks = {column: f"?{number}" for number, column in enumerate(columns, 1)}
    values = f"{', '.join(marks.values())}, {sql_checksum(table, **marks)}"
    return f"{verb} INTO {table} ({', '.join(columns)}, crc) VALUES ({values})"


def check_order(connection: sqlite3.Connection, cursor: int, ids: Sequence[int]) -> None:
    """Raise JournalCorrupt unless ids that were read on from a cursor rise, and no row was passed over before them.

    One more is to be read than is needed: it tells whether the last that is needed is right.
    """
    check_rising((cursor, *ids))
    following = connection.execute(_NEXT, (cursor,)).fetchone()
    if following and following[0] != cursor + 1:
        check_gap(connection, cursor, following[0])


def check_rising(ids: Sequence[int]) -> None:
    """Raise JournalCorrupt unless each id is higher than the one before it."""
    if not all(one < other for one, other in pairwise(ids)):
        raise JournalCorrupt(ID_CORRUPT)


def check_end(connection: sqlite3.Connection, last: int, up_to: int, meter: str | None) -> None:
    """Raise JournalCorrupt where reading up to an id has ended with an earlier one, and the index has others."""
    if last < up_to:
        check_gap(connection, last, up_to + 1, meter)


def check_gone(connection: sqlite3.Connection, record_id: int) -> None:
    """Raise JournalCorrupt where a row that is not found by its id is there all the same."""
    check_gap(connection, record_id - 1, record_id + 1)


def check_gap(connection: sqlite3.Connection, after: int, before: int, meter: str | None = None) -> None:
    """Raise JournalCorrupt where the index has a row, of one meter or (None) of any, between two ids.

    It looks through the whole index, which takes some tenths of a second for a million records: gaps are rare.
    """
    if connection.execute(_BETWEEN, (after, before, meter)).fetchone()[0]:
        raise JournalCorrupt(ID_CORRUPT)


def put_in_order(ids: Iterable[int]) -> Iterator[int | None]:
    """Yield for each id, as the rows stand in the file, the id that it was; None where that cannot be told.

    >>> list(put_in_order([298, 299, 812, 301, 44, 303, 5, 304]))
    [298, 299, 300, 301, 302, 303, None, 304]
    """
    last = 0
    for this, following in pairwise(chain(ids, (None,))):
        if this is None:
            return
        right: int | None = this
        too_high = following is not None and last < following <= this != last + 1
        if this <= last or too_high:
            right = last + 1 if following is None or not last < following <= last + 1 else None
        last = right or last
        yield right
