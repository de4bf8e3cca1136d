"""The journal: its subjects put together."""

from __future__ import annotations

from hanlogger.journal.again import Again
from hanlogger.journal.backlog import Backlog
from hanlogger.journal.changes import Changes
from hanlogger.journal.fates import Fates
from hanlogger.journal.ledger import Ledger
from hanlogger.journal.listed import Listed
from hanlogger.journal.retention import Retention
from hanlogger.journal.room import Room
from hanlogger.journal.stamping import Stamping


class Journal(Changes, Stamping, Fates, Again, Backlog, Listed, Ledger, Retention, Room):
    """One journal, open: `Journal.open(path)`. Safe for any number of threads, and for other processes that read."""
