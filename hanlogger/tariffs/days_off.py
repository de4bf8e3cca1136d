"""Days off: the public holidays of a land, days that a company names, or an explicit list.

Companies' lists differ from the public holidays and from each other, so the list is a part of the tariff.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays.holiday_base import HolidayBase

LANDS = ("SE", "NO")
"""Codes of the lands whose public holidays are known, without ordinary Sundays and without eves."""

ALLOWED = (
    '"SE" or "NO" (public holidays), "12-24" (each year), "easter-2" (Good Friday), "2026-05-15", each after "not "'
)
"""What may stand in a list of days off, for an error's text."""

_EACH_YEAR = re.compile(r"(\d\d)-(\d\d)")
_EASTER = re.compile(r"easter([+-]\d{1,2})?")
_LEAP_YEAR = 2000


@dataclass(frozen=True)
class DaysOff:
    """Days off, as their list names them: later names add to the earlier ones, or take away with `not `."""

    names: tuple[str, ...] = ()

    def has(self, day: date) -> bool:
        """Return whether a day is off."""
        return day in _list_days(self.names, day.year)


def check_name(name: str) -> str:
    """Return a name that may stand in a list of days off; ValueError for any other."""
    _resolve(name.removeprefix("not "), _LEAP_YEAR)
    return name


@lru_cache(maxsize=256)
def _list_days(names: tuple[str, ...], year: int) -> frozenset[date]:
    days: set[date] = set()
    for name in names:
        found = _resolve(name.removeprefix("not "), year)
        days = days - found if name.startswith("not ") else days | found
    return frozenset(days)


def _resolve(name: str, year: int) -> set[date]:
    """Return the days that a name means in a year."""
    if name in LANDS:
        return set(_list_public_holidays(name, year))
    if match := _EACH_YEAR.fullmatch(name):
        date(_LEAP_YEAR, int(match[1]), int(match[2]))
        return {date(year, int(match[1]), int(match[2]))} if (match[0] != "02-29" or _is_leap(year)) else set()
    if match := _EASTER.fullmatch(name):
        return {_find_easter(year) + timedelta(days=int(match[1] or 0))}
    return {date.fromisoformat(name)}


def _is_leap(year: int) -> bool:
    return (date(year, 3, 1) - date(year, 2, 28)).days > 1


@lru_cache(maxsize=64)
def _find_easter(year: int) -> date:
    """Return Easter Sunday, which is a public holiday in Sweden."""
    return _list_public_holidays("SE", year).get_named("Påskdagen")[0]


def _list_public_holidays(land: str, year: int) -> HolidayBase:
    from holidays.countries.norway import Norway  # noqa: PLC0415 a logger without a tariff does without the library
    from holidays.countries.sweden import Sweden  # noqa: PLC0415

    if land == "SE":
        return Sweden(years=year, include_sundays=False, language="sv")
    return Norway(years=year, include_sundays=False)
