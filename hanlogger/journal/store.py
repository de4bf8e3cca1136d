"""One journal file, open: every write goes through the writer's thread, every read is short."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TextIO, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.counts import DAMAGED_KEPT, write_counts, write_damaged
from hanlogger.journal.file import lock, open_readable, open_writable, unavailable
from hanlogger.journal.kinds import Damaged
from hanlogger.journal.writer import Work, Writer

T = TypeVar("T")

log = logging.getLogger(__name__)


class Store:
    """Use `open`. Safe for any number of threads."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self.path = path
        self._lock_file: TextIO | None = lock(path) if exclusive else None
        self._counts: Counter[tuple[str, str]] = Counter()  # not yet written
        self._damaged: deque[Damaged] = deque(maxlen=DAMAGED_KEPT)
        self._waiting_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._news = threading.Condition()
        self._newest = 0
        try:
            self._writing = None if read_only else self._opened(open_writable)
            self._reading = self._opened(open_readable)
        except BaseException:
            self._unlock()
            raise
        self._newest = self._read(newest_id)
        self._writer = None if read_only else Writer(self._transaction, self._flush)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, exclusive: bool | None = None) -> Self:
        """Open or make the journal.

        exclusive: as the one `run` that records in it (as is the case unless `read_only`); without it another
        process may write too, which is meant for commands that change little. JournalLocked, JournalUnavailable.
        """
        exclusive = not read_only if exclusive is None else exclusive
        if exclusive:
            path.parent.mkdir(parents=True, exist_ok=True)
        return cls(path, read_only=read_only, exclusive=exclusive)

    def close(self) -> None:
        """Everything given before is on the disk when it returns."""
        if self._writer is not None:
            self._writer.stop()
        with self._read_lock:
            self._reading.close()
        if self._writing is not None:
            self._writing.close()
        self._unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def newest(self) -> int:
        """The id of the newest record."""
        return self._newest

    def wait(self, cursor: int, timeout: float) -> bool:
        """Whether something stands after the cursor, at once or within `timeout` seconds (appended by this process)."""
        with self._news:
            return self._news.wait_for(lambda: self._newest > cursor, timeout)

    def _opened(self, opener: Callable[[Path], sqlite3.Connection]) -> sqlite3.Connection:
        try:
            return opener(self.path)
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def _unlock(self) -> None:
        if self._lock_file is not None:
            self._lock_file.close()

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._read_lock:
                return work(self._reading)
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer is None:
            raise JournalUnavailable(f"the journal {self.path} is open for reading only")
        try:
            return self._writer.do(work)
        except sqlite3.Error as error:
            raise unavailable(error, self.path) from error

    def _transaction(self, works: list[Work]) -> list[Any]:
        """In the writer's thread: all of them, and what waits to be counted, or nothing."""
        assert self._writing is not None
        counts, damaged = self._take_waiting()
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            results = [work(self._writing) for work in works]
            write_counts(self._writing, counts)
            write_damaged(self._writing, damaged)
            newest = newest_id(self._writing)
            self._writing.execute("COMMIT")
        except BaseException:
            self._put_back(counts, damaged)
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            raise
        self._tell(newest)
        return results

    def _tell(self, newest: int) -> None:
        with self._news:
            self._newest = newest
            self._news.notify_all()

    def _flush(self) -> None:
        """In the writer's thread, when all is quiet."""
        if self._counts or self._damaged:
            try:
                self._transaction([])
            except sqlite3.Error as error:
                log.debug("counts wait for the disk: %s", error)

    def _take_waiting(self) -> tuple[Counter[tuple[str, str]], list[Damaged]]:
        with self._waiting_lock:
            counts, self._counts = self._counts, Counter()
            damaged = list(self._damaged)
            self._damaged.clear()
        return counts, damaged

    def _put_back(self, counts: Counter[tuple[str, str]], damaged: list[Damaged]) -> None:
        with self._waiting_lock:
            self._counts += counts
            self._damaged.extendleft(reversed(damaged))


def newest_id(connection: sqlite3.Connection) -> int:
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM record").fetchone()
    return int(newest)
