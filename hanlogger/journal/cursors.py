"""SQL of how far a destination has been served; each function is a part of a read or a transaction."""

from __future__ import annotations

import sqlite3

from hanlogger.journal.sealing import insert, intact

_CURSOR = f"SELECT cursor FROM destination WHERE name = ? AND {intact('destination')}"  # noqa: S608 constants
_HIGHEST = f"SELECT coalesce(max(cursor), 0) FROM destination WHERE {intact('destination')}"  # noqa: S608 constants
_FRAMES_AFTER = "SELECT count(*) FROM record WHERE +kind = 0 AND id > ?"
_MOVE = insert("destination", "INSERT OR REPLACE")


def cursor_of(connection: sqlite3.Connection, destination: str) -> int:
    """The id up to which it has been served; 0 also for a damaged row: sent twice does no harm, never sent does."""
    row = connection.execute(_CURSOR, (destination,)).fetchone()
    return int(row[0]) if row else 0


def highest_cursor(connection: sqlite3.Connection) -> int:
    """Return the largest cursor of all destinations; 0 where there is none."""
    return int(connection.execute(_HIGHEST).fetchone()[0])


def frames_after(connection: sqlite3.Connection, cursor: int) -> int:
    """Return the number of frames after a cursor."""
    return int(connection.execute(_FRAMES_AFTER, (cursor,)).fetchone()[0])


def move_cursor(connection: sqlite3.Connection, destination: str, cursor: int) -> None:
    """Only ever forward."""
    connection.execute(_MOVE, (destination, max(cursor, cursor_of(connection, destination))))
