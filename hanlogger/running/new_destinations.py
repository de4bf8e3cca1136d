"""Announce to a new destination all prices, and the intervals of years whose frames are no longer kept."""

from __future__ import annotations

from collections.abc import Iterable

from hanlogger.journal import Journal
from hanlogger.model import Meter


def announce_to_new(journal: Journal, destinations: Iterable[str], meters: Iterable[Meter]) -> None:
    """Have all intervals and prices delivered where a destination has never been served. Raises JournalUnavailable.

    meters: with their present settings; of any other meter the points have no further tags.
    """
    if all(journal.destinations.get_cursor(name) for name in destinations):
        return
    known = {meter.name: meter for meter in meters}
    for name in journal.intervals.list_meters():
        journal.intervals.announce(known.get(name, Meter(name)))
    journal.prices.announce()
