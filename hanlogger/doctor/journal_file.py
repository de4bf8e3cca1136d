"""Check of the journal: whether it can be used, its disk has room, and frames were refused or not decoded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note, note_warning, note_well, note_wrong
from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import format_octets
from hanlogger.journal import Journal, is_there

LEAST_FREE = 50_000_000  # octets; a disk with less free space counts as full


def check_journal(host: Host) -> Iterator[Finding]:
    """Yield findings about the journal, in which telegrams are kept before they are delivered."""
    path, running = host.settings.journal, host.running
    folder = _find_existing(path.parent)
    free = shutil.disk_usage(folder).free
    if running is not None and running.journal.held:
        yield note_wrong("journal-held", path=path, held=running.journal.held, free=format_octets(free))
    elif free < LEAST_FREE:
        yield note_wrong("journal-disk", path=path, free=format_octets(free))
    else:
        yield from _look(path, folder, format_octets(free))


def _find_existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that there is: the disk on which it would be made."""
    return next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())


def _report_none_yet(path: Path, folder: Path) -> Finding:
    if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return note_wrong("journal-folder", path=path, folder=folder)
    return note("journal-none", path=path)


def _look(path: Path, folder: Path, free: str) -> Iterator[Finding]:
    try:
        if not is_there(path):
            yield _report_none_yet(path, folder)
            return
        with Journal.open(path, read_only=True) as journal:
            size, refused, undecoded = (
                journal.size,
                len(journal.refused.list_newest()),
                len(journal.undecoded.list_newest()),
            )
    except (JournalUnavailable, OSError) as error:
        yield note_wrong("journal-unusable", path=path, words=error)
        return
    yield note_well("journal", path=path, size=format_octets(size), free=free)
    if refused:
        yield note_warning("refused", number=refused)
    if undecoded:
        yield note_warning("undecoded", number=undecoded)
