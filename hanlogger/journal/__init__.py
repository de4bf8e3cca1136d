"""The journal: every frame, the moment it is whole, in one SQLite file; and what became of it."""

from __future__ import annotations

from hanlogger.journal.fates import Fates
from hanlogger.journal.kinds import (
    Cleaned,
    Damaged,
    Entry,
    NotDecoded,
    Outcome,
    Passed,
    Range,
    Record,
    Refusal,
    Refused,
    Totals,
    Undecoded,
    Waiting,
)
from hanlogger.journal.ledger import Ledger
from hanlogger.journal.records import Records, frame_of
from hanlogger.journal.recorder import Recorder
from hanlogger.journal.retention import Retention

__all__ = [
    "Cleaned",
    "Damaged",
    "Entry",
    "Journal",
    "NotDecoded",
    "Outcome",
    "Passed",
    "Range",
    "Record",
    "Recorder",
    "Refusal",
    "Refused",
    "Totals",
    "Undecoded",
    "Waiting",
    "frame_of",
]


class Journal(Records, Fates, Ledger, Retention):
    """One journal, open: `Journal.open(path)`. Safe for any number of threads, and for other processes that read."""
