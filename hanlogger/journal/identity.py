"""Whose a file is, asked through SQLite in ways that change nothing: not the file, and nothing beside it.

A journal is known by its `application_id`, one made before there was that by its tables. Of a file that cannot be read
the mark in its lock file tells (hanlogger.journal.lock): only what has been a journal is ever set aside.
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path
from typing import NamedTuple

from hanlogger.errors import JournalUnavailable, NotAJournal
from hanlogger.journal.file import SQLITE_ERRORS, JournalCorrupt, beside, connect, translated
from hanlogger.journal.lock import is_marked
from hanlogger.journal.schema import refuse_newer

APPLICATION_ID = 0x68616E6C  # "hanl"
_TABLES = {"settings", "record", "destination", "counter"}  # of every journal that has no application_id yet


class _Answer(NamedTuple):
    """What an SQLite file says of itself."""

    application: int
    version: int
    pages: int
    tables: frozenset[str]

    @property
    def is_journal(self) -> bool:
        return self.application == APPLICATION_ID or (self.application == 0 and self.tables >= _TABLES)

    @property
    def is_blank(self) -> bool:
        return self.pages > 0 and self.application == self.version == 0 and not self.tables


def refuse_foreign(path: Path) -> None:
    """NotAJournal for a file that is something else's, JournalUnavailable for a newer one; a damaged journal passes."""
    with contextlib.suppress(JournalCorrupt):
        identify(path)


def identify(path: Path) -> None:
    """Nothing where there is no file, an empty one, or a journal of this or an earlier version.

    NotAJournal for a file that is something else's, JournalCorrupt for a damaged journal, JournalUnavailable for one of
    a newer version and where nothing can be said now.
    """
    if not _has_content(path):
        return
    try:
        answer = _asked(path)
    except SQLITE_ERRORS as error:
        raise _known(translated(error, path), path, "it is no SQLite database") from error
    if answer.is_blank:
        return
    if not answer.is_journal:
        raise _foreign(path, "it is the database of another program")
    refuse_newer(answer.version, path)


def _has_content(path: Path) -> bool:
    """By what can be seen from outside."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise JournalUnavailable(f"the journal {path} cannot be used now: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise _foreign(path, "it is no file")
    if found.st_nlink > 1:
        raise _foreign(path, f"it has {found.st_nlink} names (hard links), each of which would get a log of its own")
    if not found.st_size and _size(beside(path, "-wal")):  # which SQLite would delete
        damage = JournalCorrupt(f"the journal {path} is damaged: it is empty, and its write-ahead log is not")
        raise _known(damage, path, "it is empty, and the write-ahead log beside it is not")
    return found.st_size > 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _asked(path: Path) -> _Answer:
    """The file alone where nobody has it open; with a log beside it as SQLite's readers do, who make none."""
    log = beside(path, "-wal")
    if not log.exists():
        try:
            return _ask(path, "mode=ro&immutable=1")
        except SQLITE_ERRORS:
            if not log.exists():
                raise  # else another process has begun to write it meanwhile
    return _ask(path, "mode=ro")


def _ask(path: Path, how: str) -> _Answer:
    with contextlib.closing(connect(path, how)) as connection:
        names = ("application_id", "user_version", "page_count")
        application, version, pages = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        known = application == APPLICATION_ID  # no further page need be sound
        rows = [] if known else connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return _Answer(application, version, pages, frozenset(name for (name,) in rows))


def _known(trouble: BaseException, path: Path, words: str) -> BaseException:
    """The trouble, unless it is the damage of a file that has never been a journal."""
    return trouble if is_marked(path) or not isinstance(trouble, JournalCorrupt) else _foreign(path, words)


def _foreign(path: Path, words: str) -> NotAJournal:
    return NotAJournal(
        f"{path} is no journal of hanlogger's: {words}. It has not been touched: "
        "name another file by --journal, HANLOGGER_JOURNAL or journal in hanlogger.toml, or move this one away"
    )
