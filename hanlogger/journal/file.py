"""The journal's file and those beside it: names, rights, a connection, and SQLite's errors in our words.

Nothing may open the journal's file but SQLite. Closing any descriptor of a file drops every POSIX lock that the process
has on it, and with SQLite's locks gone the next program that closes the journal deletes its write-ahead log.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.sealing import prepare

BUSY_SECONDS = 5.0

_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")  # the second for a quota or a limit on the size of a file
_CORRUPT = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_WORDS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR_WRITE": "the disk does not take more",
    "SQLITE_BUSY": "another process holds it",
    "SQLITE_READONLY": "it may not be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
}


SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises: the second where its words quote a damaged definition of a table."""


class JournalCorrupt(JournalUnavailable):
    """SQLite itself calls the file corrupt. No other trouble makes a journal be set aside."""


class JournalMoved(JournalUnavailable):
    """The open file does not have its name any more: it was moved away, deleted or replaced."""


def located(path: Path) -> Path:
    """The path without symbolic links and `..`, so that one journal has one lock, whatever it is called."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links in a ring: opening it says so
        return path.absolute()


def beside(path: Path, suffix: str) -> Path:
    """A file that belongs to the journal."""
    return path.with_name(path.name + suffix)


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a file that is readable for its owner alone, whatever the umask; makes the file. OSError."""
    descriptor = os.open(path, flags | os.O_CREAT, 0o600)
    with contextlib.suppress(OSError):  # another user's
        os.fchmod(descriptor, 0o600)
    return descriptor


def make(path: Path) -> None:
    """An empty journal file, unless there is one: for its owner alone, and so the files that SQLite makes beside it."""
    with contextlib.suppress(OSError):  # it is there; or SQLite says what is wrong
        os.close(open_private(path, os.O_EXCL | os.O_WRONLY))  # a new file: no connection can have locks on it


def connect(path: Path, how: str) -> sqlite3.Connection:
    """A connection by SQLite's URI parameters, such as mode=ro. JournalUnavailable."""
    uri = f"{path.absolute().as_uri()}?{how}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    prepare(connection)
    return connection


def translated(error: BaseException, path: Path) -> BaseException:
    """SQLite's error as one of ours; an error that is not SQLite's stays what it is."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if isinstance(error, UnicodeDecodeError):
        return JournalCorrupt(f"the journal {path} is damaged: its definition of a table is no text")
    if not name:
        return error
    if name.startswith(_CORRUPT) or str(error).startswith("no such column"):  # its definition is not what it was
        return JournalCorrupt(f"the journal {path} is damaged: {error}")
    words = next((words for start, words in _WORDS.items() if name.startswith(start)), f"{error} ({name})")
    return JournalUnavailable(f"the journal {path} cannot be used now: {words}", full=name.startswith(_FULL))
