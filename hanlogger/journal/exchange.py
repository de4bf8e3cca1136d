"""A new file in the place of the journal, so that at every moment one of the two is whole and found.

The new one is filled as `.part` and named `.new` once it is whole and on the disk. Then what stands in its place is
moved aside, write-ahead log and all, and only then it gets its name: no old log is ever beside it, which SQLite would
replay into it. While there is a `.new`, it is the journal: whoever finds one finishes the exchange.
"""

from __future__ import annotations

import contextlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import beside
from hanlogger.journal.identity import identify

PART, NEW, ASIDE = ".part", ".new", ".corrupt-"
_OF_SQLITE = ("-wal", "-shm", "-journal")

log = logging.getLogger(__name__)


def part_of(path: Path) -> Path:
    """Where the new file is to be filled; what an attempt before has left there is deleted. OSError."""
    part = beside(path, PART)
    for suffix in ("", *_OF_SQLITE):
        beside(part, suffix).unlink(missing_ok=True)
    return part


def put_in_place(path: Path) -> Path:
    """The filled `.part` becomes the journal; where the old one is now. OSError: then nothing has changed.

    The part is closed and on the disk, without a log of its own.
    """
    part = beside(path, PART)
    if any(beside(part, suffix).exists() for suffix in _OF_SQLITE):
        raise OSError(f"{part} is still in use")
    _move(part, beside(path, NEW))
    return _exchange(path)


def finish(path: Path) -> None:
    """Put in place what an exchange that was cut off has left; of the lock's holder alone. OSError."""
    part_of(path)
    if _is_whole(beside(path, NEW)):
        aside = _exchange(path)
        log.warning("the repair of the journal %s was cut off and is finished now; the old one is %s", path, aside)
    elif not path.exists() and _has_content(beside(path, "-wal")):
        aside = beside(path, f"{ASIDE}{_stamp(beside(path, '-wal'))}-wal")
        log.error("the journal %s is missing, and its write-ahead log is not: that is kept as %s", path, aside)
        _move(beside(path, "-wal"), aside)


def is_there(path: Path) -> bool:
    """Whether there is a journal at the path, or what is left of one."""
    return path.exists() or left_over(path) is not None


def left_over(path: Path) -> Path | None:
    """What a repair that was cut off has left for the next `run`: a whole new journal, or the damaged old one alone."""
    new = beside(path, NEW)
    if _is_whole(new):
        return new
    return None if path.exists() else newest_aside(path)


def refuse_left_over(path: Path) -> None:
    """JournalUnavailable where the next `run` has a repair to finish first."""
    left = left_over(path)
    if left is not None:
        raise JournalUnavailable(f"a repair of the journal {path} was cut off ({left} is left): hanlogger run ends it")


def newest_aside(path: Path) -> Path | None:
    """The damaged journal that was set aside last."""
    begin = f"{path.name}{ASIDE}"
    there = path.parent.iterdir() if path.parent.is_dir() else ()
    found = [file for file in there if file.name.startswith(begin) and not file.name.endswith(_OF_SQLITE)]
    return max(found, default=None)


def _is_whole(new: Path) -> bool:
    try:
        identify(new)
    except JournalUnavailable:
        return False
    return _has_content(new)


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _exchange(path: Path) -> Path:
    """Can be cut off anywhere and done again: the name of the old one depends on the new one alone."""
    new = beside(path, NEW)
    aside = beside(path, f"{ASIDE}{_stamp(new)}")
    for suffix in ("", "-wal"):
        if beside(path, suffix).exists():
            beside(path, suffix).replace(beside(aside, suffix))
    beside(path, "-shm").unlink(missing_ok=True)
    sync(path.parent)
    _move(new, path)
    return aside


def _stamp(file: Path) -> str:
    return f"{datetime.fromtimestamp(file.stat().st_mtime, UTC):%Y%m%dT%H%M%S.%fZ}"


def _move(source: Path, target: Path) -> None:
    source.replace(target)
    sync(target.parent)


def sync(folder: Path) -> None:
    """Have the names in it on the disk; a file system that cannot be asked to is trusted, as SQLite does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
