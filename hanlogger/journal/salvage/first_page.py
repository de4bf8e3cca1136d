"""Make the first page of a journal anew: SQLite reads nothing of a file whose header or table definitions are corrupt.

The first page holds the header (https://www.sqlite.org/fileformat.html, section 1.3) and the definitions of all tables.
Where the first page of each table stands depends only on the order in which they were made, so that the first page of
a new journal fits any other.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from hanlogger.journal.file.opening import open_writable
from hanlogger.journal.file.paths import make, name_beside, open_private
from hanlogger.journal.file.sqlite import SQLITE_ERRORS, connect
from hanlogger.journal.schema import define, find_version, select_definitions

PAGE_SIZES = frozenset(2**power for power in range(9, 17))
USUAL_PAGE_SIZE = 4096  # octets: SQLite's own
CHANGES, CHANGES_AT_SIZE = slice(24, 28), slice(92, 96)  # unequal: the size of the file counts, not that in the header

_COPY = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"


def is_first_page_sound(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the tables are defined as one of the versions has them, and the header has all of the file."""
    try:
        (size,) = connection.execute(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        ).fetchone()
        definitions = select_definitions(connection)
    except SQLITE_ERRORS:
        return False
    log = name_beside(path, "-wal")
    has_all = (log.exists() and log.stat().st_size > 0) or size >= path.stat().st_size
    version = find_version(definitions)
    return has_all and version is not None and definitions == define(version)


def copy_with_new_first_page(source: Path, copy: Path) -> None:
    """Copy a journal and its log, with the first page of a new journal. Raises OSError or JournalUnavailable."""
    first_page = _make_first_page(copy, _read_page_size(source))
    for suffix in ("", "-wal"):
        if name_beside(source, suffix).exists():
            os.close(open_private(name_beside(copy, suffix), os.O_WRONLY))
            copy_tables(name_beside(source, suffix), name_beside(copy, suffix))
    with copy.open("r+b") as file:
        file.write(first_page)


def copy_tables(source: Path, target: Path) -> None:
    """Copy a file in a process of its own: this one would drop its locks on the journal by closing it."""
    done = subprocess.run([sys.executable, "-I", "-c", _COPY, source, target], capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise OSError(f"{source} cannot be copied: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")


def _make_first_page(where: Path, page_size: int) -> bytes:
    """Return the first page of a new journal, which is made and deleted at the path."""
    make(where)
    with contextlib.closing(connect(where, "mode=rw")) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("VACUUM")
    open_writable(where).close()
    page = bytearray(where.read_bytes()[:page_size])
    where.unlink()
    page[CHANGES] = bytes(octet ^ 1 for octet in page[CHANGES_AT_SIZE])
    return bytes(page)


def _read_page_size(source: Path) -> int:
    """Return the size of a page in octets, as the log says it, else the usual one."""
    log = name_beside(source, "-wal")
    if not log.exists():
        return USUAL_PAGE_SIZE
    with log.open("rb") as file:
        size = int.from_bytes(file.read(12)[8:])
    return size if size in PAGE_SIZES else USUAL_PAGE_SIZE
