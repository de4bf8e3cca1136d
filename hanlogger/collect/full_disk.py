"""Space on a full disk, made by deleting what every destination has."""

from __future__ import annotations

from collections.abc import Collection

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Freed, Journal

FREED_OCTETS = 1_000_000  # of delivered frames, at a time


def make_space(journal: Journal, destinations: Collection[str]) -> Freed:
    """Delete some of the oldest frames that all destinations have; return where that made space. It never raises."""
    try:
        return journal.space.free(FREED_OCTETS, destinations)
    except JournalUnavailable:
        return "none"
