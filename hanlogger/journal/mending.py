"""Delete corrupt rows at each opening, so that what they held is found out anew.

A corrupt cursor falls back to 0: to send twice does no harm, never to send does. Where a row is lost that listed
records (redelivery, refused, undecoded) everything is sent once more, which lists them anew. A count begins anew, and
what was learnt is learnt anew.
"""

from __future__ import annotations

import logging
import sqlite3

from hanlogger.journal.checksums import NO_CHECKSUM, make_checksum_sql, make_intact_sql
from hanlogger.journal.outcomes import insert_passed_redelivery, select_cursor
from hanlogger.journal.rows import is_sound

LISTS = ("again", "refused", "undecoded")
BESIDE_RECORDS = ("destination", *LISTS, "counter", "passed", "learnt", "damaged")
STEP = 500  # records a transaction, so that appending never waits long
LARGEST_ID = 2**53
"""No id that was ever given is larger, or SQLite might soon have none left to give."""
_UNSEALED = "SELECT id, kind, received_at, format, data, verified FROM record WHERE crc IS NULL ORDER BY id LIMIT ?"
_HIGHEST_ID = """
SELECT max(coalesce((SELECT max(id) FROM record WHERE id <= ?), 0), coalesce((SELECT max(cursor) FROM destination), 0),
coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'record'), 0))
"""
_STRAYS = "SELECT id FROM record WHERE id < 1 UNION ALL SELECT id FROM record WHERE id > ? ORDER BY id"
"""In two parts, each of which is found by the id: with an OR every record would be looked at."""
_IS_AHEAD = "SELECT 1 FROM sqlite_sequence WHERE name = 'record' AND seq >= ?"
_ROWS_LOST = "the journal had %d corrupt rows (%s): what they said is found out anew, and sent again where need be"

log = logging.getLogger(__name__)


def mend(connection: sqlite3.Connection) -> None:
    """Give rows of version 1 their checksums, delete corrupt rows beside the records, and put ids right.

    Part of a transaction, at each opening.
    """
    for table in ("settings", *BESIDE_RECORDS):
        connection.execute(f"UPDATE {table} SET crc = {make_checksum_sql(table)} WHERE crc IS NULL")  # noqa: S608
    lost = {table: _delete_corrupt(connection, table) for table in BESIDE_RECORDS}
    if any(lost[table] for table in LISTS):
        _redeliver_all(connection)
    _mend_ids(connection)
    if tables := [table for table, rows in lost.items() if rows]:
        log.error(_ROWS_LOST, sum(lost.values()), ", ".join(tables))


def seal_records(connection: sqlite3.Connection) -> int:
    """Give some of the records of version 1 their checksums; return their number. Part of a transaction."""
    rows = connection.execute(_UNSEALED, (STEP,)).fetchall()
    for number, *cells in rows:
        crc = make_checksum_sql("record") if is_sound(*cells) else str(NO_CHECKSUM)
        connection.execute(f"UPDATE record SET crc = {crc} WHERE id = ?", (number,))  # noqa: S608
    return len(rows)


def _delete_corrupt(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"DELETE FROM {table} WHERE NOT {make_intact_sql(table)}").rowcount  # noqa: S608


def _redeliver_all(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM destination").fetchall():
        insert_passed_redelivery(connection, name, 1, select_cursor(connection, name), None)


def _mend_ids(connection: sqlite3.Connection) -> None:
    """Put ids that no cursor can reach behind all others, and let the next id be larger than any cursor."""
    connection.execute(
        "DELETE FROM sqlite_sequence WHERE typeof(seq) != 'integer' OR seq NOT BETWEEN 0 AND ?", (LARGEST_ID,)
    )
    strays = connection.execute(_STRAYS, (LARGEST_ID,)).fetchall()
    (highest,) = connection.execute(_HIGHEST_ID, (LARGEST_ID,)).fetchone()
    for number, (stray,) in enumerate(strays, highest + 1):
        connection.execute("UPDATE record SET id = ? WHERE id = ?", (number, stray))
    if connection.execute(_IS_AHEAD, (highest + len(strays),)).fetchone() is None:
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'record'")
        connection.execute("INSERT INTO sqlite_sequence VALUES ('record', ?)", (highest + len(strays),))
