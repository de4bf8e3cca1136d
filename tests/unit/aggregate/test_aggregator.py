"""From telegrams in the journal to intervals."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.aggregate import Aggregation, Aggregator
from hanlogger.aggregate.registers import read_levels
from hanlogger.hostclock import Uptime
from hanlogger.journal import Entry, Journal, NotDecoded, Outcome
from hanlogger.journal.model import AGGREGATION, EXPORT, IMPORT
from hanlogger.model import Frame, Meter, Obis, Reading, Register
from tests.support.energy import DAY, HOME, at, entry, level, told
from tests.support.waiting import until

QUARTER = timedelta(minutes=15)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite3") as opened:
        yield opened


def aggregated(journal: Journal) -> list[str]:
    Aggregator(journal, {}).catch_up()
    return told(journal.intervals.read_spans("home"))


def row(code: str, value: int | str, unit: str = "Wh") -> Register:
    return Register(Obis.parse(code), value if isinstance(value, str) else Decimal(value), unit)


def test_telegrams_become_quarters(journal: Journal) -> None:
    journal.records.append(
        [entry(at("8:00") + number * timedelta(minutes=5), 1000 + 100 * number, 7) for number in range(7)]
    )
    assert aggregated(journal) == ["08:00-08:15 300 0 measured", "08:15-08:30 300 0 measured"]
    assert journal.intervals.get_cursor() >= 7


def test_both_registers_of_one_hour_are_counted_and_not_netted(journal: Journal) -> None:
    journal.records.append([entry(at("8:00"), 1000, 1000), entry(at("9:00"), 4000, 3000)])
    assert aggregated(journal) == ["08:00-09:00 3000 2000 measured"]


def test_a_frame_that_cannot_be_read_is_passed_over_and_read_when_it_can_be(journal: Journal) -> None:
    whole = entry(at("8:15"), 1250)
    cut = Entry(Frame("p1", whole.frame.data[:40], whole.frame.received_at), HOME)
    journal.records.append([entry(at("8:00"), 1000), cut, entry(at("8:30"), 1500)])
    assert aggregated(journal) == ["08:00-08:30 500 0 bounded"]
    journal.destinations.settle("influxdb", Outcome(3, undecoded=(NotDecoded(2, "cut off", "v1"),)))
    journal.undecoded.retry()
    assert journal.redeliveries.get_first(AGGREGATION) is not None
    assert aggregated(journal) == ["08:00-08:30 500 0 bounded"]
    assert journal.redeliveries.get_first(AGGREGATION) is None


@pytest.mark.parametrize("seed", range(3))
def test_telegrams_that_come_in_any_order_and_twice_give_the_same(tmp_path: Path, seed: int) -> None:
    entries = [entry(DAY + number * timedelta(minutes=1), 1000 + 20 * number, number // 9) for number in range(200)]
    shuffled = random.Random(seed).sample([*entries, *entries[50:90]], 240)
    with Journal.open(tmp_path / "a.sqlite3") as one, Journal.open(tmp_path / "b.sqlite3") as other:
        one.records.append(entries)
        for first in range(0, 240, 30):
            other.records.append(shuffled[first : first + 30])
            aggregated(other)
        assert aggregated(other) == aggregated(one)


def test_frames_with_other_settings_are_counted_at_the_times_of_these(journal: Journal) -> None:
    journal.records.append([entry(at("8:00") + number * QUARTER, 1000 + 100 * number) for number in range(9)])
    before = aggregated(journal)
    assert before[0] == "08:00-08:15 100 0 measured"
    assert len(before) == 8
    journal.records.reconfigure(Meter("home", clock="utc", clock_limit=None), times=(at("8:00"), at("10:00")))
    assert journal.intervals.read_spans("home") == []
    after = aggregated(journal)
    assert after[0] == "09:00-09:15 100 0 measured"
    assert len(after) == 8


def test_of_a_time_that_is_forgotten_the_rest_of_its_quarters_is_made_anew(journal: Journal) -> None:
    journal.records.append(
        [entry(at("8:00") + number * timedelta(minutes=5), 1000 + 100 * number) for number in range(7)]
    )
    aggregated(journal)
    journal.records.forget("home", at("8:09"), at("8:20"))
    assert aggregated(journal) == ["08:00-08:30 600 0 bounded"]
    journal.records.forget("home", at("8:21"))
    assert aggregated(journal) == ["08:00-08:20 400 0 partial"]


def test_a_telegram_without_a_time_waits_for_the_hosts_clock(journal: Journal) -> None:
    receiving = Meter("home", clock="receive")
    waiting = entry(at("8:00"), 1000, meter=receiving)._replace(judged=False, uptime=Uptime("boot", 5.0))
    journal.records.append([waiting, entry(at("8:15"), 1100)])
    assert aggregated(journal) == []
    assert journal.intervals.get_cursor() == 0
    journal.arrival_times.leave(None)
    assert aggregated(journal) == ["08:00-08:15 100 0 measured"]


def test_a_journal_that_was_aggregated_half_goes_on_where_it_was(journal: Journal) -> None:
    journal.records.append([entry(DAY + number * timedelta(minutes=1), number) for number in range(1200)])
    aggregator = Aggregator(journal, {})
    assert aggregator.go_on()
    assert journal.intervals.get_cursor() == 500
    assert len(aggregated(journal)) == 80


def test_the_loop_reads_all_when_no_more_will_come(journal: Journal) -> None:
    stop = threading.Event()
    loop = Aggregation(journal, {}, stop)
    journal.records.append([entry(at("8:00"), 1000), entry(at("8:15"), 1100), entry(at("8:20"), 1130)])
    assert not loop.finish()
    loop.start()
    try:
        until(loop.finish)
        assert len(journal.intervals.read_spans("home")) == 2
    finally:
        stop.set()
        loop.join()


def test_an_hourly_list_says_what_the_registers_were_at_its_full_hour() -> None:
    reading = Reading((row("1-0:1.8.0", 5), row("1-0:2.8.0", 6)), hourly=True)
    assert read_levels(reading, at("8:00:55")) == {IMPORT: level("8:00", 5), EXPORT: level("8:00", 6)}


def test_tariffs_count_as_their_sum_where_there_is_no_total() -> None:
    rows = (row("1-0:1.8.1", 5), row("1-0:1.8.2", 7))
    assert read_levels(Reading(rows), at("8:00")) == {IMPORT: level("8:00", 12)}
    assert read_levels(Reading((*rows, row("1-0:1.8.0", 11))), at("8:00")) == {IMPORT: level("8:00", 11)}


@pytest.mark.parametrize(
    "other",
    [
        row("1-0:1.7.0", 5, "W"),
        row("1-0:3.8.0", 5, "varh"),
        row("1-0:21.8.0", 5),
        row("0-1:24.2.1", 5, "m3"),
        row("1-0:1.8.0*01", 5),
    ],
)
def test_nothing_but_active_energy_of_now_in_total_counts(other: Register) -> None:
    assert read_levels(Reading((other,)), at("8:00")) == {}


def test_a_meters_own_number_tells_its_counts_apart_and_not_a_gas_meters() -> None:
    def device(*rows: Register) -> int:
        return read_levels(Reading((row("1-0:1.8.0", 5), *rows)), at("8:00"))[IMPORT].device

    assert device() == 0
    assert device(row("0-0:96.1.0", "AB12")) == device(row("0-0:96.1.1", "AB12")) != device(row("0-0:96.1.0", "AB13"))
    assert device(row("0-1:96.1.0", "G4")) == 0
