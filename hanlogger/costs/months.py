"""A month's bill from the journal: its spans, its prices, and up to when a month that runs is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from hanlogger.intervals import QUARTER, Span
from hanlogger.journal import Journal
from hanlogger.tariffs.bill import Bill, make_bill
from hanlogger.tariffs.calendar import Period, add_months
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.power import YEAR

NEWEST = 5 * QUARTER
"""How long ago the intervals may end in a month that runs; where they end before, what follows is missing.

A meter that sends its registers each hour is an hour behind, and its interval is made some minutes later.
"""

MARGIN = timedelta(hours=2)
"""What is read beyond a time: the hours beside an hour say whether its price is one of four quarters, and the spans
before a month up to when one that has just begun is known."""

Prices = Callable[[datetime, datetime, str], Mapping[datetime, Decimal]]
"""Returns the prices of a kWh without value added tax between two instants in a currency, by instant (UTC)."""


def read_no_prices(_start: datetime, _end: datetime, _currency: str) -> Mapping[datetime, Decimal]:
    """Return nothing: no source of prices is set, so that what depends on them is unknown."""
    return {}


def read_month(
    journal: Journal, meter: str, tariffs: Sequence[Tariff], prices: Prices, month: date, now: datetime
) -> Bill:
    """Return the bill of a month, by its first day; what comes after `now` is not missing.

    tariffs: one at least. Raises JournalUnavailable, and ConfigError where they or the prices contradict each other.
    """
    period = tariffs[0].clock.find_month(month)
    spans = read_spans(journal, meter, tariffs, month)
    found = prices(*_find_time(tariffs, month, month), tariffs[0].currency)
    return make_bill(tariffs, spans, found, month, find_until(spans, period, now))


def read_spans(journal: Journal, meter: str, tariffs: Sequence[Tariff], month: date) -> list[Span]:
    """Return the spans of a month, and of the eleven before where a fee looks back so far."""
    first = add_months(month, 1 - YEAR) if _look_back(tariffs) else month
    return journal.intervals.read_spans(meter, *_find_time(tariffs, first, month))


def list_affected(tariffs: Sequence[Tariff], months: Collection[date], last: date) -> set[date]:
    """Return the months whose bills depend on the energy of months: where a fee looks back, up to eleven later ones.

    last: the first day of the last month of which anything is known; none after it is affected.
    """
    following = YEAR if _look_back(tariffs) else 1
    later = {add_months(month, number) for month in months for number in range(1, following)}
    return {*months, *(month for month in later if month <= last)}


def _look_back(tariffs: Sequence[Tariff]) -> bool:
    """Return whether a fee is of peaks of the months before, too."""
    return any(line.over != "month" for tariff in tariffs for line in tariff.power)


def _find_time(tariffs: Sequence[Tariff], first: date, last: date) -> Period:
    """Return what is to be read for the time from a month to another, by the clocks of all tariffs."""
    clocks = [tariff.clock for tariff in tariffs]
    start, end = (
        min(clock.find_month(first).start for clock in clocks),
        max(clock.find_month(last).end for clock in clocks),
    )
    return Period(start - MARGIN, end + MARGIN)


def find_until(spans: Sequence[Span], period: Period, now: datetime) -> datetime | None:
    """Return up to when the energy of a month can be known by now; None for a month that is over."""
    if now >= period.end:
        return None
    ends = [span.end for span in spans if span.quality != "partial" and now - NEWEST < span.end <= now]
    return max([*ends, period.start]) if ends else max(now, period.start)


def find_month(tariffs: Sequence[Tariff], at: datetime) -> date:
    """Return the first day of the month that an instant is in, by the clock of the first tariff."""
    return tariffs[0].clock.tell(at).date().replace(day=1)
