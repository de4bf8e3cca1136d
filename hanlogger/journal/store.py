"""One journal file, open: every write goes through the writer's thread, every read is short."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.journal.connections import Connections
from hanlogger.journal.file import JournalCorrupt, JournalMoved, located, translated
from hanlogger.journal.pending import Pending
from hanlogger.journal.schema import refuse_older
from hanlogger.journal.writer import Work, Writer

T = TypeVar("T")


class Store:
    """Opened by `open`. Safe for any number of threads."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self.path = path = located(path)
        self._pending = Pending()
        self._news = threading.Condition()
        self._newest = 0
        self._connections = Connections(path, read_only=read_only, exclusive=exclusive)
        self._reserve = self._connections.reserve
        self._writer = None if read_only else Writer(self._transaction, self._flush)
        try:
            if read_only:
                self._read(lambda connection: refuse_older(connection, path))
            self._newest = self._read(newest_id)
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, exclusive: bool | None = None) -> Self:
        """Open the journal; makes it unless `read_only`. JournalUnavailable, JournalLocked.

        exclusive: as the one `run` that records in it, which is meant unless `read_only`. False is for commands that
        change little beside it.
        """
        return cls(path, read_only=read_only, exclusive=not read_only if exclusive is None else exclusive)

    def close(self) -> None:
        """Everything given before is on the disk when it returns."""
        if self._writer is not None:
            self._writer.stop()
            self._flush_at_last()
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def newest(self) -> int:
        """The id of the newest record that this process knows of."""
        return self._newest

    @property
    def heartbeat(self) -> Heartbeat:
        """Of the thread that writes; of a journal that is open for reading only always fresh."""
        return self._writer.heartbeat if self._writer is not None else Heartbeat()

    def wait(self, cursor: int, timeout: float) -> bool:
        """Whether something stands after the cursor, at once or within `timeout` seconds (appended by this process)."""
        with self._news:
            return self._news.wait_for(lambda: self._newest > cursor, timeout)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        generation = self._connections.generation
        try:
            return self._connections.read(work)
        except JournalCorrupt:
            if not self._connections.repairable:
                raise
        self._write(lambda _: self._condemn(generation))
        return self._connections.read(work)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer is None:
            raise JournalUnavailable(f"the journal {self.path} is open for reading only")
        return self._writer.do(work)

    # in the writer's thread

    def _transaction(self, works: list[Work]) -> list[Any]:
        """All of the works, and what waits to be counted, or nothing. A corrupt file is replaced on the way."""
        try:
            return self._transaction_once(works)
        except (JournalCorrupt, JournalMoved) as error:
            if not self._connections.repairable:
                raise
            self._connections.replace(error)
        return self._transaction_once(works)

    def _transaction_once(self, works: list[Work]) -> list[Any]:
        connection = self._connections.writable()
        pending = self._pending.take()
        try:
            whole = [self._connections.check_in_place, *works, pending.write, newest_id]
            _, *results, _, newest = commit(connection, whole, self._pending.settled())
        except BaseException as error:
            self._pending.put_back(pending)
            raise translated(error, self.path) from error
        with self._news:
            self._newest = newest
            self._news.notify_all()
        return results

    def _flush(self) -> None:
        """When all is quiet."""
        if self._pending:
            with contextlib.suppress(JournalUnavailable):  # they wait for better times
                self._transaction([])

    def _flush_at_last(self) -> None:
        """Nothing is written any more: what a full disk did not let be counted is counted in the reserve's room."""
        if self._pending:
            with self._reserve.lent(), contextlib.suppress(JournalUnavailable):
                self._transaction([])

    def _condemn(self, generation: int) -> None:
        """A reader has found the file corrupt; not if it has been replaced since."""
        if generation == self._connections.generation:
            raise JournalCorrupt(f"the journal {self.path} is damaged")


def commit(connection: sqlite3.Connection, works: Sequence[Work], settled: AbstractContextManager[None]) -> list[Any]:
    """The results of all works in one transaction, when the disk has it; or none is done. `settled`: of its end."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        results = [work(connection) for work in works]
        with settled:
            connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
            connection.execute("ROLLBACK")
        raise
    return results


def newest_id(connection: sqlite3.Connection) -> int:
    """0 when there is no record."""
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM record").fetchone()
    return int(newest)
