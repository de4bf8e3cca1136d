"""Put a new file in the place of the journal, so that at every step one of the two is whole and is found.

The new one is filled as `.part` and named `.new` once it is whole and on the disk. Then the corrupt one is moved aside,
write-ahead log and all, and only then the new one gets its name: no old log is ever beside it, which SQLite would
replay into it. While there is a `.new`, it is the journal: whoever finds one finishes the exchange.
"""

from __future__ import annotations

import contextlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file.identity import identify
from hanlogger.journal.file.lock import is_salvaged, mark_salvaged
from hanlogger.journal.file.paths import name_beside

PART, NEW, ASIDE = ".part", ".new", ".corrupt-"
OF_OLD = "-old"  # after the part's name: a copy of the corrupt one
_OF_SQLITE = ("-wal", "-shm", "-journal")

log = logging.getLogger(__name__)


def clear_part(path: Path) -> Path:
    """Return where the new file is to be filled; deletes what an earlier attempt has left there. OSError."""
    part = name_beside(path, PART)
    for suffix in ("", *_OF_SQLITE):
        name_beside(part, suffix).unlink(missing_ok=True)
    clear_copy(part)
    return part


def clear_copy(part: Path) -> None:
    """Delete the copy of the corrupt journal from which the part was filled. OSError."""
    for suffix in ("", *_OF_SQLITE):
        name_beside(part, f"{OF_OLD}{suffix}").unlink(missing_ok=True)


def put_in_place(path: Path) -> Path:
    """Make the filled `.part` the journal; return where the old one is now. OSError: then nothing has changed.

    The part is closed and on the disk, without a log of its own.
    """
    part = name_beside(path, PART)
    if any(name_beside(part, suffix).exists() for suffix in _OF_SQLITE):
        raise OSError(f"{part} is still in use")
    mark_salvaged(path, part)
    if name_beside(path, NEW).exists():  # no salvage's, or it would have been finished
        _move(name_beside(path, NEW), name_beside(path, f"{NEW}-{_format_time(name_beside(path, NEW))}"))
    _move(part, name_beside(path, NEW))
    return _exchange(path)


def finish_exchange(path: Path) -> None:
    """Put in place what an exchange that was cut off has left; for the holder of the lock alone. OSError."""
    clear_part(path)
    if _is_to_be_finished(path):
        aside = _exchange(path)
        log.warning("the salvage of the journal %s was cut off and is finished now; the old one is %s", path, aside)
        return
    if _has_content(name_beside(path, NEW)):
        log.warning("%s is left alone: no salvage of the journal made it", name_beside(path, NEW))
    if not path.exists() and _has_content(name_beside(path, "-wal")):
        aside = name_beside(path, f"{ASIDE}{_format_time(name_beside(path, '-wal'))}-wal")
        log.error("the journal %s is missing, and its write-ahead log is not: that is kept as %s", path, aside)
        _move(name_beside(path, "-wal"), aside)


def is_there(path: Path) -> bool:
    """Return whether there is a journal at the path, or what is left of one; OSError where that cannot be known.

    A folder may be closed to us: Path.exists says no to that since Python 3.14.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.stat()
        return True
    return find_left_over(path) is not None


def find_left_over(path: Path) -> Path | None:
    """Return what a salvage that was cut off has left: a whole new journal, or the corrupt old one alone; else None."""
    if _is_to_be_finished(path):
        return name_beside(path, NEW)
    return None if path.exists() else find_newest_aside(path)


def refuse_left_over(path: Path) -> None:
    """Raise JournalUnavailable where the next `run` has a salvage to finish first."""
    left = find_left_over(path)
    if left is not None:
        raise JournalUnavailable(
            f"a salvage of the journal {path} was cut off ({left} is left): hanlogger run finishes it"
        )


def find_newest_aside(path: Path) -> Path | None:
    """Return the corrupt journal that was set aside last; None where there is none."""
    begin = f"{path.name}{ASIDE}"
    there = path.parent.iterdir() if path.parent.is_dir() else ()
    found = [file for file in there if file.name.startswith(begin) and not file.name.endswith(_OF_SQLITE)]
    return max(found, default=None)


def _is_to_be_finished(path: Path) -> bool:
    """Return whether there is a whole new journal: of a salvage, or of unknown origin where there is no other."""
    new = name_beside(path, NEW)
    return _is_whole(new) and (is_salvaged(path, new) or not path.exists())


def _is_whole(new: Path) -> bool:
    try:
        identify(new)
    except JournalUnavailable:
        return False
    return _has_content(new)


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _exchange(path: Path) -> Path:
    """Exchange the files; return where the old one is now.

    This can be cut off anywhere and done again, as the name of the old one depends on the new one alone.
    """
    new = name_beside(path, NEW)
    aside = name_beside(path, f"{ASIDE}{_format_time(new)}")
    for suffix in ("", "-wal"):
        if name_beside(path, suffix).exists():
            name_beside(path, suffix).replace(name_beside(aside, suffix))
    name_beside(path, "-shm").unlink(missing_ok=True)
    _sync(path.parent)
    _move(new, path)
    return aside


def _format_time(file: Path) -> str:
    """Return when the file was last written, as a part of a name."""
    return f"{datetime.fromtimestamp(file.stat().st_mtime, UTC):%Y%m%dT%H%M%S.%fZ}"


def _move(source: Path, target: Path) -> None:
    source.replace(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk; a file system that cannot be asked to is trusted, as SQLite does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
