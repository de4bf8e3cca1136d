"""Find out whether a file is a journal, through SQLite in ways that change nothing, before it is opened as one.

A journal is recognised by its `application_id`, an old one by its tables, one that cannot be read by the mark in its
lock file (hanlogger.journal.file.lock): only a file that has been a journal is ever set aside.
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path
from typing import NamedTuple

from hanlogger.errors import JournalUnavailable, NotAJournal
from hanlogger.journal.file.lock import is_marked
from hanlogger.journal.file.paths import measure, name_beside
from hanlogger.journal.file.sqlite import SQLITE_ERRORS, JournalCorrupt, connect, translate_error
from hanlogger.journal.schema import Definitions, find_version, refuse_newer, select_definitions

APPLICATION_ID = 0x68616E6C  # "hanl"

_TABLES = {"settings", "record", "destination", "counter"}  # of every journal that has no application_id yet


class _Identity(NamedTuple):
    """What an SQLite file says of itself."""

    application: int
    version: int
    pages: int
    page_size: int
    definitions: Definitions

    @property
    def is_journal(self) -> bool:
        known = {name for name, *_ in self.definitions} >= _TABLES
        return self.application == APPLICATION_ID or (self.application == 0 and known)

    @property
    def is_blank(self) -> bool:
        return self.pages > 0 and self.application == self.version == 0 and not self.definitions

    @property
    def version_of_tables(self) -> int | None:
        return find_version(self.definitions)


def refuse_foreign(path: Path) -> None:
    """Raise NotAJournal for another program's file, JournalUnavailable for a newer journal; a corrupt one passes."""
    with contextlib.suppress(JournalCorrupt):
        identify(path)


def identify(path: Path) -> None:
    """Do nothing where there is no file, an empty one, or a journal of this or an earlier version.

    Raises NotAJournal for another program's file, JournalCorrupt for a corrupt journal, JournalUnavailable for one of a
    newer version and where nothing can be said now.
    """
    size = _measure_content(path)
    if not size:
        return
    try:
        found = _ask_shared(path)
    except SQLITE_ERRORS as error:
        raise _recognise_foreign(translate_error(error, path), path, "it is no SQLite database") from error
    if found.is_blank:
        return
    if not found.is_journal:
        raise _find_contradiction(found, path, size) or _make_foreign(path, "it is the database of another program")
    if corrupt := _find_contradiction(found, path, size):
        raise corrupt
    refuse_newer(found.version, path)


def _find_contradiction(found: _Identity, path: Path, size: int) -> JournalCorrupt | None:
    """Return what to raise where the tables are a journal's, and the header says something else; None: all is well.

    size: that of the file before it was asked. It is measured once more, as another process may make it longer or
    shorter meanwhile.
    """
    if found.version_of_tables is None or (found.application != APPLICATION_ID and not is_marked(path)):
        return None
    if found.version != found.version_of_tables:
        return JournalCorrupt(f"the journal {path} is corrupt: its tables are not of the version in its header")
    length = found.pages * found.page_size
    if not measure(name_beside(path, "-wal")) and length < min(size, measure(path)):  # SQLite would cut the file
        return JournalCorrupt(f"the journal {path} is corrupt: its header has fewer pages than the file")
    if found.application not in (0, APPLICATION_ID):
        return JournalCorrupt(f"the journal {path} is corrupt: its header names another program")
    return None


def _measure_content(path: Path) -> int:
    """Return the size of a file to examine in octets, without opening it; 0 for none. Raises as `identify` does."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError as error:
        raise JournalUnavailable(f"the journal {path} cannot be used now: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise _make_foreign(path, "it is no file")
    if found.st_nlink > 1:
        raise _make_foreign(
            path, f"it has {found.st_nlink} names (hard links), each of which would get a log of its own"
        )
    if not found.st_size and measure(name_beside(path, "-wal")):  # which SQLite would delete
        corrupt = JournalCorrupt(f"the journal {path} is corrupt: it is empty, and its write-ahead log is not")
        raise _recognise_foreign(corrupt, path, "it is empty, and the write-ahead log beside it is not")
    return found.st_size


def _ask_shared(path: Path) -> _Identity:
    """Read the file alone where nobody has it open; with a log beside it as SQLite's readers do, who make none."""
    log = name_beside(path, "-wal")
    if not log.exists():
        try:
            found = _ask(path, "mode=ro&immutable=1")
        except SQLITE_ERRORS:
            if not log.exists():
                raise
        else:
            if not log.exists():
                return found
    return _ask(path, "mode=ro")  # maybe another process has begun to write it meanwhile


def _ask(path: Path, how: str) -> _Identity:
    with contextlib.closing(connect(path, how)) as connection:
        connection.execute("BEGIN")  # another process may bring it forward between two questions
        names = ("application_id", "user_version", "page_count", "page_size")
        application, version, pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        return _Identity(application, version, pages, size, select_definitions(connection))


def _recognise_foreign(trouble: BaseException, path: Path, words: str) -> BaseException:
    """Return the trouble; NotAJournal instead for a corrupt file that has never been a journal."""
    return trouble if is_marked(path) or not isinstance(trouble, JournalCorrupt) else _make_foreign(path, words)


def _make_foreign(path: Path, words: str) -> NotAJournal:
    return NotAJournal(
        f"{path} is no journal of hanlogger's: {words}. It has not been touched: "
        "name another file by --journal, HANLOGGER_JOURNAL or journal in hanlogger.toml, or move this one away"
    )
