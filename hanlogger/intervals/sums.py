"""Sums of spans over quarters, hours, days and months of a zone's civil time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.intervals.span import HOUR, QUARTER, Span

Period = Literal["quarter", "hour", "day", "month"]
PERIODS: tuple[Period, ...] = ("quarter", "hour", "day", "month")

SumQuality = Literal["measured", "partial", "unknown"]
"""measured: exact, all of the period is known. partial: a lower bound, for some of it is not known, or only together
with energy outside of it. unknown: there is no amount. Later ones are worse.
"""
_QUALITIES: tuple[SumQuality, ...] = ("measured", "partial", "unknown")
_NOTHING = timedelta()


class Sum(NamedTuple):
    """The energy of one meter in one period."""

    start: datetime  # UTC
    end: datetime  # UTC
    imported: Decimal | None  # Wh; None: unknown, which is not 0
    exported: Decimal | None  # Wh
    quality: SumQuality  # of the amounts that are there: the worse of the two


def sum_spans(spans: Iterable[Span], borders: Sequence[datetime]) -> list[Sum]:
    """Return the energy of each period between two borders that follow each other.

    spans: of one meter, in any order; those outside are ignored. borders: aware times that rise, as `list_borders`
    gives them; n borders make n - 1 sums. A span counts in the period that contains all of it, and in no other: the
    energy of one that reaches over a border is in no sum, and the periods that it touches are partial or unknown. One
    of 0 Wh is the exception: a counter never falls, so that each part of it is exactly 0.

    >>> from datetime import UTC, datetime
    >>> at = lambda hour, minute=0: datetime(2026, 1, 1, hour, minute, tzinfo=UTC)
    >>> hour = Span(at(8), at(9), Decimal(500), Decimal(0), "measured")
    >>> gap = Span(at(9), at(10, 30), Decimal(900), Decimal(0), "bounded")
    >>> [(each.imported, each.exported, each.quality) for each in sum_spans([hour, gap], [at(8), at(9), at(10)])]
    [(Decimal('500'), Decimal('0'), 'measured'), (None, Decimal('0'), 'measured')]
    """
    imported, exported = _Totals(borders), _Totals(borders)
    for span in spans:
        imported.add(span.start, span.end, span.imported)
        exported.add(span.start, span.end, span.exported)
    return [_to_sum(borders, number, imported, exported) for number in range(len(borders) - 1)]


def list_borders(first: date, last: date, by: Period, zone: str) -> list[datetime]:
    """Return the borders, in UTC, of all periods of the civil days from `first` up to `last`, both included.

    zone: IANA name. A day has 23, 24 or 25 hours; of a month that is begun or ended outside only the days inside count.
    """
    place = ZoneInfo(zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    if by == "day":
        return [_begin(day, place) for day in days]
    if by == "month":
        inside = [day for day in days[1:-1] if day.day == 1]
        return [_begin(day, place) for day in (days[0], *inside, days[-1])]
    step = QUARTER if by == "quarter" else HOUR
    start, end = _begin(days[0], place), _begin(days[-1], place)
    return [start + number * step for number in range((end - start) // step + 1)]


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


class _Totals:
    """The amounts of one direction by period, and how much of each period they cover."""

    def __init__(self, borders: Sequence[datetime]) -> None:
        self._borders = borders
        self.amounts: dict[int, Decimal] = {}
        self._covered: dict[int, timedelta] = {}

    def add(self, start: datetime, end: datetime, amount: Decimal | None) -> None:
        if amount is None:
            return
        number = bisect_right(self._borders, start) - 1
        inside = 0 <= number < len(self._borders) - 1 and end <= self._borders[number + 1]
        if inside:
            self._count(number, end - start, amount)
        elif not amount:
            self._spread_nothing(max(number, 0), start, end)

    def _spread_nothing(self, number: int, start: datetime, end: datetime) -> None:
        while number < len(self._borders) - 1 and self._borders[number] < end:
            begun, ended = self._borders[number : number + 2]
            if (length := min(end, ended) - max(start, begun)) > _NOTHING:
                self._count(number, length, Decimal())
            number += 1

    def _count(self, number: int, length: timedelta, amount: Decimal) -> None:
        self.amounts[number] = self.amounts.get(number, Decimal()) + amount
        self._covered[number] = self._covered.get(number, _NOTHING) + length

    def judge(self, number: int) -> SumQuality:
        if number not in self.amounts:
            return "unknown"
        whole = self._covered[number] == self._borders[number + 1] - self._borders[number]
        return "measured" if whole else "partial"


def _to_sum(borders: Sequence[datetime], number: int, imported: _Totals, exported: _Totals) -> Sum:
    amounts = (imported.amounts.get(number), exported.amounts.get(number))
    judged = [totals.judge(number) for totals in (imported, exported) if number in totals.amounts]
    quality: SumQuality = max(judged, key=_QUALITIES.index, default="unknown")
    return Sum(borders[number], borders[number + 1], *amounts, quality)
