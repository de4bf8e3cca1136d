"""How a journal that is there is opened, to write and to read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file import beside, connect, translated
from hanlogger.journal.identity import APPLICATION_ID, identify
from hanlogger.journal.schema import migrate

WAL_LIMIT = 16 * 1024 * 1024  # octets that the write-ahead log is cut back to after a burst


def open_writable(path: Path, version: int = 0) -> sqlite3.Connection:
    """A connection whose COMMIT returns when the disk has it; makes the tables, not the file. JournalUnavailable.

    version: of the tables; 0 for the newest.
    """
    identify(path)
    connection = connect(path, "mode=rw")
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _sign(connection)  # before the write-ahead log, so that the file itself says from its first page whose it is
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        migrate(connection, path, version)
    except sqlite3.Error as error:
        connection.close()
        raise translated(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_readable(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. JournalUnavailable, also where there is no journal or a newer one."""
    if not path.exists():
        raise JournalUnavailable(f"there is no journal at {path}")
    identify(path)
    return reading(path)


def reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, to a file that may be damaged. JournalUnavailable."""
    connection = connect(path, "mode=ro")
    if not beside(path, "-wal").exists() and not _can_be_shared(connection):
        connection.close()
        return connect(path, "mode=ro&immutable=1")  # nobody writes it
    return connection


def _sign(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    if found != APPLICATION_ID:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _can_be_shared(connection: sqlite3.Connection) -> bool:
    """Whether the files through which readers and writers see each other can be made: not on a read-only disk."""
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # damaged, as each read will say
    return True
