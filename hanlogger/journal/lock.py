"""The lock of the one `run` on a journal. In its file stand the process that has it, and which file is the journal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import TextIO

from hanlogger.errors import JournalLocked, JournalUnavailable, NotAJournal
from hanlogger.journal.file import beside, open_private

TRIES, PAUSE = 5, 0.02  # s: `holder` has it for some microseconds
ROOM = 64  # octets of the file: written in place, so that a full disk takes them too


def lock(path: Path) -> TextIO:
    """The lock of the one `run` on this journal, held until closed.

    JournalLocked when another has it, NotAJournal where the file system has no locks, JournalUnavailable.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(open_private(beside(path, ".lock"), os.O_RDWR), "r+", encoding="ascii", errors="replace")
    except OSError as error:
        raise JournalUnavailable(f"no journal can be kept in {path.parent}: {error.strerror}") from error
    try:
        _take(file, path)
    except BaseException:
        file.close()
        raise
    _write(file, _lines(file)[1])
    return file


def mark(file: TextIO, path: Path) -> None:
    """Note in its lock file, which the caller has locked, that the file at this path is the journal."""
    _write(file, str(path.stat().st_ino))


def is_marked(path: Path) -> bool:
    """Whether the file at this path is the one that was last used as a journal there."""
    try:
        with beside(path, ".lock").open(encoding="ascii", errors="replace") as file:
            return _lines(file)[1] == str(path.stat().st_ino)
    except OSError:
        return False


def holder(path: Path) -> str | None:
    """The process that has the journal's lock, "" where it could not say so on a full disk; None: nobody has it.

    OSError where that cannot be asked: there is no lock, or it is another user's.
    """
    with beside(path, ".lock").open(encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(file)
    return None


def _take(file: TextIO, path: Path) -> None:
    for tries_left in reversed(range(TRIES)):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE if tries_left else 0)
        except OSError as error:
            raise NotAJournal(
                f"no journal can be kept in {path.parent}: its file system has no locks ({error.strerror}), as many "
                "in a network: name a path on a disk of this computer by --journal or journal in hanlogger.toml"
            ) from error
    raise JournalLocked(f"another hanlogger records in {path} (process {_holder(file) or 'unknown'})")


def _write(file: TextIO, journal: str) -> None:
    with contextlib.suppress(OSError):  # a full disk
        os.pwrite(file.fileno(), f"{os.getpid()}\n{journal}\n".ljust(ROOM).encode(), 0)


def _lines(file: TextIO) -> tuple[str, str]:
    """The process and the journal's inode, each "" where it could not be written."""
    file.seek(0)
    process, journal, *_ = [line.strip() for line in file.read(ROOM).split("\n")] + ["", ""]
    return process, journal


def _holder(file: TextIO) -> str:
    return _lines(file)[0]
