"""Where a journal can be kept, and how it is opened for writing and for reading."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file.identity import APPLICATION_ID, identify, refuse_foreign
from hanlogger.journal.file.paths import name_beside, open_private, resolve_path
from hanlogger.journal.file.sqlite import connect, translate_error
from hanlogger.journal.schema import migrate

LOG_LIMIT = 16 * 1024 * 1024  # octets that the write-ahead log is cut back to after a burst
_TEMPORARY = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Errors that are no fault of the path, and may be gone at the next start."""


def check_location(path: Path) -> None:
    """Raise OSError where no journal can ever be kept, NotAJournal where another file is.

    Makes the folder, and the file beside the journal that is its lock.
    """
    try:
        _check_location(resolve_path(path))
    except OSError as error:
        if error.errno not in _TEMPORARY:
            raise


def _check_location(path: Path) -> None:
    if path.is_dir():
        raise _make_error(errno.EISDIR)
    if path.is_symlink():  # still, after they have been followed
        raise _make_error(errno.ELOOP)
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise _make_error(errno.ENOTDIR) from None
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise _make_error(errno.EACCES)
    refuse_foreign(path)
    os.close(open_private(name_beside(path, ".lock"), os.O_RDWR))


def _make_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def open_writable(path: Path, version: int = 0) -> sqlite3.Connection:
    """Return a connection whose COMMIT returns when the disk has it; makes the tables, not the file.

    version: of the tables; 0 for the newest. Raises JournalUnavailable, JournalCorrupt or NotAJournal.
    """
    identify(path)
    connection = connect(path, "mode=rw")
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        if found != APPLICATION_ID:  # before the write-ahead log, so that the first page of the file itself says it
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
        migrate(connection, path, version)
    except BaseException as error:
        connection.close()
        raise translate_error(error, path) from error
    return connection


def open_readable(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write. JournalUnavailable, also where there is no journal or a newer one."""
    if not path.exists():
        raise JournalUnavailable(f"there is no journal at {path}")
    identify(path)
    return connect_readable(path)


def connect_readable(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write, to a journal that may be corrupt. Raises JournalUnavailable."""
    connection = connect(path, "mode=ro")
    if not name_beside(path, "-wal").exists() and not _can_be_shared(connection):
        connection.close()
        return connect(path, "mode=ro&immutable=1")  # nobody writes it
    return connection


def _can_be_shared(connection: sqlite3.Connection) -> bool:
    """Return whether the files by which readers and writers see each other can be made: not on a read-only disk."""
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # corrupt, as each read will say
    return True
