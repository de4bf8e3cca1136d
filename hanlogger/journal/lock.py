"""The lock of the one `run` on a journal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import TextIO

from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.journal.file import beside

TRIES, PAUSE = 5, 0.02  # s: `holder` has it for some microseconds


def lock(path: Path) -> TextIO:
    """The lock of the one `run` on this journal, held until closed. JournalLocked when another has it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = beside(path, ".lock").open("a+", encoding="ascii")
    except OSError as error:
        raise JournalUnavailable(f"no journal can be kept in {path.parent}: {error.strerror}") from error
    if not _locked(file):
        with file:
            raise JournalLocked(f"another hanlogger records in {path} (process {_holder(file) or 'unknown'})")
    with contextlib.suppress(OSError):  # a full disk
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
    return file


def holder(path: Path) -> str | None:
    """The process that has the journal's lock, "" where it could not say so on a full disk; None: nobody has it.

    OSError where that cannot be asked: there is no lock, or it is another user's.
    """
    with beside(path, ".lock").open(encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(file)
    return None


def _locked(file: TextIO) -> bool:
    for tries_left in reversed(range(TRIES)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE if tries_left else 0)
        else:
            return True
    return False


def _holder(file: TextIO) -> str:
    """A process; "" where it could not be written."""
    file.seek(0)
    return file.read(20).strip()
