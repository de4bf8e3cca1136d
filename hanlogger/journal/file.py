"""The journal's file: how it is opened, the lock of its one `run`, and SQLite's errors in our words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import TextIO

from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.journal.schema import migrate, refuse_newer, version_in_header

BUSY_SECONDS = 5.0
WAL_LIMIT = 16 * 1024 * 1024  # bytes the write-ahead log is cut back to after a burst

_WORDS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another process holds it",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
}


def open_writable(path: Path) -> sqlite3.Connection:
    """A connection that returns from COMMIT when the disk has it; makes the file, its folder and its tables."""
    refuse_newer(version_in_header(path), path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnavailable(f"the journal's folder {path.parent} cannot be made: {error.strerror}") from error
    connection = _connect(path, "rwc")
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_readable(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; JournalUnavailable where there is no journal or a newer one."""
    if not path.exists():
        raise JournalUnavailable(f"there is no journal at {path}")
    refuse_newer(version_in_header(path), path)
    return _connect(path, "ro")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def lock(path: Path) -> TextIO:
    """The lock of the one `run` on this journal, held until closed; JournalLocked when another has it."""
    file = path.with_name(path.name + ".lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read(20).strip()
        file.close()
        raise JournalLocked(f"another hanlogger (process {holder or 'unknown'}) records in {path}") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def is_corrupt(error: BaseException) -> bool:
    """Whether SQLite itself calls the file corrupt. No other trouble makes a journal be set aside."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def unavailable(error: BaseException, path: Path) -> JournalUnavailable:
    name = str(getattr(error, "sqlite_errorname", ""))
    words = next((words for start, words in _WORDS.items() if name.startswith(start)), f"{error} ({name})")
    return JournalUnavailable(f"the journal {path} cannot be used now: {words}")
