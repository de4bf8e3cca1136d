"""The journal's file: how it is opened, and SQLite's errors in our words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.schema import migrate, refuse_newer, version_in_header

BUSY_SECONDS = 5.0
WAL_LIMIT = 16 * 1024 * 1024  # octets that the write-ahead log is cut back to after a burst

_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")  # the second for a quota or a limit on the size of a file
_CORRUPT = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_WORDS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR_WRITE": "the disk does not take more",
    "SQLITE_BUSY": "another process holds it",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
}


class JournalCorrupt(JournalUnavailable):
    """SQLite itself calls the file corrupt. No other trouble makes a journal be set aside."""


def open_writable(path: Path) -> sqlite3.Connection:
    """A connection whose COMMIT returns when the disk has it; makes the file and its tables. JournalUnavailable."""
    refuse_newer(version_in_header(path), path)
    _make_private(path)
    connection = _connect(path, "mode=rwc")
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        migrate(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise translated(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """For its owner alone, and so the files that SQLite makes beside it: it tells when nobody is home."""
    with contextlib.suppress(OSError):  # it is there; or SQLite says what is wrong
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def open_readable(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. JournalUnavailable, also where there is no journal or a newer one."""
    if not path.exists():
        raise JournalUnavailable(f"there is no journal at {path}")
    refuse_newer(version_in_header(path), path)
    connection = _connect(path, "mode=ro")
    if not beside(path, "-wal").exists() and not _can_be_shared(connection):
        connection.close()
        return _connect(path, "mode=ro&immutable=1")  # nobody writes it
    return connection


def _can_be_shared(connection: sqlite3.Connection) -> bool:
    """Whether the files through which readers and writers see each other can be made: not on a read-only disk."""
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # damaged, as each read will say
    return True


def _connect(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{how}"
    try:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise translated(error, path) from error


def translated(error: BaseException, path: Path) -> BaseException:
    """SQLite's error as one of ours; an error that is not SQLite's stays what it is."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if not name:
        return error
    if name.startswith(_CORRUPT):
        return JournalCorrupt(f"the journal {path} is damaged: {error}")
    words = next((words for start, words in _WORDS.items() if name.startswith(start)), f"{error} ({name})")
    return JournalUnavailable(f"the journal {path} cannot be used now: {words}", full=name.startswith(_FULL))


def beside(path: Path, suffix: str) -> Path:
    """A file that belongs to the journal."""
    return path.with_name(path.name + suffix)
