"""Space on a full disk, made in the place of what is delivered."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from typing import Literal, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.database import Database
from hanlogger.journal.file.paths import name_beside
from hanlogger.journal.file.reserve import LAST_RESERVE
from hanlogger.journal.retention.deletion import (
    Chosen,
    choose_delivered,
    delete,
)

T = TypeVar("T")

NO_CAP = 2**31  # pages; SQLite's own limit is a little lower
LOG_PAGES = 1000  # at which the write-ahead log goes into the file, and begins anew: SQLite's own
LOG_SIZE = 5 * 1024 * 1024  # octets of the write-ahead log: those pages, and a large transaction

Freed = Literal["none", "inside", "disk"]
"""Where there is space now: nowhere, inside the file, or on the disk again."""


class Space:
    """Space on a full disk, made in the place of what is delivered, as `journal.space`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._capped = False  # the file may not grow

    def keep_reserve(self) -> None:
        """Set space aside for a full disk, where there is plenty; as soon as possible, for others may fill the disk."""
        self._database.reserve.keep()

    def free(self, octets: int, destinations: Collection[str]) -> Freed:
        """Make space on a full disk by deleting the oldest delivered frames, so many octets. JournalUnavailable.

        destinations: the names of all that are configured; without any, nothing is deleted. From then on the file does
        not grow until the disk has space again: pages waiting in the write-ahead log for a file that cannot grow would
        fill the log too, and then nothing could be deleted any more.
        """
        if self._capped and self._database.reserve.has_plenty():
            self._database.write(lambda connection: self._cap(connection, NO_CAP))
            return "disk"
        if not destinations:
            return "none"
        spare = self._database.read(
            lambda connection: choose_delivered(connection, destinations, self._database.filters)
        )
        with self._database.reserve.lend():
            deleted = self._database.write(lambda connection: self._delete_and_cap(connection, spare, octets))
            self._database.write(self._lengthen_log)
        return "inside" if deleted else "none"

    @contextlib.contextmanager
    def lend_reserve(self) -> Iterator[None]:
        """Give most of the reserve to what is appended inside, the last before an end. JournalUnavailable."""
        with self._database.reserve.lend(but=LAST_RESERVE):
            self._database.write(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 1"))
            self._database.write(self._cap_at_disk)
            yield

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work` as `Database.write` does, on a full disk in the space of the reserve.

        For what lets delivered frames be deleted afterwards. Raises JournalUnavailable.
        """
        try:
            return self._database.write(work)
        except JournalUnavailable as error:
            if not error.full:
                raise
        with self._database.reserve.lend():
            return self._database.write(lambda connection: self._do_uncapped(connection, work))

    # The methods below run in the thread that writes; each is part of a transaction.

    def _delete_and_cap(self, connection: sqlite3.Connection, spare: Chosen, octets: int) -> int:
        """Delete frames, count them, and return their number.

        With the COMMIT all of the log goes into the file, which is then at its cap.
        """
        self._cap(connection, 1)  # SQLite takes it for the number of pages there are
        connection.execute("PRAGMA wal_autocheckpoint = 1")
        return delete(connection, "deleted_full", spare, octets).total()

    def _lengthen_log(self, connection: sqlite3.Connection) -> None:
        """Give the log the space that it needs before others take it.

        SQLite cannot be asked to, and takes what stands after its last frame for none.
        """
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        with (
            contextlib.suppress(OSError),
            name_beside(self._database.path, "-wal").open("r+b", buffering=0) as log_file,
        ):
            log_file.write(bytes(max(0, LOG_SIZE - log_file.seek(0, os.SEEK_END))))

    def _cap_at_disk(self, connection: sqlite3.Connection) -> None:
        """Cap the file at what the disk has: what goes into the log must fit into the file too, or it never leaves."""
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        path = self._database.path
        octets = path.stat().st_size + shutil.disk_usage(path.parent).free
        self._cap(connection, octets // int(page))

    def _do_uncapped(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
        capped = self._capped
        self._cap(connection, NO_CAP)
        try:
            return work(connection)
        finally:
            if capped:
                self._cap(connection, 1)

    def _cap(self, connection: sqlite3.Connection, pages: int) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
        self._capped = pages != NO_CAP
