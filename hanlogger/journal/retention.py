"""What may go: delivered frames older than `keep`, and at `max_size` the oldest, delivered ones first."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hanlogger.journal.kinds import Cleaned, Totals, from_ms, to_ms
from hanlogger.journal.records import delete_strays
from hanlogger.journal.store import Store

STEP = 500  # records a transaction, so that appending never waits long
ROW = 64  # octets of a record beside its data, about

log = logging.getLogger(__name__)


class Chosen(NamedTuple):
    """A condition on records, and its parameters."""

    where: str
    parameters: tuple[object, ...] = ()

    def older_than(self, before: int) -> Chosen:
        # a time of receipt by a clock that was not set says nothing about the age
        return Chosen(f"{self.where} AND judged AND received_at < ?", (*self.parameters, before))


EVERY = Chosen("true")


class Retention(Store):
    _dropping = False

    def size(self) -> int:
        """Octets of the journal on the disk, its write-ahead log included."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def totals(self) -> Totals:
        """What the journal holds, in numbers."""

        def work(connection: sqlite3.Connection) -> Totals:
            frames, oldest, newest = connection.execute(
                "SELECT count(*), min(received_at), max(received_at) FROM record WHERE kind = 0"
            ).fetchone()
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
        spare = self._read(lambda c: delivered(c, destinations))
        gone = self._delete_all(spare.older_than(before) if destinations else EVERY.older_than(before))
        gone += self._fit(max_size, spare) if destinations else Counter()
        lost = self._fit(max_size, EVERY)
        self._say(lost)
        self._write(lambda connection: _shrink(connection, max_size))
        return Cleaned(gone.total(), lost.total())

    def free(self, octets: int, destinations: Collection[str]) -> int:
        """Delete the oldest delivered frames, so many octets of them, where the disk has no more room; their number."""
        if not destinations:
            return 0
        spare = self._read(lambda c: delivered(c, destinations))
        return self._write(lambda connection: _delete(connection, spare, octets)).total()

    def _delete_all(self, chosen: Chosen) -> Counter[str]:
        gone: Counter[str] = Counter()
        while step := self._write(lambda connection: _delete(connection, chosen)):
            gone += step
        return gone

    def _fit(self, max_size: int, chosen: Chosen) -> Counter[str]:
        """Delete the oldest chosen records until the rest fits; frames by meter."""
        gone: Counter[str] = Counter()
        while (excess := self._read(_used) - max_size) > 0:
            step = self._write(lambda connection: _delete(connection, chosen, excess))  # noqa: B023 done before the next
            if not step:
                break
            gone += step
        return gone

    def _say(self, lost: Counter[str]) -> None:
        for meter, frames in lost.items():
            with self._waiting_lock:
                self._counts[meter, "dropped"] += frames
        if lost and not self._dropping:
            log.warning("the journal has reached its max_size: frames that were never delivered are being deleted")
        self._dropping = bool(lost)


def delivered(connection: sqlite3.Connection, destinations: Collection[str]) -> Chosen:
    """Records that every destination has, and of which nothing is refused, undecoded or to be sent again."""
    names = tuple(destinations)
    marks = ",".join("?" * len(names))
    served, lowest = connection.execute(
        f"SELECT count(*), min(cursor) FROM destination WHERE name IN ({marks})", names
    ).fetchone()
    inside = f"destination IN ({marks}) AND record.id BETWEEN first_id AND last_id"
    where = f"""id <= ?
        AND id NOT IN (SELECT record FROM undecoded)
        AND id NOT IN (SELECT first_id FROM refused WHERE destination IN ({marks}))
        AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id < last_id AND {inside})
        AND NOT EXISTS (SELECT 1 FROM again WHERE {inside})"""
    return Chosen(where, (lowest if served == len(names) else 0, *names, *names, *names))


def _delete(connection: sqlite3.Connection, chosen: Chosen, octets: float = float("inf")) -> Counter[str]:
    """Delete the oldest chosen records, a step's worth or so many octets; their meters ("" for health of none)."""
    rows = connection.execute(
        f"SELECT id, kind, meter, length(data) FROM record WHERE {chosen.where} ORDER BY id LIMIT ?",
        (*chosen.parameters, STEP),
    )
    gone: Counter[str] = Counter()
    for number, kind, meter, length in rows.fetchall():
        if octets <= 0:
            break
        connection.execute("DELETE FROM record WHERE id = ?", (number,))
        octets -= length + ROW
        gone[meter] += 1
    delete_strays(connection)
    return gone


def _used(connection: sqlite3.Connection) -> int:
    """Octets of the file that hold something."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - unused) * size)


def _shrink(connection: sqlite3.Connection, max_size: int) -> None:
    """Give free pages back to the disk while the file is larger than it may be."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    if pages * size > max_size:
        connection.execute("PRAGMA incremental_vacuum(2000)").fetchall()
