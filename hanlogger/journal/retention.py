"""What is kept, and what goes: delivered frames older than `keep`; at `max_size` the oldest, delivered ones first."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from hanlogger.journal.file import beside
from hanlogger.journal.kinds import Cleaned, Totals, from_ms, to_ms
from hanlogger.journal.store import Store
from hanlogger.journal.sweep import EVERY, Chosen, delete, delivered, shrink, used

log = logging.getLogger(__name__)


class Retention(Store):
    """Deletes by steps."""

    _dropping = False

    def size(self) -> int:
        """Octets of the journal on the disk, its write-ahead log included."""
        files = (self.path, beside(self.path, "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def totals(self) -> Totals:
        """What the journal holds."""

        def work(connection: sqlite3.Connection) -> Totals:
            sql = "SELECT count(*), min(received_at), max(received_at) FROM record WHERE kind = 0"
            frames, oldest, newest = connection.execute(sql).fetchone()
            (undecoded,) = connection.execute("SELECT count(*) FROM undecoded").fetchone()
            (refused,) = connection.execute("SELECT count(*) FROM refused").fetchone()
            oldest, newest = (None if at is None else from_ms(at) for at in (oldest, newest))
            return Totals(frames, oldest, newest, self.size(), undecoded, refused)

        return self._read(work)

    def clean(self, keep: timedelta, max_size: int, destinations: Collection[str]) -> Cleaned:
        """Delete what has been kept long enough, and what is over the size in octets.

        A frame is delivered when each of `destinations` has it, and nothing of it is refused or undecoded. Without
        a destination `keep` alone decides; what then goes for its size is counted, as it is nowhere else.
        """
        before = to_ms(datetime.now(UTC) - keep)
        spare = self._read(lambda connection: delivered(connection, destinations))
        gone = self._delete_all((spare if destinations else EVERY).older_than(before))
        if destinations:
            gone += self._fit(max_size, spare)
        lost = self._fit(max_size, EVERY)
        self._say(lost)
        self._write(lambda connection: shrink(connection, max_size))
        self._reserve.keep()
        return Cleaned(gone.total(), lost.total())

    def _delete_all(self, chosen: Chosen) -> Counter[str]:
        gone: Counter[str] = Counter()
        while step := self._write(lambda connection: delete(connection, chosen)):
            gone += step
        return gone

    def _fit(self, max_size: int, chosen: Chosen) -> Counter[str]:
        """Delete the oldest chosen records until the rest fits; their meters."""
        gone: Counter[str] = Counter()
        while step := self._write(lambda connection: delete(connection, chosen, used(connection) - max_size)):
            gone += step
        return gone

    def _say(self, lost: Counter[str]) -> None:
        for meter, frames in lost.items():
            self._pending.count(meter, "dropped", frames)
        if lost and not self._dropping:
            log.warning("the journal has reached max_size: frames that were never delivered are being deleted")
        self._dropping = bool(lost)
