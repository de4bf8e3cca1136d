"""Room on a full disk, made in the place of what is delivered."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from typing import Literal, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import beside
from hanlogger.journal.reserve import LEAST
from hanlogger.journal.store import Store
from hanlogger.journal.sweep import Chosen, delete_counted, delivered

T = TypeVar("T")

NO_CAP = 2**31  # pages; SQLite's own limit is a little lower
LOG_PAGES = 1000  # at which the log goes into the file, and begins anew: SQLite's own
LOG = 5 * 1024 * 1024  # octets of the write-ahead log: those pages, and a large transaction

Making = Literal["none", "made", "back"]
"""There is none · some was made inside the file · the disk has some again."""


class Room(Store):
    """For the recorder and the deliveries."""

    _capped = False  # the file may not grow

    def keep_reserve(self) -> None:
        """Set room aside for a full disk, where there is plenty: as soon as possible, for it may be filled any time."""
        self._reserve.keep()

    def free(self, octets: int, destinations: Collection[str]) -> Making:
        """Make room on a full disk by deleting the oldest delivered frames, so many octets.

        From then on the file does not grow until the disk has room again: pages waiting in the write-ahead log for a
        file that cannot grow would fill the log too, and then nothing could be deleted any more.
        """
        if self._capped and self._reserve.disk_has_room():
            self._write(lambda connection: self._cap(connection, NO_CAP))
            return "back"
        if not destinations:
            return "none"
        spare = self._read(lambda connection: delivered(connection, destinations))
        with self._reserve.lent():
            gone = self._write(lambda connection: self._replace_by_room(connection, spare, octets))
            self._write(self._lengthen_log)
        return "made" if gone else "none"

    @contextlib.contextmanager
    def last_room(self) -> Iterator[None]:
        """The reserve, all but a little, for what is appended inside: before an end, with nothing to come after it."""
        with self._reserve.lent(but=LEAST):
            self._write(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 1"))
            self._write(self._cap_at_disk)
            yield

    def _make_way(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As `_write`, on a full disk in the room of the reserve: what is delivered makes room for all else."""
        try:
            return self._write(work)
        except JournalUnavailable as error:
            if not error.full:
                raise
        with self._reserve.lent():
            return self._write(lambda connection: self._uncapped(connection, work))

    # in the writer's thread, each a part of a transaction

    def _replace_by_room(self, connection: sqlite3.Connection, spare: Chosen, octets: int) -> int:
        """Delete frames, count them, and return their number.

        With the COMMIT all of the log goes into the file, which is then at its cap.
        """
        self._cap(connection, 1)  # SQLite takes it for the number of pages there are
        connection.execute("PRAGMA wal_autocheckpoint = 1")
        return delete_counted(connection, "deleted_full", spare, octets).total()

    def _lengthen_log(self, connection: sqlite3.Connection) -> None:
        """Let the log have what it needs before others take it.

        SQLite cannot be asked to, and takes what stands after its last frame for none.
        """
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        with contextlib.suppress(OSError), beside(self.path, "-wal").open("r+b", buffering=0) as log:
            log.write(bytes(max(0, LOG - log.seek(0, os.SEEK_END))))

    def _cap_at_disk(self, connection: sqlite3.Connection) -> None:
        """What goes into the log now must have room in the file too, or the log could never begin anew."""
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        room = self.path.stat().st_size + shutil.disk_usage(self.path.parent).free
        self._cap(connection, room // int(page))

    def _uncapped(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
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
