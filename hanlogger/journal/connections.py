"""The connections to one journal file: a damaged one is replaced, one on a full disk is opened all the same."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import JournalCorrupt, open_readable, open_writable, translated
from hanlogger.journal.lock import lock
from hanlogger.journal.reserve import Reserve
from hanlogger.journal.salvage import renew

T = TypeVar("T")


class Connections:
    """One for all reads, and unless `read_only` one for the thread that writes."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self.path = path
        self.reserve = Reserve(path)
        self.generation = 0  # how often the file has been replaced
        self._read_only = read_only
        self._closed = False
        self._lock: TextIO | None = lock(path) if exclusive else None
        self._reading_lock = threading.Lock()
        self._damage: JournalCorrupt | None = None  # while the file could not be replaced
        try:
            self._open()
        except BaseException:
            self._unlock()
            raise

    @property
    def repairable(self) -> bool:
        """Whether a damaged file is this process's to set aside."""
        return self._lock is not None

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """From any thread, one at a time. JournalUnavailable, JournalCorrupt."""
        try:
            with self._reading_lock:
                return work(self._usable(self._reading))
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    def writable(self) -> sqlite3.Connection:
        """For the thread that writes; a file that is known to be damaged is replaced before."""
        if self._damage is not None:
            self.replace(self._damage)
        return self._usable(self._writing)

    def replace(self, damage: JournalCorrupt) -> None:
        """Put a new file in the place of the damaged one. JournalUnavailable: it is still to be done."""
        with self._reading_lock:
            self._damage = damage
            self._close()
            renew(self.path, damage)
            self._open()
            self._damage = None
            self.generation += 1

    def close(self) -> None:
        """Both, and the lock."""
        with self._reading_lock:
            self._damage = None
            self._close()
            self._closed = True
        self._unlock()

    def _usable(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        if self._closed:
            raise JournalUnavailable("the journal is closed")
        if self._damage is not None:
            raise JournalUnavailable(str(self._damage))
        return connection

    def _open(self) -> None:
        if self._read_only:
            self._reading = self._writing = open_readable(self.path)
            return
        self._writing = self._opened()
        try:
            self._reading = open_readable(self.path)
        except BaseException:
            self._writing.close()
            raise

    def _opened(self) -> sqlite3.Connection:
        try:
            return open_writable(self.path)
        except JournalUnavailable as error:
            if not (self.repairable and (error.full or isinstance(error, JournalCorrupt))):
                raise
            if isinstance(error, JournalCorrupt):
                renew(self.path, error)
        with self.reserve.lent():
            return open_writable(self.path)

    def _close(self) -> None:
        self._reading.close()
        self._writing.close()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
