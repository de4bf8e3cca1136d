"""Days off, windows and clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hanlogger.tariffs.calendar import Clock, add_months
from hanlogger.tariffs.days_off import DaysOff
from hanlogger.tariffs.fields import ALIASES
from hanlogger.tariffs.windows import Timetable, Window

HOLIDAYS = {
    2026: "01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-06 06-20 10-31 12-25 12-26",
    2027: "01-01 01-06 03-26 03-28 03-29 05-01 05-06 05-16 06-06 06-26 11-06 12-25 12-26",
}


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=number) for number in range(365)]


@pytest.mark.parametrize("year", HOLIDAYS)
def test_public_holidays_of_sweden_have_neither_sundays_nor_eves(year: int) -> None:
    off = DaysOff(("SE",))
    assert [f"{day:%m-%d}" for day in days_of(year) if off.has(day)] == HOLIDAYS[year].split()


def test_norway_has_its_own_and_no_ordinary_sundays() -> None:
    off = DaysOff(("NO",))
    assert off.has(date(2026, 5, 17))
    assert not off.has(date(2026, 5, 10))
    assert not off.has(date(2026, 6, 6))


@pytest.mark.parametrize("language", ["en_US", "sv_SE", "nb_NO", ""])
def test_easter_is_found_whatever_the_hosts_language(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    off = DaysOff(("easter-2", "easter+1"))
    years = {2024: ("03-29", "04-01"), 2025: ("04-18", "04-21"), 2028: ("04-14", "04-17")}
    for year, days in years.items():
        assert tuple(f"{day:%m-%d}" for day in days_of(year) if off.has(day)) == days


def test_a_list_adds_and_takes_away_in_its_order() -> None:
    off = DaysOff(("SE", "12-24", "not 05-01", "2026-05-15"))
    assert [off.has(date(2026, *day)) for day in ((12, 24), (5, 1), (5, 15), (6, 6))] == [True, False, True, True]
    assert not off.has(date(2027, 5, 15))


def test_the_last_of_february_is_off_in_leap_years_alone() -> None:
    off = DaysOff(("02-29",))
    assert off.has(date(2028, 2, 29))
    assert not any(map(off.has, days_of(2027)))


EPIPHANY, SATURDAY, TUESDAY = date(2026, 1, 6), date(2026, 1, 10), date(2026, 1, 13)  # Epiphany is a Tuesday


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("all", {EPIPHANY, SATURDAY, TUESDAY}),
        ("mon-fri", {EPIPHANY, TUESDAY}),
        ("workdays", {TUESDAY}),
        ("weekend", {SATURDAY}),
        ("days off", {EPIPHANY, SATURDAY}),
        ("holidays", {EPIPHANY}),
    ],
)
def test_names_of_days_mean_what_they_say(name: str, covered: set[date]) -> None:
    weekdays, holidays = ALIASES[name]
    window = Window(weekdays=weekdays, holidays=holidays, days_off=DaysOff(("SE",)))
    assert {day for day in (EPIPHANY, SATURDAY, TUESDAY) if window.covers_day(day)} == covered


def test_hours_end_before_their_end_and_go_over_midnight() -> None:
    table = Timetable([(Window(hours=((22 * 60, 6 * 60),)),), (Window(hours=((6 * 60 + 30, 20 * 60),)),)])
    found = {time: table.find(datetime.fromisoformat(f"2027-01-01T{time}+01:00")) for time in
             ("00:00", "05:59", "06:00", "06:29", "06:30", "19:59", "20:00", "21:59", "22:00", "23:59")}  # fmt: skip
    assert found == {"00:00": 0, "05:59": 0, "06:00": None, "06:29": None, "06:30": 1, "19:59": 1, "20:00": None,
                     "21:59": None, "22:00": 0, "23:59": 0}  # fmt: skip


def test_a_month_begins_by_the_tariffs_own_clock() -> None:
    may = date(2026, 5, 1)
    assert Clock("Europe/Stockholm").find_month(may).start == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert Clock("Europe/Stockholm", "standard").find_month(may).start == datetime(2026, 4, 30, 23, tzinfo=UTC)
    assert Clock("Europe/Helsinki", "standard").find_month(may).start == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert Clock("Europe/Oslo").find_month(date(2026, 10, 1)).length == timedelta(days=31, hours=1)


def test_months_are_counted_over_the_year() -> None:
    assert [add_months(date(2026, 1, 1), number) for number in (-1, 0, 11, 12)] == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip
