"""Room on a full disk, made in the place of what is delivered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from hanlogger.journal.store import Store
from hanlogger.journal.sweep import delete, delivered

NO_CAP = 2**31  # pages; SQLite's own limit is a little lower

Making = Literal["none", "made", "back"]
"""There is none · some was made inside the file · the disk has some again."""


class Room(Store):
    """For the recorder."""

    _capped = False  # the file may not grow

    def free(self, octets: int, destinations: Collection[str]) -> Making:
        """Make room on a full disk by deleting the oldest delivered frames, so many octets.

        From then on the file does not grow until the disk has room again: pages waiting in the write-ahead log for a
        file that cannot grow would fill the log too, and then nothing could be deleted any more.
        """
        if self._capped and self._reserve.disk_has_room():
            self._cap(NO_CAP)
            return "back"
        if not destinations:
            return "none"
        spare = self._read(lambda connection: delivered(connection, destinations))
        with self._reserve.lent():
            gone = self._write(lambda connection: delete(connection, spare, octets))
        self._cap(1)  # SQLite takes it for the number of pages there are
        return "made" if gone else "none"

    def _cap(self, pages: int) -> None:
        self._capped = pages != NO_CAP
        self._write(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchall())
