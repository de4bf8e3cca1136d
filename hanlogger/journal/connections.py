"""The connections to one journal file: a corrupt file is replaced, one on a full disk is opened all the same."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypeVar

from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.journal.file.identity import refuse_foreign
from hanlogger.journal.file.lock import is_marked, lock, mark
from hanlogger.journal.file.opening import open_readable, open_writable
from hanlogger.journal.file.paths import make, name_beside
from hanlogger.journal.file.reserve import Reserve
from hanlogger.journal.file.sqlite import JournalCorrupt, JournalMoved, translate_error
from hanlogger.journal.salvage import correct_log, finish_salvage, refuse_left_over, salvage

log = logging.getLogger(__name__)

T = TypeVar("T")

WRITE_WAIT_MS = 100  # that SQLite itself waits for another process, so that a stop need not wait for SQLite


class Connections:
    """One connection for all reads, and unless `read_only` one for the thread that writes."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self.path = path
        self.reserve = Reserve(path)
        self.generation = 0  # how often the file has been replaced
        self._read_only = read_only
        self._closed = False
        refuse_foreign(path)
        self._lock: TextIO | None = lock(path) if exclusive else None
        self._reading_lock = threading.Lock()
        self._trouble: JournalCorrupt | JournalMoved | None = None  # while the file could not be replaced
        try:
            self._prepare()
            self._open()
        except BaseException:
            self._unlock()
            raise

    @property
    def repairable(self) -> bool:
        """Whether this process may set a corrupt file aside."""
        return self._lock is not None

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work`, for any thread, one at a time. Raises JournalUnavailable or JournalCorrupt."""
        try:
            with self._reading_lock:
                return work(self._require_open(self._reading))
        except sqlite3.Error as error:
            raise translate_error(error, self.path) from error

    def open_writable(self) -> sqlite3.Connection:
        """Return the connection of the thread that writes; replaces a file that is known to be corrupt before."""
        if self._trouble is not None:
            self.replace(self._trouble)
        return self._require_open(self._writing)

    def check_in_place(self, _: sqlite3.Connection) -> None:
        """Raise JournalMoved where the file does not have its name any more; part of each transaction."""
        if _identify(self.path) != self._file:
            raise JournalMoved(f"the journal {self.path} has been moved, deleted or replaced: give the command again")

    def replace(self, trouble: JournalCorrupt | JournalMoved) -> None:
        """Put a new file in the place of one that is corrupt or gone. JournalUnavailable: it is still to be done."""
        with self._reading_lock:
            self._trouble = trouble
            if isinstance(trouble, JournalMoved):
                self._checkpoint()
            self._close()
            if isinstance(trouble, JournalCorrupt):
                salvage(self.path, trouble)
            self._prepare()
            self._open()
            self._trouble = None
            self.generation += 1

    def _checkpoint(self) -> None:
        """Put all of the log into the file where it is now: it must not be beside the next one."""
        log.error("the journal %s has been moved or deleted while it was in use: a new one is begun", self.path)
        with contextlib.suppress(sqlite3.Error):
            self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close both connections, and the lock."""
        with self._reading_lock:
            self._trouble = None
            self._close()
            self._closed = True
        self._unlock()

    def _require_open(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        if self._closed:
            raise JournalUnavailable("the journal is closed")
        if self._trouble is not None:
            raise JournalUnavailable(str(self._trouble))
        return connection

    def _prepare(self) -> None:
        """Prepare the files before any is opened: finish a salvage, make the journal, mark it as such."""
        if self._lock is not None:
            finish_salvage(self.path)
            self._claim(self._lock)
            return
        refuse_left_over(self.path)
        if self._read_only or (is_marked(self.path) and not name_beside(self.path, "-wal").exists()):
            return
        try:
            with lock(self.path) as file:
                self._claim(file)
        except JournalLocked:  # who has it has made and marked the file, or is about to
            if not self.path.exists():
                raise

    def _claim(self, file: TextIO) -> None:
        make(self.path)
        with contextlib.suppress(OSError):  # which SQLite finds too, and says
            mark(file, self.path)
            correct_log(self.path)

    def _open(self) -> None:
        self._file = _identify(self.path)
        if self._read_only:
            self._reading = self._writing = open_readable(self.path)
            return
        self._writing = self._open_writing()
        self._writing.execute(f"PRAGMA busy_timeout = {WRITE_WAIT_MS}")
        try:
            self._reading = open_readable(self.path)
        except BaseException:
            self._writing.close()
            raise

    def _open_writing(self) -> sqlite3.Connection:
        try:
            return open_writable(self.path)
        except JournalUnavailable as error:
            if not (self.repairable and (error.full or isinstance(error, JournalCorrupt))):
                raise
            if isinstance(error, JournalCorrupt):
                salvage(self.path, error)
                self._prepare()
                self._file = _identify(self.path)
        with self.reserve.lend():
            return open_writable(self.path)

    def _close(self) -> None:
        self._reading.close()
        self._writing.close()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()


def _identify(path: Path) -> tuple[int, int] | None:
    """Return which file stands at the path, by its device and inode; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
