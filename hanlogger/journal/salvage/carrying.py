"""Fill a new journal with what can be read of a corrupt one."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hanlogger.journal.checksums import make_intact_sql
from hanlogger.journal.file.opening import connect_readable, open_writable
from hanlogger.journal.file.paths import make, name_beside
from hanlogger.journal.file.sqlite import SQLITE_ERRORS
from hanlogger.journal.salvage.exchange import (
    OF_OLD,
    clear_copy,
)
from hanlogger.journal.salvage.first_page import copy_with_new_first_page, is_first_page_sound
from hanlogger.journal.salvage.tables import copy_tables


def carry_over(source: Path, part: Path) -> int:
    """Fill a new journal with what can be read of the old one; return the number of its records."""
    make(part)
    if source.stat().st_size:  # of an empty one SQLite would delete the log
        with _open_old(source, part) as old:
            copy_tables(old, part)
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
        copy = name_beside(part, OF_OLD)
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
        for (intact,) in old.execute(f"SELECT {make_intact_sql('record')} FROM record NOT INDEXED"):  # noqa: S608 constants
            number += bool(intact)
    return number
