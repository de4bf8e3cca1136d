"""The journal: its subjects put together."""

from __future__ import annotations

from hanlogger.journal.fates import Fates
from hanlogger.journal.ledger import Ledger
from hanlogger.journal.listed import Listed
from hanlogger.journal.records import Records
from hanlogger.journal.retention import Retention
from hanlogger.journal.stamping import Stamping


class Journal(Stamping, Records, Fates, Listed, Ledger, Retention):
    """One journal, open: `Journal.open(path)`. Safe for any number of threads, and for other processes that read."""
