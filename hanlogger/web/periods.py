"""Days, months and years of a zone, and the parts that a chart has of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from hanlogger.intervals import QUARTER

Kind = Literal["day", "month", "year"]
KINDS: tuple[Kind, ...] = ("day", "month", "year")


class Period(NamedTuple):
    """A day, a month or a year, by its first day."""

    kind: Kind
    first: date

    @property
    def next(self) -> Period:
        """The period of the same kind that follows."""
        if self.kind == "day":
            return Period("day", self.first + timedelta(days=1))
        return find_period(self.kind, self.first + timedelta(days=31 if self.kind == "month" else 366))

    @property
    def previous(self) -> Period:
        """The period of the same kind that was before."""
        return find_period(self.kind, self.first - timedelta(days=1))

    def list_bounds(self, zone: tzinfo) -> list[datetime]:
        """Return the bounds of its parts in UTC: of quarters of an hour, days or months.

        A day has 92 or 100 quarters where the clock is put on or back.
        """
        if self.kind == "day":
            return list(list_steps(find_midnight(self.first, zone), find_midnight(self.next.first, zone), QUARTER))
        inner: Kind = "day" if self.kind == "month" else "month"
        part, bounds = Period(inner, self.first), []
        while part.first < self.next.first:
            bounds.append(find_midnight(part.first, zone))
            part = part.next
        return [*bounds, find_midnight(self.next.first, zone)]


def find_period(kind: Kind, day: date) -> Period:
    """Return the period that a day is in."""
    first = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[kind]
    return Period(kind, first)


def find_midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a zone, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def list_steps(start: datetime, end: datetime, size: timedelta) -> Sequence[datetime]:
    """Return the times from `start` to `end`, both included, so far apart."""
    return [start + size * number for number in range((end - start) // size + 1)]
