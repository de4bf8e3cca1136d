"""When a line of a tariff applies: months, days of the week, days off and hours, in the tariff's own time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from hanlogger.tariffs.days_off import DaysOff

QUARTERS = 96
"""Quarters of an hour in a day of 24 hours: a window begins and ends on one of their borders."""

Holidays = Literal["ignored", "excluded", "included", "only"]
"""What a day off is to a window: a day like others, never in it, in it on any weekday, or the only day in it."""


@dataclass(frozen=True)
class Window:
    """A part of the year. What is empty sets no limit."""

    months: frozenset[int] = frozenset()  # 1 to 12
    weekdays: frozenset[int] = frozenset()  # 1 Monday to 7 Sunday
    holidays: Holidays = "ignored"
    days_off: DaysOff = field(default_factory=DaysOff)
    hours: tuple[tuple[int, int], ...] = ()  # minutes of the day, the second exclusive; over midnight where it is less

    def covers_day(self, day: date) -> bool:
        """Return whether a day has hours in this window."""
        if self.months and day.month not in self.months:
            return False
        if self.holidays != "ignored" and self.days_off.has(day):
            return self.holidays != "excluded"
        return self.holidays != "only" and (not self.weekdays or day.isoweekday() in self.weekdays)

    def covers_minute(self, minute: int) -> bool:
        """Return whether a minute of the day is in one of the hours."""
        return not self.hours or any(
            begin <= minute < end if begin < end else minute >= begin or minute < end for begin, end in self.hours
        )


When = tuple[Window, ...]
"""Windows of which one must cover a time; none at all: always."""

ALWAYS: When = ()


def covers_day(when: When, day: date) -> bool:
    """Return whether a day has hours in one of the windows."""
    return not when or any(window.covers_day(day) for window in when)


Kind = tuple[tuple[bool, ...], ...]
"""What kind of day it is: of each row of a timetable, which of its windows have hours in it."""


class Timetable:
    """Finds which of several rows applies at a time: the first of those whose windows cover it."""

    def __init__(self, rows: Iterable[When]) -> None:
        self._rows = tuple(rows)
        self._days: dict[date, tuple[int | None, ...]] = {}
        self._kinds: dict[Kind, tuple[int | None, ...]] = {}

    def find(self, local: datetime) -> int | None:
        """Return the index of the row that applies at a time of the tariff's clock; None where there is none."""
        day = local.date()
        if day not in self._days:
            self._days[day] = self._list_rows(day)
        return self._days[day][local.hour * 4 + local.minute // 15]

    def _list_rows(self, day: date) -> tuple[int | None, ...]:
        """Return the row of each quarter of an hour of a day: it is the same for all days of a kind."""
        kind = tuple(tuple(window.covers_day(day) for window in when) for when in self._rows)
        if kind not in self._kinds:
            self._kinds[kind] = tuple(self._find_row(kind, quarter * 15) for quarter in range(QUARTERS))
        return self._kinds[kind]

    def _find_row(self, kind: Kind, minute: int) -> int | None:
        """Return the row that applies at a minute of a day of a kind."""
        for index, (when, covered) in enumerate(zip(self._rows, kind, strict=True)):
            today = (window for window, covers in zip(when, covered, strict=True) if covers)
            if not when or any(window.covers_minute(minute) for window in today):
                return index
        return None
