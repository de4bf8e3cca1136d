"""Requests in flight, as other processes see them: what is deleted in the journal is written nowhere afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hanlogger.journal.file import beside, open_private
from hanlogger.journal.sealing import BROKEN
from hanlogger.journal.store import Store

LOOK = 0.05  # seconds between two attempts to have the lock alone


class RecordsChanged(Exception):
    """Records have been deleted, or given other settings, since lines were made of them."""


class Flight(Store):
    """A delivery holds a lock on a file beside the journal while a request is in flight, with any number of others."""

    @contextlib.contextmanager
    def sending(self, records: Mapping[int, int | None]) -> Iterator[None]:
        """Around one request; RecordsChanged unless the records still have these checksums, by their ids."""
        with _locked(self.path, fcntl.LOCK_SH):
            if self._read(lambda connection: _checksums(connection, records)) != list(records.values()):
                raise RecordsChanged
            yield

    def await_requests(self, timeout: float) -> bool:
        """Whether every request that was in flight, of whatever process, has come to its end within so many seconds."""
        until = time.monotonic() + timeout
        with _opened(self.path) as file:
            while file is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > until:
                        return False
                    time.sleep(LOOK)
                except OSError:
                    return False
                else:
                    return True
        return False


def _checksums(connection: sqlite3.Connection, ids: Iterable[int]) -> list[int | None]:
    """Of records by their ids; BROKEN for one that is gone."""
    rows = (connection.execute("SELECT crc FROM record WHERE id = ?", (number,)).fetchone() for number in ids)
    return [row[0] if row else BROKEN for row in rows]


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    """Without a lock where the disk is full or its file system has none: delivery goes on all the same."""
    with _opened(path) as file:
        if file is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(file, how)
        yield


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
