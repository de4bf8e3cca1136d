"""Single values of a tariff file. Each function returns the value, or raises ValueError with what is allowed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hanlogger.tariffs import days_off
from hanlogger.tariffs.windows import Holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ALIASES: dict[str, tuple[frozenset[int], Holidays]] = {
    "all": (frozenset(), "ignored"),
    "mon-fri": (frozenset({1, 2, 3, 4, 5}), "ignored"),
    "workdays": (frozenset({1, 2, 3, 4, 5}), "excluded"),
    "weekend": (frozenset({6, 7}), "ignored"),
    "days off": (frozenset({6, 7}), "included"),
    "holidays": (frozenset(), "only"),
}
"""By name: the weekdays that it means, and what holidays are to it."""

DAYS_ALLOWED = ", ".join(f'"{name}"' for name in ALIASES) + ", or a list of " + " ".join(WEEKDAYS)
MONTHS_ALLOWED = 'a list of numbers from 1 to 12, or a text such as "11-3" for November to March'
HOURS_ALLOWED = (
    'a text such as "07-20" (to 20:00, which is not in it any more), "22-06" or "06:30-09:15", or a list of such'
)

_HOURS = re.compile(r"(\d\d?)(?::(\d\d))?-(\d\d?)(?::(\d\d))?")
_MONTHS = re.compile(r"(\d\d?)-(\d\d?)")
_MONTH = re.compile(r"(20\d\d)-(\d\d)")
_DAY = 24 * 60


def check_number(given: Any) -> Any:
    """Return an exact number; a text is one where it has decimals that matter, true and false are none."""
    if isinstance(given, bool) or not isinstance(given, int | Decimal | str):
        raise ValueError("a number")  # noqa: TRY004 pydantic's protocol
    return given


def check_day(given: Any) -> date:
    """Return a day; a time of a day is refused, since what is valid begins with a day."""
    if isinstance(given, datetime) or not isinstance(given, date):
        raise ValueError("a day without quotes, such as 2027-01-01")  # noqa: TRY004 pydantic's protocol
    return given


def read_months(given: Any) -> tuple[int, ...]:
    """Return the months of a list, or of a text such as `11-3`."""
    if isinstance(given, str) and (match := _MONTHS.fullmatch(given)):
        first, last = int(match[1]), int(match[2])
        given = range(first, last + 1) if first <= last else [*range(first, 13), *range(1, last + 1)]
    elif isinstance(given, str):
        raise ValueError(MONTHS_ALLOWED)
    months = tuple(given) if isinstance(given, list | tuple | range) else ()
    if not months or not all(type(month) is int and 1 <= month <= 12 for month in months):
        raise ValueError(MONTHS_ALLOWED)
    return months


def check_days(given: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Return a name of days, or a list of names of weekdays."""
    if (given not in ALIASES) if isinstance(given, str) else (not given or not set(given) <= set(WEEKDAYS)):
        raise ValueError(DAYS_ALLOWED)
    return given


def read_hours(given: Any) -> tuple[tuple[int, int], ...]:
    """Return hours as minutes of the day from and to, of a text such as `07-20` or a list of such."""
    return tuple(map(_read_hours, given if isinstance(given, list | tuple) else [given]))


def _read_hours(text: Any) -> tuple[int, int]:
    match = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(HOURS_ALLOWED)
    begin, end = (int(match[at]) * 60 + int(match[at + 1] or 0) for at in (1, 3))
    if begin >= _DAY or end > _DAY or begin == end or begin % 15 or end % 15:
        raise ValueError(f"{HOURS_ALLOWED}, on quarters of an hour")
    return begin, end


def read_days_off(given: Any) -> tuple[str, ...]:
    """Return the names of days off, of one text or a list, in which a day may stand without quotes."""
    names = given if isinstance(given, list | tuple) else [given]
    try:
        return tuple(days_off.check_name(name.isoformat() if isinstance(name, date) else name) for name in names)
    except (ValueError, TypeError, AttributeError):
        raise ValueError(days_off.ALLOWED) from None


def check_zone(name: str) -> str:
    """Return the name of a zone in the IANA time zone database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("a name of the IANA time zone database, such as Europe/Stockholm") from None
    return name


def read_month(given: Any) -> date:
    """Return the first day of a month such as `2026-10`."""
    match = _MONTH.fullmatch(given) if isinstance(given, str) else None
    if not match or not 1 <= int(match[2]) <= 12:
        raise ValueError('a month such as "2026-10"')
    return date(int(match[1]), int(match[2]), 1)
