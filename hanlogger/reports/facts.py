"""Read what the journal holds of a month or a year: energy by day and hour, bills, peaks, and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from hanlogger.costs.months import Prices, read_month
from hanlogger.intervals import Span, Sum, list_borders, sum_spans
from hanlogger.intervals.sums import Period as By
from hanlogger.journal import Journal
from hanlogger.tariffs.bill import Bill
from hanlogger.tariffs.calendar import add_months
from hanlogger.tariffs.model import Tariff


class Term(NamedTuple):
    """A month, or a year of twelve, by its first day."""

    first: date
    months: int = 1

    @property
    def last(self) -> date:
        """The last day that is in it."""
        return add_months(self.first, self.months) - timedelta(days=1)

    @property
    def before(self) -> Term:
        """The term of the same length before it."""
        return Term(add_months(self.first, -self.months), self.months)

    @property
    def year_before(self) -> Term:
        """The same term a year earlier."""
        return Term(add_months(self.first, -12), self.months)

    @property
    def parts(self) -> list[date]:
        """The first day of each of its months."""
        return [add_months(self.first, number) for number in range(self.months)]


class Gap(NamedTuple):
    """A span of time whose energy is known only as one sum (`wh`), or not at all (None)."""

    start: datetime
    end: datetime
    wh: Decimal | None


@dataclass(frozen=True)
class Facts:
    """What is known of a meter's term. Sums are by the zone's civil days and hours; no tariff: no bills."""

    term: Term
    total: Sum
    days: Sequence[Sum]
    hours: Sequence[Sum]
    months: Sequence[Sum]
    bills: Sequence[Bill]
    gaps: Sequence[Gap]

    @property
    def parts(self) -> Sequence[Sum]:
        """The days of a month, or the months of a year."""
        return self.days if self.term.months == 1 else self.months


def read_facts(
    journal: Journal, meter: str, zone: str, tariffs: Sequence[Tariff], prices: Prices, term: Term, now: datetime
) -> Facts:
    """Return what is known of a term up to `now`. Raises JournalUnavailable and ConfigError."""
    borders = {by: list_borders(term.first, term.last, by, zone) for by in _SIZES}
    ends = borders["day"][0], borders["day"][-1]
    spans = journal.intervals.read_spans(meter, *ends)
    sums = {by: sum_spans(spans, borders[by]) for by in _SIZES}
    begun = [month for month in term.parts if tariffs and tariffs[0].clock.find_month(month).start < now]
    bills = [read_month(journal, meter, tariffs, prices, month, now) for month in begun]
    gaps = find_gaps(spans, ends[0], min(ends[1], now.astimezone(UTC)))
    return Facts(term, sum_spans(spans, ends)[0], sums["day"], sums["hour"], sums["month"], bills, gaps)


_SIZES: tuple[By, ...] = ("hour", "day", "month")


def find_gaps(spans: Sequence[Span], start: datetime, end: datetime) -> list[Gap]:
    """Return the times of which the import is not known by quarter or hour; adjacent ones are joined."""
    gaps: list[Gap] = []
    at = start
    for span in sorted((each for each in spans if each.imported is not None), key=lambda each: each[:2]):
        if span.start > at and at < end:
            gaps.append(Gap(at, min(span.start, end), None))
        if span.quality == "bounded" and span.end > start and span.start < end:
            gaps.append(Gap(max(span.start, start), min(span.end, end), span.imported))
        at = max(at, span.end)
    return [*gaps, Gap(at, end, None)] if at < end else gaps
