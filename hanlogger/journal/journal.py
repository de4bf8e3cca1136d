"""The journal: its subjects put together."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.again import Again
from hanlogger.journal.backlog import Backlog
from hanlogger.journal.changes import Changes
from hanlogger.journal.fates import Fates
from hanlogger.journal.flight import Flight
from hanlogger.journal.ledger import Ledger
from hanlogger.journal.listed import Listed
from hanlogger.journal.mending import mend
from hanlogger.journal.retention import Retention
from hanlogger.journal.room import Room
from hanlogger.journal.stamping import Stamping


class Journal(Changes, Stamping, Fates, Again, Backlog, Listed, Ledger, Retention, Flight, Room):
    """One journal, open: `Journal.open(path)`. Safe for any number of threads, and for other processes that read."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        super().__init__(path, read_only=read_only, exclusive=exclusive)
        if not read_only:
            with contextlib.suppress(JournalUnavailable):  # a full disk: damaged rows are passed over until then
                self._write(mend)
