"""Spot prices in the journal: merged, announced, read, deleted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.errors import ConfigError
from hanlogger.intervals.levels import Level
from hanlogger.journal import Journal, Price
from hanlogger.journal.energy.announcements import from_price_text, from_text
from hanlogger.journal.model import IMPORT, to_ms
from hanlogger.prices.loading import load_prices
from hanlogger.running.new_destinations import announce_to_new
from tests.support.energy import HOME, at, level
from tests.support.pricing import SE3

QUARTER = timedelta(minutes=15)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite3") as opened:
        yield opened


def merge(journal: Journal, *prices: str, final: bool = True, area: str = "SE3") -> int:
    rows = {at("8:00") + number * QUARTER: Decimal(text) for number, text in enumerate(prices)}
    return journal.prices.merge(area, "SEK", rows, final=final)


def values(journal: Journal) -> list[str]:
    return [str(price.value) for price in journal.prices.read("SE3").values()]


def announced(journal: Journal, after: int = 0) -> list[tuple[str, list[int]]]:
    records = journal.records.read_after(after, 999)
    found = [from_price_text(record.data) for record in records if record.kind == "prices"]
    first = to_ms(at("8:00")) // 900_000
    return [(area, sorted(number - first for number in quarters)) for area, quarters in found]


def test_prices_are_read_exactly_by_time_and_by_area(journal: Journal) -> None:
    merge(journal, "0.10", "-0.00005", "0")
    merge(journal, "9", area="SE4")
    assert journal.prices.read("SE3", at("8:00"), at("8:30")) == {
        at("8:00"): Price(Decimal("0.10"), "SEK", final=True),
        at("8:15"): Price(Decimal("-0.00005"), "SEK", final=True),
    }
    assert values(journal) == ["0.10", "-0.00005", "0"]
    assert journal.prices.get_end("SE3") == at("8:45")
    assert journal.prices.get_end("NO1") is None


def test_only_what_is_new_is_announced(journal: Journal) -> None:
    assert merge(journal, "1", "2") == 2
    newest = journal.newest
    assert merge(journal, "1", "2") == 0
    assert merge(journal, "1", "3", "4") == 2
    assert announced(journal) == [("SE3", [0, 1]), ("SE3", [1, 2])]
    assert announced(journal, newest) == [("SE3", [1, 2])]


def test_a_final_price_takes_the_place_of_a_preliminary_one_and_never_the_other_way(journal: Journal) -> None:
    merge(journal, "1", "2", final=False)
    merge(journal, "5")
    merge(journal, "7", "8", final=False)
    assert values(journal) == ["5", "8"]
    newest = journal.newest
    assert merge(journal, "5", "8") == 0  # final now, and the same: nothing is to be delivered
    assert [price.final for price in journal.prices.read("SE3").values()] == [True, True]
    assert announced(journal, newest) == []


def test_announced_prices_are_those_of_now(journal: Journal) -> None:
    merge(journal, "1", "2")
    merge(journal, "3")
    number = to_ms(at("8:00")) // 900_000
    found = journal.prices.read_announced("SE3", {number, number + 7})
    assert {start: str(price.value) for start, price in found.items()} == {at("8:00"): "3"}
    assert journal.prices.read_announced("SE3", set()) == {}


def test_all_prices_can_be_announced_anew(journal: Journal) -> None:
    merge(journal, *["1"] * 600)
    merge(journal, "2", area="SE4")
    newest = journal.newest
    journal.prices.announce()
    assert [(area, len(quarters)) for area, quarters in announced(journal, newest)] == [
        ("SE3", 500),
        ("SE3", 100),
        ("SE4", 1),
    ]


def test_a_corrupt_price_is_as_if_it_had_not_come_and_can_come_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        merge(journal, "1", "2")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE price SET price = '9' WHERE price = '1'")
        connection.commit()
    with Journal.open(path) as journal:
        assert values(journal) == ["2"]
        assert merge(journal, "1", "2") == 1
        assert values(journal) == ["1", "2"]


def test_old_prices_go_when_the_energy_of_their_time_is_gone(journal: Journal) -> None:
    merge(journal, "1", "2", "3", "4")
    assert journal.prices.clean(timedelta(minutes=5), at("9:00")) == 0  # without energy the clock alone decides nothing
    journal.intervals.merge([(HOME, {IMPORT: [level("8:30", 0), level("8:45", 1)]})])
    assert journal.prices.clean(timedelta(days=1), at("9:00")) == 0
    assert journal.prices.clean(timedelta(minutes=5), at("9:00")) == 0  # of a day of which there is energy
    journal.records.forget("home")
    journal.intervals.merge([(HOME, {IMPORT: [Level(to_ms(at("8:30") + timedelta(days=1)), Decimal(0))]})])
    assert journal.prices.clean(timedelta(minutes=30), at("9:00")) == 2
    assert values(journal) == ["3", "4"]


def test_energy_of_a_time_is_found(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0), level("8:15", 1)]})])
    assert journal.prices.has_energy("home", at("8:00"), at("8:15"))
    assert not journal.prices.has_energy("home", at("8:15"), at("9:00"))
    assert not journal.prices.has_energy("cabin", at("8:00"), at("8:15"))


def test_what_computes_costs_gets_prices_by_instant_in_its_currency(journal: Journal) -> None:
    merge(journal, "1", "2")
    assert load_prices(journal, SE3, at("8:15"), at("9:00"), "SEK") == {at("8:15"): Decimal(2)}
    assert load_prices(journal, None, at("8:15"), at("9:00"), "SEK") == {}
    assert load_prices(journal, SE3, at("9:15"), at("10:00"), "EUR") == {}
    with pytest.raises(ConfigError, match="the prices of SE3 are in SEK, and the tariffs count in EUR"):
        load_prices(journal, SE3, at("8:00"), at("9:00"), "EUR")


def test_a_price_that_comes_late_has_the_energy_of_its_time_delivered_with_its_cost(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0), level("8:15", 1), level("8:30", 3)]})])
    newest = journal.newest
    merge(journal, "1", "2", "3")
    records = journal.records.read_after(newest, 9)
    changes = [from_text(record.data) for record in records if record.kind == "intervals"]
    first = to_ms(at("8:00")) // 900_000
    assert [sorted(number - first for number in change.quarters) for change in changes] == [[0, 1]]
    assert {record.meter.name for record in records if record.kind == "intervals"} == {"home"}
    newest = journal.newest
    merge(journal, "1", "2", "3")
    assert journal.newest == newest


def test_energy_between_two_changed_prices_is_not_delivered_once_more(journal: Journal) -> None:
    merge(journal, "1", "2", "3")
    levels = [level(text, number) for number, text in enumerate(("8:00", "8:15", "8:30", "8:45"))]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    newest = journal.newest
    merge(journal, "5", "2", "6")
    first = to_ms(at("8:00")) // 900_000
    (change,) = (from_text(each.data) for each in journal.records.read_after(newest, 9) if each.kind == "intervals")
    assert sorted(number - first for number in change.quarters) == [0, 2]


def test_what_was_announced_goes_when_it_is_old_and_delivered(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: to_ms(now - timedelta(days=9)) * 1_000_000)
        merge(journal, "1")
    for days in range(4):
        journal.records.append_health({"": {"age": 1}}, now - timedelta(days=days))
    journal.destinations.confirm("influxdb", journal.newest)
    assert announced(journal) == [("SE3", [0])]
    journal.retention.clean(timedelta(days=1), 10**9, {"influxdb"})
    assert announced(journal) == []
    assert values(journal) == ["1"]


def test_a_destination_that_is_new_gets_all_prices(journal: Journal) -> None:
    merge(journal, "1", "2")
    journal.destinations.confirm("influxdb", journal.newest)
    newest = journal.newest
    announce_to_new(journal, ["influxdb"], [])
    assert journal.newest == newest
    announce_to_new(journal, ["influxdb", "second"], [])
    assert announced(journal, newest) == [("SE3", [0, 1])]
