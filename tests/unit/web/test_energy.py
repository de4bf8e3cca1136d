"""Energies: differences of counters, by the zone's days, against the period before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hanlogger.archive.history import History
from hanlogger.decoding import decode
from hanlogger.model import Frame, Meter, Obis
from hanlogger.web.energies import Energies
from hanlogger.web.energy import read_day, view_period
from hanlogger.web.language import PageSpeech
from hanlogger.web.periods import Period, find_period
from tests.support.web import frames_of, record

ZONE = ZoneInfo("Europe/Stockholm")
SAY = PageSpeech("en", ZONE)
START = datetime(2026, 5, 31, 22, tzinfo=UTC)  # midnight in Stockholm
NOW = START + timedelta(hours=30, minutes=7)


@cache
def sent() -> list[Frame]:
    return frames_of("p1-aidon", [START + timedelta(minutes=number) for number in range(30 * 60 + 8)])


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    record(path, "home", sent())
    return path


@pytest.fixture
def energies(journal: Path) -> Iterator[Energies]:
    history = History(journal, {})
    yield Energies(history)
    history.close()


def counter(frame: Frame, code: str = "1-0:1.8.0") -> Decimal:
    rows = decode(frame, Meter("home")).registers
    value = next(row.value for row in rows if row.obis == Obis.parse(code))
    assert isinstance(value, Decimal)
    return value


def test_an_energy_is_the_difference_of_the_counters_at_its_ends(energies: Energies) -> None:
    bounds = [START + timedelta(minutes=15) * number for number in range(5)]
    found = energies.measure_between("home", bounds, NOW)
    assert [one.imported for one in found] == [
        counter(sent()[15 * number + 15]) - counter(sent()[15 * number]) for number in range(4)
    ]
    assert [one.exported for one in found] == [
        counter(sent()[15 * number + 15], "1-0:2.8.0") - counter(sent()[15 * number], "1-0:2.8.0")
        for number in range(4)
    ]


def test_the_part_that_goes_on_ends_now_and_later_ones_are_unknown(energies: Energies) -> None:
    bounds = [NOW - timedelta(minutes=7), NOW + timedelta(minutes=8), NOW + timedelta(minutes=23)]
    now, later = energies.measure_between("home", bounds, NOW)
    assert now.imported == counter(sent()[-1]) - counter(sent()[-8])
    assert later.imported is None


def test_a_time_of_which_nothing_was_recorded_is_unknown_and_not_nought(energies: Energies) -> None:
    before = START - timedelta(hours=2)
    assert energies.measure("home", before, before + timedelta(hours=1), NOW).imported is None
    assert energies.measure("barn", START, START + timedelta(hours=1), NOW).imported is None


def test_a_day_is_compared_with_the_day_before_until_the_same_time(energies: Energies) -> None:
    view = view_period(energies, "home", Period("day", date(2026, 6, 2)), NOW, SAY)
    total = view.totals[0]
    so_far = counter(sent()[-1]) - counter(sent()[24 * 60])
    before = counter(sent()[6 * 60]) - counter(sent()[0])  # to the full quarter
    assert (total.amount, SAY.energy(before) in total.before) == (SAY.energy(so_far), True)
    assert total.change.replace("−", "-").startswith(("+", "-"))
    assert len(view.bars) == len(view.rows) == 96
    assert view.next is None


def test_a_month_of_which_the_beginning_is_missing_says_that_it_is_not_whole(energies: Energies) -> None:
    view = view_period(energies, "home", Period("year", date(2026, 1, 1)), NOW, SAY)
    assert view.totals[0].note == SAY("energy.incomplete")
    assert view.totals[0].change == ""
    assert view.rows[5][1] != "–"


def test_a_period_of_which_nothing_is_known_says_so(energies: Energies) -> None:
    view = view_period(energies, "home", Period("day", date(2025, 6, 2)), NOW, SAY)
    assert (view.known, view.summary) == (False, SAY("energy.nothing"))


@pytest.mark.parametrize(
    ("day", "quarters"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100), (date(2026, 6, 1), 96)]
)
def test_a_day_has_as_many_quarters_as_the_clock_gives_it(day: date, quarters: int) -> None:
    bounds = Period("day", day).list_bounds(ZONE)
    assert len(bounds) == quarters + 1
    assert bounds[-1] == Period("day", day).next.list_bounds(ZONE)[0]


def test_months_and_years_begin_at_midnight_of_the_zone() -> None:
    month = find_period("month", date(2026, 3, 17))
    assert len(month.list_bounds(ZONE)) == 32
    assert month.list_bounds(ZONE)[0] == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert month.list_bounds(ZONE)[-1] == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert (month.previous.first, month.next.first) == (date(2026, 2, 1), date(2026, 4, 1))
    year = find_period("year", date(2024, 12, 31))
    assert (len(year.list_bounds(ZONE)), year.next.first, year.previous.first) == (
        13,
        date(2025, 1, 1),
        date(2023, 1, 1),
    )


@pytest.mark.parametrize("text", ["2026-06-03", "yesterday", "1999-12-31", ""])
def test_a_day_that_is_none_or_to_come_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_day(text, NOW, SAY.zone)


def test_no_day_is_today_in_the_zone_of_the_meter() -> None:
    assert read_day(None, datetime(2026, 6, 1, 22, 30, tzinfo=UTC), SAY.zone) == date(2026, 6, 2)
