"""Replace a corrupt journal by a new one, into which what can be read of it has been carried over."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.file.paths import name_beside
from hanlogger.journal.file.sqlite import JournalCorrupt, connect, translate_error
from hanlogger.journal.salvage.carrying import carry_over
from hanlogger.journal.salvage.exchange import (
    PART,
    clear_part,
    find_newest_aside,
    finish_exchange,
    put_in_place,
)

log = logging.getLogger(__name__)


def salvage(path: Path, error: JournalCorrupt) -> None:
    """Put a new journal in the place of the corrupt one, which stays beside it. No connection may be open.

    JournalUnavailable when it cannot be done now, and then nothing has changed.
    """
    with _translate_errors(path, f"{error}, and cannot be replaced"), _lock_others_out(path):
        carried = carry_over(path, clear_part(path))
        aside = put_in_place(path)
    log.error("%s: it is kept as %s; %d records could be read and are carried over", error, aside, carried)


def finish_salvage(path: Path) -> None:
    """Finish a salvage that was cut off: there is a journal then, or there has never been one. JournalUnavailable.

    Where only the corrupt journal is left it is read once more.
    """
    with _translate_errors(path, f"the salvage of the journal {path} cannot be finished"):
        finish_exchange(path)
        aside = None if path.exists() else find_newest_aside(path)
        if aside is not None:
            carried = carry_over(aside, clear_part(path))
            put_in_place(path)
            log.error("the journal %s is missing: of %s %d records are carried over", path, aside, carried)


@contextlib.contextmanager
def _translate_errors(path: Path, words: str) -> Iterator[None]:
    """Raise JournalUnavailable for the errors inside; words: what cannot be done then."""
    try:
        yield
    except sqlite3.Error as trouble:
        with contextlib.suppress(OSError):
            clear_part(path)  # on a full disk others need the room
        raise translate_error(trouble, name_beside(path, PART)) from trouble
    except OSError as trouble:
        raise JournalUnavailable(f"{words}: {trouble}") from trouble


@contextlib.contextmanager
def _lock_others_out(path: Path) -> Iterator[None]:
    """Let no other process write while the rows are read: what it writes would stay behind in the old file.

    The process waits, and finds the file replaced then. A file too corrupt for this lock is too corrupt to be written.
    """
    if not path.stat().st_size:  # SQLite would delete the log of an empty file
        yield
        return
    with contextlib.closing(connect(path, "mode=rw")) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not isinstance(translate_error(error, path), JournalCorrupt):
                raise
        yield
