"""What is deleted from the journal: by age, at its largest size, and to make space on a full disk."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from functools import partial
from typing import Literal, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.database import Database
from hanlogger.journal.deletion import (
    EVERY,
    Chosen,
    choose_delivered,
    choose_share,
    delete,
    measure_used,
    select_holdings,
    select_horizon,
    shrink,
)
from hanlogger.journal.files import LAST_RESERVE, beside
from hanlogger.journal.model import Cleaned
from hanlogger.journal.rows import seal_records

T = TypeVar("T")

NOTHING: Counter[str] = Counter()
NO_CAP = 2**31  # pages; SQLite's own limit is a little lower
LOG_PAGES = 1000  # at which the write-ahead log goes into the file, and begins anew: SQLite's own
LOG_SIZE = 5 * 1024 * 1024  # octets of the write-ahead log: those pages, and a large transaction
_WORDS = {
    "deleted_age": "telegrams that are older than `keep` are deleted, %d now",
    "deleted_size": "the journal has reached max_size: the oldest delivered telegrams are deleted, %d now",
    "dropped": "the journal has reached max_size: telegrams that were never delivered are being deleted, %d now",
}
"""By counter, what the log says."""

Freed = Literal["none", "inside", "disk"]
"""Where there is space now: nowhere, inside the file, or on the disk again."""

log = logging.getLogger(__name__)


class Retention:
    """What is deleted by age and at the largest size, as `journal.retention`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: frozenset[str] = frozenset()  # names of counters of which the log has been told

    def clean(
        self, keep: timedelta, max_size: int, destinations: Collection[str], *, clock_is_set: bool = True
    ) -> Cleaned:
        """Delete what is older than `keep`, and what is over `max_size` octets; count it and log it.

        A frame is delivered when each of `destinations` has it, and nothing of it is refused, undecoded or listed for
        redelivery. Without a destination `keep` alone decides. Nothing is old by a clock that is not known to be set.
        Raises JournalUnavailable.
        """
        while self._database.write(seal_records):
            pass
        spare = self._database.read(lambda connection: choose_delivered(connection, destinations))
        before = self._database.read(lambda connection: select_horizon(connection, keep)) if clock_is_set else None
        kept = spare if destinations else EVERY
        old = self._delete_all("deleted_age", kept.older_than(before)) if before is not None else NOTHING
        fitted = self._fit("deleted_size", max_size, spare) if destinations else NOTHING
        lost = self._fit_by_meter("dropped", max_size)
        self._log_once("deleted_age", old, logging.INFO if destinations else logging.WARNING)
        self._log_once("deleted_size", fitted, logging.INFO)
        self._log_once("dropped", lost, logging.WARNING)
        self._database.write(lambda connection: shrink(connection, max_size))
        self._database.reserve.keep()
        return Cleaned(old.total() + fitted.total(), lost.total())

    def _delete_all(self, counter: str, chosen: Chosen) -> Counter[str]:
        return self._repeat(lambda connection: delete(connection, counter, chosen))

    def _fit(self, counter: str, max_size: int, chosen: Chosen) -> Counter[str]:
        """Delete the oldest chosen records until the rest fits; return the frames deleted by meter."""
        return self._repeat(lambda c: delete(c, counter, chosen, measure_used(c) - max_size))

    def _repeat(self, step: Callable[[sqlite3.Connection], Counter[str]]) -> Counter[str]:
        total: Counter[str] = Counter()
        while deleted := self._database.write(step):
            total += deleted
        return total

    def _fit_by_meter(self, counter: str, max_size: int) -> Counter[str]:
        """Delete until the rest fits, each time the oldest records of the meter that holds most.

        So a meter that floods the journal pushes out its own telegrams, and not those of the meters beside it. Returns
        the frames deleted by meter.
        """
        total: Counter[str] = Counter()
        held = self._database.read(select_holdings) if self._database.read(measure_used) > max_size else {}
        while held and (excess := self._database.read(measure_used) - max_size) > 0:
            meter, octets = choose_share(held, excess)
            deleted = self._database.write(partial(delete, counter=counter, chosen=held[meter].chosen, octets=octets))
            total += deleted
            held[meter] = held[meter].without(deleted.total())
            if not deleted:
                del held[meter]
        return total

    def _log_once(self, counter: str, deleted: Counter[str], level: int) -> None:
        """Log the first of several cleanings in a row that delete for this reason."""
        if deleted and counter not in self._told:
            log.log(level, _WORDS[counter], deleted.total())
        self._told = self._told | {counter} if deleted else self._told - {counter}


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
        if self._capped and self._database.reserve.disk_has_plenty():
            self._database.write(lambda connection: self._cap(connection, NO_CAP))
            return "disk"
        if not destinations:
            return "none"
        spare = self._database.read(lambda connection: choose_delivered(connection, destinations))
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
        with contextlib.suppress(OSError), beside(self._database.path, "-wal").open("r+b", buffering=0) as log_file:
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
