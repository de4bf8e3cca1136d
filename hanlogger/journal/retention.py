"""What may go: delivered frames older than `keep`, and at `max_size` the oldest, delivered ones first."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from hanlogger.journal.kinds import Cleaned, Totals, from_ms, to_ms
from hanlogger.journal.records import EACH_METER, delete_strays
from hanlogger.journal.store import Store

PAGES = 2000  # given back a time
STEP = 500  # records a transaction, so that appending never waits long
NO_CAP = 2**31  # pages; SQLite's own limit is a little lower
ROW = 64  # octets of a record beside its data, about

_DELIVERED = """
id <= ?
AND NOT EXISTS (SELECT 1 FROM undecoded WHERE record = record.id)
AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id = record.id AND destination IN (SELECT value FROM json_each(?)))
AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id < last_id AND record.id BETWEEN first_id AND last_id
                AND destination IN (SELECT value FROM json_each(?)))
AND NOT EXISTS (SELECT 1 FROM again WHERE record.id BETWEEN first_id AND last_id
                AND destination IN (SELECT value FROM json_each(?)))
"""
_SERVED = "SELECT count(*), min(cursor) FROM destination WHERE name IN (SELECT value FROM json_each(?))"

_OLDER = f"AND judged AND kind IN (0, 1) AND received_at < ? AND meter IN ({EACH_METER})"
"""Through the index, so that nothing is read when nothing is old."""

log = logging.getLogger(__name__)


Room = Literal["none", "made", "back"]
"""There is none · some was made inside the file · the disk has some again."""


class Chosen(NamedTuple):
    """A condition on records, its parameters, and how they are looked for."""

    where: str
    parameters: tuple[object, ...] = ()
    by: str = ""

    def older_than(self, before: int) -> Chosen:
        """Those of them; a time of receipt by a clock that was not set says nothing about the age."""
        return Chosen(f"{self.where} {_OLDER}", (*self.parameters, before), "INDEXED BY record_time")


EVERY = Chosen("true")


class Retention(Store):
    """Deletes by steps."""

    _dropping = False
    _capped = False  # the file may not grow

    def size(self) -> int:
        """Octets of the journal on the disk, its write-ahead log included."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
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

    def free(self, octets: int, destinations: Collection[str]) -> Room:
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


def delivered(connection: sqlite3.Connection, destinations: Collection[str]) -> Chosen:
    """Records that every destination has, and of which nothing is refused, undecoded or to be sent again."""
    names = json.dumps(list(destinations))
    served, lowest = connection.execute(_SERVED, (names,)).fetchone()
    return Chosen(_DELIVERED, (lowest if served == len(destinations) else 0, names, names, names))


def delete(connection: sqlite3.Connection, chosen: Chosen, octets: float = float("inf")) -> Counter[str]:
    """Delete the oldest chosen records, a step's worth or so many octets; the meters of the frames."""
    gone: Counter[str] = Counter()
    if octets <= 0:
        return gone
    where = f"{chosen.by} WHERE {chosen.where} ORDER BY id LIMIT ?"
    sql = f"SELECT id, kind, meter, length(data) FROM record {where}"  # noqa: S608 constants
    number = 0
    for number, kind, meter, length in connection.execute(sql, (*chosen.parameters, STEP)).fetchall():
        if octets <= 0:
            break
        connection.execute("DELETE FROM record WHERE id = ?", (number,))
        octets -= length + ROW
        gone[meter] += kind == 0
    delete_strays(connection, number)
    return gone


def used(connection: sqlite3.Connection) -> int:
    """Octets of the file that hold something."""
    return (_pragma(connection, "page_count") - _pragma(connection, "freelist_count")) * _pragma(
        connection, "page_size"
    )


def shrink(connection: sqlite3.Connection, max_size: int) -> None:
    """Give free pages back to the disk, a step's worth, where the file is larger than it may be."""
    excess = _pragma(connection, "page_count") - max_size // _pragma(connection, "page_size")
    for _ in range(min(excess, _pragma(connection, "freelist_count"), PAGES)):
        connection.execute("PRAGMA incremental_vacuum(1)")  # of more, sqlite3 takes the first step only


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
