"""The journal: every frame, the moment it is whole, in one SQLite file; and what became of it."""

from __future__ import annotations

from hanlogger.journal.destinations import RecordsChanged
from hanlogger.journal.exchange import is_there
from hanlogger.journal.file import located
from hanlogger.journal.identity import refuse_foreign
from hanlogger.journal.journal import Journal
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
    Undecoded,
    Waiting,
)
from hanlogger.journal.lock import holder
from hanlogger.journal.recorder import Recorder
from hanlogger.journal.rows import frame_of

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
    "RecordsChanged",
    "Refusal",
    "Refused",
    "Undecoded",
    "Waiting",
    "frame_of",
    "holder",
    "is_there",
    "located",
    "refuse_foreign",
]
