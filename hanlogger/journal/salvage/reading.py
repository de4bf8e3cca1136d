"""What can be read of a table, however many of its pages cannot."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Any

from hanlogger.journal.file.sqlite import SQLITE_ERRORS

Row = tuple[Any, ...]

CHUNK = 1000  # rows at a time


def select_number(old: sqlite3.Connection, sql: str) -> int:
    """Return the number that SQL selects; 0 where it cannot be read."""
    try:
        row = old.execute(sql).fetchone()
    except SQLITE_ERRORS:
        return 0
    return int(row[0]) if row and isinstance(row[0], int) else 0


class Reading:
    """Iterates over the rows that SQL selects, up to what cannot be read."""

    def __init__(self, old: sqlite3.Connection, sql: str) -> None:
        self._old, self._sql = old, sql
        self.whole = False  # all of them have been read

    def __iter__(self) -> Iterator[Row]:
        with contextlib.suppress(*SQLITE_ERRORS):
            yield from self._old.execute(self._sql)
            self.whole = True


def read_by_rowid(old: sqlite3.Connection, table: str, first: int, last: int) -> Iterator[list[Row]]:
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


def read_whole(old: sqlite3.Connection, table: str) -> Iterator[list[Row]]:
    """Yield the rows of a small table, up to what cannot be read."""
    rows: list[Row] = []
    with contextlib.suppress(*SQLITE_ERRORS):
        rows.extend(old.execute(f"SELECT * FROM {table}"))  # noqa: S608 a name of ours
    yield rows


def read_from_both_ends(old: sqlite3.Connection, table: str, key: str) -> Iterator[list[Row]]:
    """Yield the rows of a large table up to what cannot be read, and behind it from the last row backwards.

    key: the columns of its primary key. A row may be yielded twice.
    """
    backwards = ", ".join(f"{column} DESC" for column in key.split(", "))
    for order in (key, backwards):
        reading = Reading(old, f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608 names of ours
        rows = iter(reading)
        while chunk := list(islice(rows, CHUNK)):
            yield chunk
        if reading.whole:
            return
