"""Days of the past that have energy and not all of their prices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hanlogger.journal import Journal
from hanlogger.prices.source import ONE_DAY, PriceSource
from hanlogger.tariffs.spot import QUARTER


def find_backlog(journal: Journal, source: PriceSource, settled: set[date], today: date) -> Iterator[date]:
    """Yield the days before today that have intervals and not all of their prices, the newest first.

    settled: days of which all prices are known to be there; more of them are added. Raises JournalUnavailable.
    """
    intervals = journal.intervals
    ends = {meter: ends for meter in intervals.list_meters() if (ends := intervals.get_ends(meter))}
    first = min((source.tell_day(start) for start, _ in ends.values()), default=today)
    for number in range(1, (today - first).days + 1):
        day = today - number * ONE_DAY
        if day in settled:
            continue
        if _is_known(journal, source, day):
            settled.add(day)
        elif any(journal.prices.has_energy(meter, *source.find_day(day)) for meter in ends):
            yield day


def _is_known(journal: Journal, source: PriceSource, day: date) -> bool:
    """Return whether all prices of a day are kept, and final."""
    start, end = source.find_day(day)
    prices = journal.prices.read(source.area, start, end)
    return len(prices) == (end - start) // QUARTER and all(price.final for price in prices.values())
