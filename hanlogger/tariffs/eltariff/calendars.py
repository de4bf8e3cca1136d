"""Recurring periods and calendar patterns of an Eltariff tariff become windows.

A day counts that is in one of the included patterns and in none of the excluded ones. Patterns are weekdays, or dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hanlogger.tariffs.eltariff import forms
from hanlogger.tariffs.fields import WEEKDAYS
from hanlogger.tariffs.node import DAY, Node, show

Window = dict[str, Any]
WEEK = frozenset(range(1, 8))
TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?")
MIDNIGHT = 24 * 60


@dataclass(frozen=True)
class Pattern:
    """Days: weekdays 1 to 7, or names of days off such as 2027-01-06."""

    weekdays: frozenset[int] = frozenset()
    dates: tuple[str, ...] = ()


Patterns = Mapping[str, Pattern]


def read_patterns(answer: Node, own: Mapping[str, tuple[str, ...]]) -> Patterns:
    """Return the patterns of an answer by reference, and the user's `own`, which come first."""
    found = dict(_read_pattern(each) for each in answer.get_children("calendarPatterns"))
    return found | {name: _read_own(days) for name, days in own.items()}


def _read_own(days: tuple[str, ...]) -> Pattern:
    names = tuple(day for day in days if day not in WEEKDAYS)
    return Pattern(frozenset(WEEKDAYS.index(day) + 1 for day in days if day in WEEKDAYS), names)


def _read_pattern(node: Node) -> tuple[str, Pattern]:
    known = frozenset({"name", "reference"}) if node.get("name") and not node.get("reference") else frozenset[str]()
    node.check(forms.PATTERN, known=known)
    if known:
        node.tell("name stands in the place of reference")
    reference = node.get_text("reference") or node.get_text("name")
    frequency = node.get_text("frequency")
    days, dates = node.get_list("days"), node.get_list("dates")
    if frequency == "P1W" and not dates and days and all(type(day) is int and day in WEEK for day in days):
        return reference, Pattern(weekdays=frozenset(days))
    if frequency == "P1Y" and not days:
        return reference, Pattern(dates=tuple(_read_date(node, day) for day in dates))
    raise node.make_error(
        f"frequency {show(frequency)}, days {show(days)}, dates {show(dates)}; "
        'known are "P1W" with days 1 to 7, "P1Y" with dates'
    )


def _read_date(node: Node, text: Any) -> str:
    if not isinstance(text, str) or not DAY.fullmatch(text):
        node.refuse(f"dates: found {show(text)}; allowed: a day such as 2027-01-06")
    return _check_date(node, text)


def _check_date(node: Node, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise node.make_error(f"{show(text)} is no day of the calendar") from None


def read_windows(periods: Iterable[Node], patterns: Patterns) -> list[Window]:
    """Return the windows of recurring periods; none: always."""
    return [window for period in periods for window in _read_recurring(period, patterns)]


def _read_recurring(period: Node, patterns: Patterns) -> list[Window]:
    period.check(forms.RECURRING)
    if period.get_text("frequency") != "P1D":
        period.refuse(f'frequency: found {show(period.get("frequency"))}; known is "P1D"')
    windows = [window for each in period.get_children("activePeriods") for window in _read_active(each, patterns)]
    return windows or period.refuse("activePeriods covers no time at all")


def _read_active(active: Node, patterns: Patterns) -> list[Window]:
    active.check(forms.ACTIVE)
    begin, end = (_read_time(active, name) for name in ("fromIncluding", "toExcluding"))
    end = end or MIDNIGHT
    days = _read_days(active, patterns)
    if begin == end or (begin > end and days != [{}]):
        text = f"{active.get_text('fromIncluding')} to {active.get_text('toExcluding')}"
        active.refuse(f"{text}: of which day the hours after midnight are would be guessed")
    if begin > end:
        active.tell("the period goes over midnight; the hours of every day are taken")
    hours = {} if (begin, end) == (0, MIDNIGHT) else {"hours": [f"{_say(begin)}-{_say(end)}"]}
    return [day | hours for day in days]


def _say(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _read_time(active: Node, name: str) -> int:
    text = active.get_text(name)
    match = TIME.fullmatch(text)
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if not match or int(match[2]) > 59 or minute > MIDNIGHT or minute % 15 or match[3] not in (None, "00"):
        active.refuse(f"{name}: found {show(text)}; allowed: a time on a quarter of an hour, such as 07:00:00")
    if match[3] is None or minute == MIDNIGHT:
        active.tell(f"{name}: {show(text)} is not of the form HH:MM:SS, 00:00:00 to 23:59:59")
    return minute % MIDNIGHT


def _read_days(active: Node, patterns: Patterns) -> list[Window]:
    """Return windows of the days of an active period: one without keys for every day."""
    references = active.get_child("calendarPatternReferences")
    if references is None:
        return [{}]
    references.check(forms.REFERENCES)
    include, exclude = (_find(references, name, patterns) for name in ("include", "exclude"))
    if not references.get_list("include"):
        if not references.get_list("exclude"):
            references.tell("include is empty; every day is taken")
            return [{}]
        references.refuse("include is empty beside exclude: which days are meant would be guessed")
    return _combine(include, exclude) or references.refuse("no day is left of include")


def _find(references: Node, name: str, patterns: Patterns) -> Pattern:
    """Return the days of all patterns of a list together."""
    found = [_resolve(references, name, each, patterns) for each in references.get_list(name)]
    weekdays = frozenset(day for each in found for day in each.weekdays)
    return Pattern(weekdays, tuple(dict.fromkeys(day for each in found for day in each.dates)))


def _resolve(references: Node, name: str, reference: Any, patterns: Patterns) -> Pattern:
    if not isinstance(reference, str):
        references.refuse(f"{name}: found {show(reference)}; allowed: a text")
    if reference in patterns:
        return patterns[reference]
    if DAY.fullmatch(reference):
        references.tell(f"{name}: {reference} is a date in the place of a calendar pattern")
        return Pattern(dates=(_check_date(references, reference),))
    known = ", ".join(patterns) or "none"
    raise references.make_error(
        f"{name}: there is no calendar pattern {show(reference)}, known are {known}; "
        f'say which days it has: [base] patterns = {{ {reference} = ["sat", "sun"] }}'
    )


def _combine(include: Pattern, exclude: Pattern) -> list[Window]:
    """Return windows of the days that are included and not excluded."""
    weekdays = include.weekdays - exclude.weekdays
    own = [day for day in include.dates if day not in exclude.dates and not _is_of(day, exclude.weekdays)]
    if not all(map(DAY.fullmatch, own)):
        own += [f"not {day}" for day in exclude.dates]
    if weekdays == WEEK and not exclude.dates:
        return [{}]
    names = {} if weekdays == WEEK else {"days": [WEEKDAYS[day - 1] for day in sorted(weekdays)]}
    if own and weekdays and not exclude.dates:
        return [{**names, "holidays": "included", "days_off": own}]
    windows: list[Window] = [{"holidays": "only", "days_off": own}] if own else []
    if weekdays and exclude.dates:
        return [{**names, "holidays": "excluded", "days_off": list(exclude.dates)}, *windows]
    return [*([names] if weekdays else []), *windows]


def _is_of(day: str, weekdays: frozenset[int]) -> bool:
    """Return whether a date is of some weekdays; a name of days off of any year is where there are such."""
    if not weekdays:
        return False
    if not DAY.fullmatch(day):
        raise ValueError(f"[base] patterns: {day} beside excluded weekdays: name its days, such as 2027-01-06")
    return date.fromisoformat(day).isoweekday() in weekdays
