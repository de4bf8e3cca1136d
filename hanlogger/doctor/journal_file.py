"""Check of the journal: whether it can be used, its disk has room, and frames were refused or not decoded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note, warning, well, wrong
from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import octets
from hanlogger.journal import Journal, is_there

LEAST_FREE = 50_000_000  # octets; a disk with less free space counts as full


def check_journal(host: Host) -> Iterator[Finding]:
    """Yield findings about the journal, in which telegrams are kept before they are delivered."""
    path, running = host.settings.journal, host.running
    folder = _existing(path.parent)
    free = shutil.disk_usage(folder).free
    if running is not None and running.journal.held:
        yield wrong("journal-held", path=path, held=running.journal.held, free=octets(free))
    elif free < LEAST_FREE:
        yield wrong("journal-disk", path=path, free=octets(free))
    elif not is_there(path):
        yield _none_yet(path, folder)
    else:
        yield from _look(path, octets(free))


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())


def _none_yet(path: Path, folder: Path) -> Finding:
    if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return wrong("journal-folder", path=path, folder=folder)
    return note("journal-none", path=path)


def _look(path: Path, free: str) -> Iterator[Finding]:
    try:
        with Journal.open(path, read_only=True) as journal:
            size, refused, undecoded = (
                journal.size,
                len(journal.refused.list_newest()),
                len(journal.undecoded.list_newest()),
            )
    except (JournalUnavailable, OSError) as error:
        yield wrong("journal-unusable", path=path, words=error)
        return
    yield well("journal", path=path, size=octets(size), free=free)
    if refused:
        yield warning("refused", number=refused)
    if undecoded:
        yield warning("undecoded", number=undecoded)
