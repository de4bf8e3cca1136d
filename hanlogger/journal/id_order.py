"""Check that ids which are read one after the other rise, and that none is passed over: else the file is corrupt.

No checksum covers the id of a record, and cursors stand on it. SQLite finds a row by its id along the order of all
ids, and reads on from there row by row. A turned bit in an id is seen where rows that are read one after the other do
not rise, where a row is found by reading on and not by its id, or where a row that the index of times has is passed
over. A salvage puts the ids right.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import pairwise

from hanlogger.journal.file.sqlite import JournalCorrupt

ID_CORRUPT = "the journal is corrupt: an id in it is not what it was"

_NEXT = "SELECT id FROM record WHERE id > ? ORDER BY id LIMIT 1"
_BETWEEN = """
SELECT EXISTS (SELECT 1 FROM record INDEXED BY record_time WHERE +id > ? AND +id < ? AND meter = coalesce(?, meter))
"""


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
