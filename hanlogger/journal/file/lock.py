"""The lock of the one `run` on a journal, and what its file notes: who holds it, and which file is the journal."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import struct
import time
from pathlib import Path
from typing import TextIO

from hanlogger.errors import JournalLocked, JournalUnavailable, NotAJournal
from hanlogger.journal.file.paths import name_beside, open_private

LOCK_TRIES, LOCK_RETRY_SECONDS = 5, 0.02  # `get_holder` has the lock for some microseconds
LOCK_SIZE = 160  # octets of the lock file: written in place, so that a full disk takes them too
_AT_FDCWD, _STATX_BTIME = -100, 0x800  # of statx(2)


def lock(path: Path) -> TextIO:
    """Return the lock of the one `run` on this journal, held until it is closed.

    Raises JournalLocked when another process has it, NotAJournal where the file system has no locks, and
    JournalUnavailable where the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(open_private(name_beside(path, ".lock"), os.O_RDWR), "r+", encoding="ascii", errors="replace")
    except OSError as error:
        raise JournalUnavailable(f"no journal can be kept in {path.parent}: {error.strerror}") from error
    try:
        _acquire(file, path)
    except BaseException:
        file.close()
        raise
    _write_lock(file, *_read_lock(file)[1:])
    return file


def mark(file: TextIO, path: Path) -> None:
    """Note in its lock file, which the caller has locked, that the file at this path is the journal. OSError."""
    _write_lock(file, _identify(path), _read_lock(file)[2])


def mark_salvaged(path: Path, part: Path) -> None:
    """Note in the lock file of a journal that the part, however it is called, is what a salvage has filled. OSError."""
    with os.fdopen(
        open_private(name_beside(path, ".lock"), os.O_RDWR), "r+", encoding="ascii", errors="replace"
    ) as file:
        process, journal, _ = _read_lock(file)
        _write_lock(file, journal, _identify(part), process)
        os.fsync(file.fileno())


def is_marked(path: Path) -> bool:
    """Return whether the file at this path is the one that was last used as a journal there."""
    return _is_noted(path, path, 1) or is_salvaged(path, path)


def is_salvaged(path: Path, new: Path) -> bool:
    """Return whether a file beside a journal is what a salvage of it has filled."""
    return _is_noted(path, new, 2)


def _is_noted(path: Path, file: Path, line: int) -> bool:
    try:
        with name_beside(path, ".lock").open(encoding="ascii", errors="replace") as lock_file:
            noted, found = _read_lock(lock_file)[line].split(), _identify(file).split()
    except OSError:
        return False
    return bool(noted) and all(one == other for one, other in zip(noted, found, strict=False))


def _identify(path: Path) -> str:
    """Return the inode of a file, and where the file system tells it when the inode was made: inodes are used anew."""
    return f"{path.stat().st_ino} {read_birth_time(path)}".strip()


def read_birth_time(path: Path) -> str:
    """Return when a file was made, in nanoseconds since 1970; "" where that cannot be told."""
    found = ctypes.create_string_buffer(256)
    try:
        failed = ctypes.CDLL(None).statx(_AT_FDCWD, os.fsencode(path), 0, _STATX_BTIME, found)
    except (OSError, AttributeError):  # no such function in this C library
        return ""
    mask, seconds, nanoseconds = (*struct.unpack_from("I", found, 0), *struct.unpack_from("qI", found, 80))
    return "" if failed or not mask & _STATX_BTIME else str(seconds * 10**9 + nanoseconds)


def get_holder(path: Path) -> str | None:
    """Return the id of the process that has the journal's lock; None where nobody has it.

    "" where the process could not write its id on a full disk. Raises OSError where the lock cannot be asked for: there
    is none, or it is another user's.
    """
    with name_beside(path, ".lock").open(encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_lock(file)[0]
    return None


def _acquire(file: TextIO, path: Path) -> None:
    for tries_left in reversed(range(LOCK_TRIES)):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOCK_RETRY_SECONDS if tries_left else 0)
        except OSError as error:
            raise NotAJournal(
                f"no journal can be kept in {path.parent}: its file system has no locks ({error.strerror}), as many "
                "in a network: name a path on a disk of this computer by --journal or journal in hanlogger.toml"
            ) from error
    raise JournalLocked(f"another hanlogger records in {path} (process {_read_lock(file)[0] or 'unknown'})")


def _write_lock(file: TextIO, journal: str, salvaged: str, process: str = "") -> None:
    lines = f"{process or os.getpid()}\n{journal}\n{salvaged}\n"
    with contextlib.suppress(OSError):  # a full disk
        os.pwrite(file.fileno(), lines.ljust(LOCK_SIZE).encode(), 0)


def _read_lock(file: TextIO) -> tuple[str, str, str]:
    """Return the id of the process, and which files are the journal and its salvage; each "" where it is not noted."""
    file.seek(0)
    process, journal, salvaged, *_ = [line.strip() for line in file.read(LOCK_SIZE).split("\n")] + [""] * 3
    return process, journal, salvaged
