"""Requests in flight: each holds a lock beside the journal, so that what is deleted is written nowhere afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file.paths import name_beside, open_private
from hanlogger.journal.id_order import check_gone
from hanlogger.journal.model import RecordsChanged

LOCK_RETRY_SECONDS = 0.05
HELD_BACK_SECONDS = 1.0  # for which a request waits for a command that holds requests back
_CHECKSUMS = "SELECT id, crc FROM record WHERE id IN (SELECT value FROM json_each(?))"
HELD_BACK = "a command deletes telegrams, or points of them: nothing is sent until it has ended"


def check_unchanged(connection: sqlite3.Connection, records: Mapping[int, int | None]) -> None:
    """Raise RecordsChanged unless records, by their ids, still have these checksums."""
    found = dict(connection.execute(_CHECKSUMS, (json.dumps(list(records)),)))
    for gone in records.keys() - found.keys():
        check_gone(connection, gone)
    if found != records:
        raise RecordsChanged


@contextlib.contextmanager
def announce(path: Path) -> Iterator[None]:
    """Let other processes see a request while this is entered. JournalUnavailable: they hold requests back.

    Where the disk is full or its file system has no locks they do not see it, and delivery goes on all the same.
    """
    with _open(path) as file:
        if file is not None and _lock(file, fcntl.LOCK_SH, HELD_BACK_SECONDS) is False:
            raise JournalUnavailable(HELD_BACK)
        yield


@contextlib.contextmanager
def hold_back(path: Path, timeout: float) -> Iterator[bool]:
    """Hold back the requests of every process while this is entered, once those in flight have ended.

    Yields whether that is so, as `Destinations.hold_requests_back` does.
    """
    with _open(path) as file:
        yield file is not None and _lock(file, fcntl.LOCK_EX, timeout) is True


def _lock(file: int, how: int, timeout: float) -> bool | None:
    """Return whether the lock was had within `timeout` seconds; None where the file system has no locks."""
    until = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(LOCK_RETRY_SECONDS)
        except OSError:
            return None
        else:
            return True


@contextlib.contextmanager
def _open(path: Path) -> Iterator[int | None]:
    """Open the file whose lock says that a request is in flight; None where it cannot be made."""
    try:
        file = open_private(name_beside(path, ".sending"), os.O_RDWR)
    except OSError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)
