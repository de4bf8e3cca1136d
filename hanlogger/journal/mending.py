"""Damaged rows of the tables beside `record`: each falls back to what does no harm, and is told of.

A cursor falls back to 0: what is sent twice does no harm, what is never sent does. Where a row is lost that listed
records (to be sent again, refused, undecoded) all is sent again, which lists them anew. A count begins anew, what was
learnt is learnt again. Settings are left as they are: records refer to them (rows.py).
"""

from __future__ import annotations

import logging
import sqlite3

from hanlogger.journal.outcomes import insert_passed_redelivery, select_cursor
from hanlogger.journal.rows import is_sound
from hanlogger.journal.sealing import BROKEN, checksum_of, intact

LISTS = ("again", "refused", "undecoded")
BESIDE = ("destination", *LISTS, "counter", "passed", "learnt", "damaged")
STEP = 500  # records a transaction, so that appending never waits long
LARGEST = 2**53
"""No id that was ever given is larger, or SQLite might soon have none left to give."""

log = logging.getLogger(__name__)


def mend(connection: sqlite3.Connection) -> None:
    """Part of a transaction: give rows of version 1 their checksums, and put right what is damaged."""
    for table in ("settings", *BESIDE):
        connection.execute(f"UPDATE {table} SET crc = {checksum_of(table)} WHERE crc IS NULL")  # noqa: S608
    lost = {table: _delete_damaged(connection, table) for table in BESIDE}
    if any(lost[table] for table in LISTS):
        _send_all_again(connection)
    _mend_ids(connection)
    if tables := [table for table, rows in lost.items() if rows]:
        words = "the journal had %d damaged rows (%s): what they said is found out anew, and sent again where need be"
        log.error(words, sum(lost.values()), ", ".join(tables))


def seal_records(connection: sqlite3.Connection) -> int:
    """Part of a transaction: give a step's worth of records of version 1 their checksums; their number."""
    rows = connection.execute(_UNSEALED, (STEP,)).fetchall()
    for number, *cells in rows:
        crc = checksum_of("record") if is_sound(*cells) else str(BROKEN)
        connection.execute(f"UPDATE record SET crc = {crc} WHERE id = ?", (number,))  # noqa: S608
    return len(rows)


_UNSEALED = "SELECT id, kind, received_at, format, data, verified FROM record WHERE crc IS NULL ORDER BY id LIMIT ?"


def _delete_damaged(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"DELETE FROM {table} WHERE NOT {intact(table)}").rowcount  # noqa: S608


def _send_all_again(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM destination").fetchall():
        insert_passed_redelivery(connection, name, 1, select_cursor(connection, name), None)


def _mend_ids(connection: sqlite3.Connection) -> None:
    """No id is out of reach of a cursor, and the next is larger than any that a cursor has passed."""
    connection.execute(
        "DELETE FROM sqlite_sequence WHERE typeof(seq) != 'integer' OR seq NOT BETWEEN 0 AND ?", (LARGEST,)
    )
    strays = connection.execute("SELECT id FROM record WHERE id < 1 OR id > ? ORDER BY id", (LARGEST,)).fetchall()
    (highest,) = connection.execute(_HIGHEST, (LARGEST,)).fetchone()
    for number, (stray,) in enumerate(strays, highest + 1):
        connection.execute("UPDATE record SET id = ? WHERE id = ?", (number, stray))
    if connection.execute(_BEHIND, (highest + len(strays),)).fetchone() is None:
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'record'")
        connection.execute("INSERT INTO sqlite_sequence VALUES ('record', ?)", (highest + len(strays),))


_BEHIND = "SELECT 1 FROM sqlite_sequence WHERE name = 'record' AND seq >= ?"
_HIGHEST = """
SELECT max(coalesce((SELECT max(id) FROM record WHERE id <= ?), 0), coalesce((SELECT max(cursor) FROM destination), 0),
coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'record'), 0))
"""
