"""SQLite as the journal uses it: connections, and errors in hanlogger's words."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from functools import partial
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.checksums import compute_checksum

BUSY_SECONDS = 5.0  # that a connection waits for another process

SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""The errors that SQLite raises; the second where its message quotes a corrupt definition of a table."""
PROBE = 1024 * 1024  # octets that a disk takes which is not full
_FAILED_WRITE = "SQLITE_IOERR_WRITE"
_CORRUPT = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_CORRUPT_WORDS = ("no such column", "unsupported file format")  # a definition, the header, is not what it was
_WORDS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR_WRITE": "the disk does not take more",
    "SQLITE_BUSY": "another process holds it",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
}
"""The words for the user, by the beginning of SQLite's name of an error."""


class JournalCorrupt(JournalUnavailable):
    """SQLite itself calls the file corrupt. No other trouble makes a journal be set aside."""


class JournalMoved(JournalUnavailable):
    """The open file does not have its name any more: it was moved away, deleted or replaced."""


def connect(path: Path, how: str) -> sqlite3.Connection:
    """Return a connection by SQLite's URI parameters, such as mode=ro. Raises JournalUnavailable."""
    uri = f"{path.absolute().as_uri()}?{how}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise translate_error(error, path) from error
    connection.create_function("checksum", -1, compute_checksum, deterministic=True)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # a corrupt text costs itself alone
    return connection


def translate_error(error: BaseException, path: Path) -> BaseException:
    """Return SQLite's error as JournalUnavailable or JournalCorrupt; any other error as it is."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if isinstance(error, UnicodeDecodeError):
        return JournalCorrupt(f"the journal {path} is corrupt: its definition of a table is no text")
    if not name:
        return error
    if name.startswith(_CORRUPT) or str(error).startswith(_CORRUPT_WORDS) or _is_read_only_by_header(name, path):
        return JournalCorrupt(f"the journal {path} is corrupt: {error}")
    full = _is_full(name, path)
    failed = name.startswith(_FAILED_WRITE) and not full
    words = next(
        (words for start, words in _WORDS.items() if name.startswith(start) and not failed), f"{error} ({name})"
    )
    return JournalUnavailable(f"the journal {path} cannot be used now: {words}", full=full)


def _is_full(name: str, path: Path) -> bool:
    """Return whether an error is for want of space; a failed write is where a quota or a limit on a file's size is met.

    Any other failed write is the disk's fault, for which no telegram is to be deleted.
    """
    if not name.startswith(_FAILED_WRITE):
        return name.startswith("SQLITE_FULL")
    try:
        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as file:
            file.seek(path.stat().st_size)  # where a limit on the size of a file is
            written = file.write(bytes(PROBE))
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return written is not None and written < PROBE


def _is_read_only_by_header(name: str, path: Path) -> bool:
    """Return whether SQLite takes for read-only, by a number in the header, what may be written by this process."""
    return name == "SQLITE_READONLY" and os.access(path, os.W_OK)
