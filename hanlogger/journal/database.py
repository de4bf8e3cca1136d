"""One journal file that is open: reads are short, and every write goes through the thread that writes."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.journal.connections import Connections
from hanlogger.journal.file.paths import resolve_path
from hanlogger.journal.file.sqlite import BUSY_SECONDS, JournalCorrupt, JournalMoved, translate_error
from hanlogger.journal.filters import Filters
from hanlogger.journal.schema import refuse_older
from hanlogger.journal.writer import Work, Writer

T = TypeVar("T")

Edition = tuple[int, int]
"""Of the file, as this process saw it when it wrote last: what another process has written makes it another."""

HURRIED_SECONDS = 0.3  # that a transaction waits for another process when the end is near


class Deferred(Protocol):
    """Data that may stay in memory for some seconds, until the next transaction writes it too."""

    def __bool__(self) -> bool:
        """Return whether anything waits to be written."""

    def take(self) -> Work:
        """Return the work that writes all that waits; `settle` or `put_back` follows."""

    def settle(self) -> AbstractContextManager[None]:
        """Return the context in which the COMMIT of the work that was taken is executed."""

    def put_back(self) -> None:
        """Let the data that was taken wait again, because its transaction failed."""


class Database:
    """The journal's SQLite file, for any number of threads.

    path: of the file, with symbolic links resolved. deferred: is written with every transaction.
    read_only, exclusive: see `Journal.open`. Raises JournalUnavailable, JournalLocked or NotAJournal.
    """

    def __init__(self, path: Path, deferred: Deferred, *, read_only: bool, exclusive: bool) -> None:
        self.path = path = resolve_path(path)
        self._deferred = deferred
        self.filters = Filters()
        self._appended = threading.Condition()
        self._newest = 0
        self._connections = Connections(path, read_only=read_only, exclusive=exclusive)
        self.reserve = self._connections.reserve
        self._patience = BUSY_SECONDS  # for which a transaction waits for another process
        self.edition: Edition = (0, 0)
        self._writer = None if read_only else Writer(self._transact, lambda: bool(self._deferred))
        try:
            if read_only:
                self.read(lambda connection: refuse_older(connection, path))
            self._newest = self.read(select_newest_id)
        except BaseException:
            self.close()
            raise

    def hurry(self) -> None:
        """Let transactions wait for other processes no longer than 0.3 s from now on: the end must not wait."""
        with self._appended:
            self._patience = HURRIED_SECONDS
            self._appended.notify_all()

    def close(self) -> None:
        """Write all that waits, and close the file and its lock."""
        if self._writer is not None:
            self._writer.stop()
            self._flush_at_last()
        self._connections.close()

    @property
    def newest(self) -> int:
        """The id of the newest record that this process knows of; 0 for none."""
        return self._newest

    @property
    def heartbeat(self) -> Heartbeat:
        """The heartbeat of the thread that writes; a fresh one for a journal that is open for reading only."""
        return self._writer.heartbeat if self._writer is not None else Heartbeat()

    def wait(self, cursor: int, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a record after the cursor to be appended by this process.

        Returns whether there is one. After `hurry` nothing is waited for.
        """
        with self._appended:
            self._appended.wait_for(lambda: self._newest > cursor or self._patience == HURRIED_SECONDS, timeout)
            return self._newest > cursor

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work`, which only reads.

        Where the file proves corrupt it is salvaged first. Raises JournalUnavailable.
        """
        generation = self._connections.generation
        try:
            return self._connections.read(work)
        except JournalCorrupt:
            if not self._connections.repairable:
                raise
        self.write(lambda _: self._condemn(generation))
        return self._connections.read(work)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work`, which is part of a transaction, once it is durable.

        Raises JournalUnavailable when it could not be written, or the journal is open for reading only.
        """
        return self._writing.do(work)

    def begin_write(self, work: Work) -> Future[Any]:
        """Return at once the future of what `write` returns or raises, so that the caller need not wait."""
        return self._writing.begin(work)

    def begin_late_write(self, work: Work) -> Future[Any]:
        """Return at once the future of work that is done with the next that is written, or after 15 s.

        It returns or raises what `write` does.
        """
        return self._writing.begin(work, late=True)

    @property
    def _writing(self) -> Writer:
        if self._writer is None:
            raise JournalUnavailable(f"the journal {self.path} is open for reading only")
        return self._writer

    # The methods below run in the thread that writes.

    def _transact(self, works: list[Work]) -> list[Any]:
        """Return the results of the works, all of which are durable; or none is done.

        A corrupt file is salvaged on the way, and one that was moved away is replaced by a new one.
        """
        try:
            return self._transact_once(works)
        except (JournalCorrupt, JournalMoved) as error:
            if not self._connections.repairable:
                raise
            self._connections.replace(error)
        return self._transact_once(works)

    def _transact_once(self, works: list[Work]) -> list[Any]:
        connection = self._connections.open_writable()
        write_deferred = self._deferred.take()
        try:
            before = [self._connections.check_in_place, self._note_edition]
            whole = [*before, *works, write_deferred, select_newest_id]
            _, _, *results, _, newest = commit(connection, whole, self._deferred.settle(), lambda: self._patience)
        except BaseException as error:
            self._deferred.put_back()
            raise translate_error(error, self.path) from error
        with self._appended:
            self._newest = newest
            self._appended.notify_all()
        return results

    def _note_edition(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        self.edition = self._connections.generation, version

    def _flush_at_last(self) -> None:
        """Write deferred data before the end, on a full disk in the room of the reserve."""
        if self._deferred:
            with self.reserve.lend(), contextlib.suppress(JournalUnavailable):
                self._transact([])

    def _condemn(self, generation: int) -> None:
        """Raise JournalCorrupt for a file that a reader found corrupt, unless it has been replaced since."""
        if generation == self._connections.generation:
            raise JournalCorrupt(f"the journal {self.path} is corrupt")


def commit(
    connection: sqlite3.Connection,
    works: Sequence[Work],
    settled: AbstractContextManager[None],
    patience: Callable[[], float],
) -> list[Any]:
    """Return the results of all works, done in one transaction that is durable; or none is done.

    settled: is entered around the COMMIT. patience: returns the seconds that another process is waited for.
    """
    try:
        begin(connection, patience)
        results = [work(connection) for work in works]
        with settled:
            connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
            connection.execute("ROLLBACK")
        raise
    return results


def begin(connection: sqlite3.Connection, patience: Callable[[], float]) -> None:
    """Begin a transaction that writes, as soon as no other process does; SQLite's error when patience has ended."""
    started = time.monotonic()
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() - started >= patience():
                raise
        else:
            return


def select_newest_id(connection: sqlite3.Connection) -> int:
    """Return the highest id of a record; 0 where there is none."""
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM record").fetchone()
    return int(newest)
