"""When something applies, in words: months, days, hours and days off, in English and Swedish."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.language import Text, join, to_both
from hanlogger.tariffs.days_off import DaysOff
from hanlogger.tariffs.windows import When, Window

AND = Text("and", "och")
OR = Text("or", "eller")

MONTHS = (
    Text("January", "januari"),
    Text("February", "februari"),
    Text("March", "mars"),
    Text("April", "april"),
    Text("May", "maj"),
    Text("June", "juni"),
    Text("July", "juli"),
    Text("August", "augusti"),
    Text("September", "september"),
    Text("October", "oktober"),
    Text("November", "november"),
    Text("December", "december"),
)
WEEKDAYS = (
    Text("Monday", "måndag"),
    Text("Tuesday", "tisdag"),
    Text("Wednesday", "onsdag"),
    Text("Thursday", "torsdag"),
    Text("Friday", "fredag"),
    Text("Saturday", "lördag"),
    Text("Sunday", "söndag"),
)
LANDS = {
    "SE": Text("the public holidays of Sweden", "Sveriges helgdagar"),
    "NO": Text("the public holidays of Norway", "Norges helgdagar"),
}
EASTER = {
    -3: Text("Maundy Thursday", "skärtorsdagen"),
    -2: Text("Good Friday", "långfredagen"),
    -1: Text("Easter Saturday", "påskafton"),
    0: Text("Easter Sunday", "påskdagen"),
    1: Text("Easter Monday", "annandag påsk"),
    39: Text("Ascension Day", "Kristi himmelsfärdsdag"),
    49: Text("Whit Sunday", "pingstdagen"),
    50: Text("Whit Monday", "annandag pingst"),
}
EASTER_OTHER = Text("Easter Sunday {days} d", "påskdagen {days} d")
BUT = Text("but not {name}", "men inte {name}")
TO = Text("{first} to {last}", "{first} till {last}")
FROM = Text("from {first} to {last}", "från {first} till {last}")
ALWAYS = Text("at all times", "alltid")
OFF = {
    "ignored": Text("{days}, days off too", "{days}, även lediga dagar"),
    "excluded": Text("{days}, but not on days off", "{days}, men inte lediga dagar"),
    "included": Text("{days} and days off", "{days} och lediga dagar"),
}
ONLY_OFF = Text("on days off", "lediga dagar")
ALL_DAYS = Text("every day", "alla dagar")


def say_when(when: When) -> Text:
    """Return when windows apply, in words: `in November to March, Monday to Friday, from 07:00 to 20:00`."""
    return join(map(_say_window, when), OR, "; ") if when else ALWAYS


def _say_window(window: Window) -> Text:
    parts = [part for part in (_say_months(window.months), _say_days(window), _say_hours(window.hours)) if part]
    return join(parts) if parts else ALWAYS


def say_months(months: frozenset[int]) -> Text:
    """Return months in words, as ranges over the end of the year: `November to March`."""
    return join((_say_range(first, last, MONTHS) for first, last in _list_ranges(months, 12)), AND)


def _say_months(months: frozenset[int]) -> Text | None:
    named = say_months(months) if months else None
    return Text(f"in {named.en}", f"i {named.sv}") if named else None


def _say_days(window: Window) -> Text | None:
    if window.holidays == "only":
        return ONLY_OFF
    days = ALL_DAYS
    if window.weekdays:
        days = join((_say_range(first, last, WEEKDAYS) for first, last in _list_ranges(window.weekdays, 7)), AND)
    everyday = window.holidays == "ignored" and not window.weekdays
    return None if everyday else OFF[window.holidays].fill(days=days)


def _say_range(first: int, last: int, names: tuple[Text, ...]) -> Text:
    return names[first - 1] if first == last else TO.fill(first=names[first - 1], last=names[last - 1])


def _list_ranges(numbers: frozenset[int], size: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of numbers from 1 to `size`, which go round."""
    starts = [number for number in sorted(numbers) if (number - 2) % size + 1 not in numbers]
    for first in starts or [1]:
        last = first
        while last % size + 1 in numbers and last % size + 1 != first:
            last = last % size + 1
        yield first, last


def _say_hours(hours: tuple[tuple[int, int], ...]) -> Text | None:
    named = [FROM.fill(first=_say_clock(begin), last=_say_clock(end)) for begin, end in hours]
    return join(named, AND) if named else None


def _say_clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def say_days_off(days_off: DaysOff) -> Text:
    """Return a list of days off in words."""
    return join(map(_say_day_off, days_off.names), AND)


def _say_day_off(name: str) -> Text:
    if name.startswith("not "):
        return BUT.fill(name=_say_day_off(name.removeprefix("not ")))
    if name in LANDS:
        return LANDS[name]
    if name.startswith("easter"):
        days = int(name.removeprefix("easter") or 0)
        return EASTER.get(days) or EASTER_OTHER.fill(days=f"{days:+}")
    if len(name) == len("12-24"):
        month, day = map(int, name.split("-"))
        return Text(f"{day} {MONTHS[month - 1].en}", f"{day} {MONTHS[month - 1].sv}")
    return to_both(name)


def list_days_off(*whens: When) -> list[DaysOff]:
    """Return the different lists of days off that windows look at."""
    windows = [window for when in whens for window in when if window.holidays != "ignored"]
    return list(dict.fromkeys(window.days_off for window in windows))
