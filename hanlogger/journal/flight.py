"""Requests in flight, as other processes see them: what is deleted in the journal is written nowhere afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import beside, open_private
from hanlogger.journal.sealing import BROKEN
from hanlogger.journal.store import Store

LOOK = 0.05  # seconds between two attempts to have the lock
PATIENCE = 1.0  # seconds for which a request waits for a command that holds requests back
HELD_BACK = "a command deletes telegrams, or points of them: nothing is sent until it has ended"


class RecordsChanged(Exception):
    """Records have been deleted, or given other settings, since lines were made of them."""


class Flight(Store):
    """A delivery holds a lock on a file beside the journal while a request is in flight, with any number of others."""

    @contextlib.contextmanager
    def sending(self, records: Mapping[int, int | None]) -> Iterator[None]:
        """Surround one request made of these records: by their ids, their checksums.

        Raises RecordsChanged unless the records still have them, JournalUnavailable while requests are held back.
        """
        with _announced(self.path):
            if self._read(lambda connection: _checksums(connection, records)) != list(records.values()):
                raise RecordsChanged
            yield

    @contextlib.contextmanager
    def holding_requests_back(self, timeout: float) -> Iterator[bool]:
        """Hold back the requests of every process while this is entered, once those in flight have ended.

        Yields whether that is so: requests are not held back where one is still in flight after `timeout` seconds, or
        where the file system has no locks. A process that is killed holds nothing back any more.
        """
        with _opened(self.path) as file:
            yield file is not None and _lock(file, fcntl.LOCK_EX, timeout) is True


def _checksums(connection: sqlite3.Connection, ids: Iterable[int]) -> list[int | None]:
    """Of records by their ids; BROKEN for one that is gone."""
    rows = (connection.execute("SELECT crc FROM record WHERE id = ?", (number,)).fetchone() for number in ids)
    return [row[0] if row else BROKEN for row in rows]


@contextlib.contextmanager
def _announced(path: Path) -> Iterator[None]:
    """Without a lock where the disk is full or its file system has none: delivery goes on all the same."""
    with _opened(path) as file:
        if file is not None and _lock(file, fcntl.LOCK_SH, PATIENCE) is False:
            raise JournalUnavailable(HELD_BACK)
        yield


def _lock(file: int, how: int, timeout: float) -> bool | None:
    """Return whether the lock was had within `timeout` seconds; None where the file system has no locks."""
    until = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(LOOK)
        except OSError:
            return None
        else:
            return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        file = open_private(beside(path, ".sending"), os.O_RDWR)
    except OSError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)
