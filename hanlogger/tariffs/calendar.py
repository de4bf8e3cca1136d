"""A tariff's own time: legal time of a zone, or standard time all year; its days and months as instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Time = Literal["legal", "standard"]
"""legal: with daylight saving time · standard: the zone's offset of winter all year."""


class Period(NamedTuple):
    """A time from an instant to another, which is not in it any more. Both are UTC."""

    start: datetime
    end: datetime

    def clip(self, other: Period) -> Period:
        """Return what both have in common; its end is not after its start where that is nothing."""
        return Period(max(self.start, other.start), min(self.end, other.end))

    @property
    def length(self) -> timedelta:
        """How long it lasts; zero where its end is not after its start."""
        return max(self.end - self.start, timedelta())


EVER = Period(datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Clock:
    """How a tariff tells the time of an instant."""

    zone: str = "Europe/Stockholm"
    time: Time = "legal"

    def tell(self, instant: datetime) -> datetime:
        """Return the time of an instant by this clock, with its offset."""
        return instant.astimezone(_find_offsets(self.zone, self.time))

    def find(self, day: date) -> datetime:
        """Return the instant, in UTC, at which a day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=_find_offsets(self.zone, self.time)).astimezone(UTC)

    def find_month(self, first: date) -> Period:
        """Return the month of its first day, as instants."""
        return Period(self.find(first), self.find(add_months(first, 1)))

    def span(self, start: date | None, end: date | None) -> Period:
        """Return the time from a day to another, which is not in it any more; None sets no limit."""
        return Period(self.find(start) if start else EVER.start, self.find(end) if end else EVER.end)


LEGAL = Clock()
"""The clock of a tariff that says nothing else: legal time in Sweden, which is that of Norway too."""


@lru_cache(maxsize=64)
def _find_offsets(zone: str, time: Time) -> ZoneInfo | timezone:
    """Return the offsets of a clock: a zone's, or the one that it has in winter."""
    if time == "legal":
        return ZoneInfo(zone)
    winter = datetime(2026, 1, 15, tzinfo=ZoneInfo(zone))
    return timezone(winter.utcoffset() or timedelta())


def add_months(first: date, months: int) -> date:
    """Return the first day of the month that comes so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def count_days_of_month(first: date) -> int:
    """Return how many days a month has."""
    return (add_months(first, 1) - first).days


def count_days_of_year(year: int) -> int:
    """Return how many days a year has."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
