"""Intervals in the journal: merged, announced, read, deleted."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.intervals.counts import merge_directions
from hanlogger.intervals.levels import Level, choose_levels, number_quarter
from hanlogger.journal import Journal, RecordsChanged
from hanlogger.journal.energy.announcements import from_text
from hanlogger.journal.energy.quarters import Change, find_runs
from hanlogger.journal.model import AGGREGATION, IMPORT, to_ms
from hanlogger.model import Meter
from tests.support.energy import DAY, HOME, at, both, level, told
from tests.support.journals import append
from tests.support.levels import draw_levels, make_pieces

MINUTE = timedelta(minutes=1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite3") as opened:
        yield opened


def announced(journal: Journal, after: int = 0) -> Change:
    change = Change(frozenset(), frozenset())
    for record in journal.records.read_after(after, 9999):
        if record.kind == "intervals":
            change |= from_text(record.data)
    return change


def quarters(change: Change) -> list[str]:
    return [
        f"{DAY + number * 15 * MINUTE:%H:%M}"
        for number in sorted(number - to_ms(DAY) // 900_000 for number in change.quarters)
    ]


def test_what_is_merged_is_read_as_spans(journal: Journal) -> None:
    journal.intervals.merge([(HOME, both(("8:00", 1000, 5), ("8:15", 1250, 5), ("8:30", 1300, 25)))])
    assert told(journal.intervals.read_spans("home")) == [
        "08:00-08:15 250 0 measured",
        "08:15-08:30 50 20 measured",
    ]
    assert journal.intervals.list_meters() == ["home"]
    assert journal.intervals.read_spans("cabin") == []


def test_a_time_is_read_with_all_spans_that_reach_into_it(journal: Journal) -> None:
    levels = [level(f"{hour}:00", 1000 * hour) for hour in (6, 7, 10, 11, 12)]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    assert told(journal.intervals.read_spans("home", at("8:00"), at("10:30"))) == [
        "07:00-10:00 3000 None bounded",
        "10:00-11:00 1000 None measured",
    ]
    assert told(journal.intervals.read_spans("home", at("10:00"), at("11:00"))) == ["10:00-11:00 1000 None measured"]


def test_a_gap_over_midnight_is_read_from_either_day(journal: Journal) -> None:
    levels = [level("4:00", 0), level("20:00", 100), level("28:00", 900), level("44:00", 1000)]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    gap = ["20:00-04:00 800 None bounded"]
    assert told(journal.intervals.read_spans("home", at("21:00"), at("22:00"))) == gap
    assert told(journal.intervals.read_spans("home", at("26:00"), at("27:00"))) == gap


def test_the_running_interval_is_read_and_not_announced(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0), level("8:15", 10), level("8:20", 13)]})])
    assert told(journal.intervals.read_spans("home"))[-1] == "08:15-08:20 3 None partial"
    assert quarters(announced(journal)) == ["08:00"]


def test_the_first_piece_of_a_count_is_announced_as_partial(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level("8:01", 0), level("8:15", 10)]})])
    ((_, _, quality, amount, length),) = journal.intervals.read_amounts("home", announced(journal))
    assert (quality, amount, length) == ("partial", Decimal(10), 14 * 60_000)


def test_merging_the_same_once_more_announces_nothing(journal: Journal) -> None:
    levels = both(("8:00", 1000, 5), ("8:15", 1250, 5))
    journal.intervals.merge([(HOME, levels)])
    newest = journal.newest
    journal.intervals.merge([(HOME, levels)])
    assert journal.newest == newest


def test_what_comes_late_corrects_a_gap_and_its_point_becomes_nothing(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level("7:45", 0), level("8:00", 10), level("8:45", 100)]})])
    newest = journal.newest
    journal.intervals.merge([(HOME, {IMPORT: [level("8:15", 40), level("8:30", 70)]})])
    assert told(journal.intervals.read_spans("home")) == [
        "07:45-08:00 10 None measured",
        "08:00-08:15 30 None measured",
        "08:15-08:30 30 None measured",
        "08:30-08:45 30 None measured",
    ]
    change = announced(journal, newest)
    assert quarters(change) == ["08:00", "08:15", "08:30"]
    amounts = journal.intervals.read_amounts("home", change)
    assert [(each.quality, int(each.watt_hours), each.milliseconds) for each in amounts] == [
        ("measured", 30, 900_000),
        ("measured", 30, 900_000),
        ("measured", 30, 900_000),
        ("bounded", 0, 0),
    ]


def test_amounts_are_those_of_now_whatever_was_announced(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0), level("8:14:10", 90)]})])
    old = announced(journal)
    journal.intervals.merge([(HOME, {IMPORT: [level("8:15", 100)]})])
    assert [int(each.watt_hours) for each in journal.intervals.read_amounts("home", old)] == [100]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_changes_nothing(tmp_path: Path, seed: int) -> None:
    """With gaps, duplicates, a counter that begins anew, a meter that is exchanged, and a week that comes late."""
    chance = random.Random(seed)
    levels, value, device = [], 10_000, 7
    for step in range(5 * 360):
        value += chance.randint(0, 30)
        if step == 700:
            value = 0
        if step == 1300:
            value, device = 90_000, 8
        if not (300 < step < 520 or chance.random() < 0.3):
            levels.append(Level(to_ms(DAY) + 10_000 * step, Decimal(value), device))
    shuffled = chance.sample([*levels, *levels[:200]], len(levels) + 200)
    late = [each for each in levels if 900 < (each.at - to_ms(DAY)) // 10_000 < 1100]
    shuffled = [each for each in shuffled if each not in late] + late
    with Journal.open(tmp_path / "one.sqlite3") as one, Journal.open(tmp_path / "other.sqlite3") as other:
        one.intervals.merge([(HOME, {IMPORT: levels})])
        for first in range(0, len(shuffled), 150):
            other.intervals.merge([(HOME, {IMPORT: shuffled[first : first + 150]})])
        expected = merge_directions(make_pieces(sorted(levels)), {})
        assert other.intervals.read_spans("home") == one.intervals.read_spans("home") == expected
        final, seen = (each.intervals.read_amounts("home", announced(each)) for each in (one, other))
        assert [each for each in seen if each.milliseconds] == final  # all that ever changed was announced


def test_spans_are_those_of_the_levels_however_the_rows_cut_them(journal: Journal) -> None:
    chance = random.Random(5)
    for number in range(15):
        levels, house = draw_levels(chance), Meter(f"house{number}")
        journal.intervals.merge([(house, {IMPORT: levels})])
        rows: defaultdict[tuple[int, int], list[Level]] = defaultdict(list)
        for each in levels:
            rows[number_quarter(each.at), each.device].append(each)
        kept = sorted(each for row in rows.values() for each in choose_levels(row))
        assert journal.intervals.read_spans(house.name) == merge_directions(make_pieces(kept), {}), number


def test_the_cursor_moves_with_the_intervals_or_not_at_all(journal: Journal) -> None:
    ids = append(journal, 3)
    with pytest.raises(RecordsChanged):
        journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0), level("8:15", 9)]})], ids[-1], {ids[0]: 123})
    assert (journal.intervals.get_cursor(), journal.intervals.read_spans("home")) == (0, [])
    crc = journal.records.read_after(0, 1)[0].crc
    journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0), level("8:15", 9)]})], ids[-1], {ids[0]: crc})
    assert journal.intervals.get_cursor() == ids[-1]


def test_intervals_are_no_frames_that_wait_and_no_cursor_that_has_decoded(journal: Journal) -> None:
    journal.intervals.merge([(HOME, both(("8:00", 1000, 5), ("8:15", 1250, 5)))], 1)
    assert journal.destinations.count_waiting("influxdb").frames == 0
    assert journal.destinations.has_waiting("influxdb")
    assert journal.destinations.get_highest_cursor() == 0
    journal.destinations.confirm("influxdb", journal.newest)
    assert not journal.destinations.has_waiting("influxdb")


def test_a_range_is_announced_anew_for_a_database_that_has_lost_it(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level(f"{hour}:00", hour) for hour in range(20)]})])
    newest = journal.newest
    assert journal.intervals.announce(HOME, at("8:00"), at("9:00")) == 4
    assert quarters(announced(journal, newest)) == ["08:00", "08:15", "08:30", "08:45"]
    assert journal.intervals.announce(Meter("cabin")) == 0
    journal.intervals.announce(HOME)
    assert len(journal.intervals.read_amounts("home", announced(journal, newest))) == 19


def test_a_long_range_is_announced_in_records_of_bounded_size(journal: Journal) -> None:
    levels = [Level(to_ms(DAY) + 900_000 * number, Decimal(number)) for number in range(1201)]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    sizes = [len(from_text(record.data).quarters) for record in journal.records.read_after(0, 99)]
    assert sizes == [500, 500, 200]


def test_forgetting_a_meter_forgets_its_intervals_and_what_was_announced(journal: Journal) -> None:
    for meter in (HOME, Meter("cabin")):
        journal.intervals.merge([(meter, both(("8:00", 1000, 5), ("8:15", 1250, 5)))])
    journal.records.forget("home")
    assert journal.intervals.read_spans("home") == []
    assert [record.meter.name for record in journal.records.read_after(0, 9)] == ["cabin"]
    assert len(journal.intervals.read_spans("cabin")) == 1


def test_forgetting_a_time_leaves_what_is_around_it_as_it_would_be_without(journal: Journal) -> None:
    levels = [level(f"{hour}:{minute:02}", 100 * hour + minute) for hour in range(6, 12) for minute in (0, 15, 30, 45)]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    newest = journal.newest
    journal.records.forget("home", at("8:00"), at("9:00"))
    kept = [each for each in levels if not to_ms(at("8:00")) <= each.at < to_ms(at("9:00"))]
    assert journal.intervals.read_spans("home") == merge_directions(make_pieces(kept), {})
    change = announced(journal, newest)
    assert not {"08:00", "08:15", "08:45"} & set(quarters(change))
    assert "07:45" in quarters(change)  # which reaches over the gap now


def test_what_was_announced_of_other_times_is_not_forgotten(journal: Journal) -> None:
    journal.intervals.merge([(HOME, {IMPORT: [level(f"{hour}:00", hour) for hour in range(20)]})])
    journal.records.forget("home", at("8:00"), at("9:00"))
    assert "12:00" in quarters(announced(journal))


def test_intervals_outlive_keep_by_far_and_not_keep_intervals(journal: Journal) -> None:
    levels = [Level(to_ms(DAY) + 900_000 * number, Decimal(number)) for number in range(400)]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    now = DAY + 400 * 15 * MINUTE
    assert journal.intervals.clean(timedelta(days=5), now) == 0
    assert journal.intervals.clean(timedelta(days=1), DAY) == 0  # by a clock of the host that is behind
    assert journal.intervals.clean(timedelta(days=1), now) == 4  # rows of days, the first of which has midnight alone
    assert len(journal.intervals.read_spans("home", at("0:15") + timedelta(days=3))) == 400 - 3 * 96 - 2
    assert len(journal.intervals.read_spans("home")) == 400 - 3 * 96 - 2


def test_a_clock_of_the_host_that_leaps_ahead_makes_nothing_old(journal: Journal) -> None:
    levels = [Level(to_ms(DAY) + 900_000 * number, Decimal(number)) for number in range(40)]
    journal.intervals.merge([(HOME, {IMPORT: levels})])
    assert journal.intervals.clean(timedelta(days=1), DAY + timedelta(days=9999)) == 0


def test_a_corrupt_row_costs_itself_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        meter = Meter(f"home-{tmp_path.name}")
        days = [
            Level(to_ms(at("8:00") + timedelta(days=number)), Decimal(number * 100 - number % 2)) for number in range(3)
        ]
        journal.intervals.merge([(meter, {IMPORT: days})])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE energy SET levels = replace(levels, ' 99', ' 98')")
        connection.commit()
    with Journal.open(path, read_only=True) as journal:
        (span,) = journal.intervals.read_spans(meter.name)
        assert (span.start, span.end, span.imported) == (at("8:00"), at("8:00") + timedelta(days=2), Decimal(200))
    assert f"corrupt intervals of {meter.name}" in caplog.text


def test_a_journal_that_is_open_for_reading_takes_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    Journal.open(path).close()
    with Journal.open(path, read_only=True) as journal, pytest.raises(JournalUnavailable):
        journal.intervals.merge([(HOME, {IMPORT: [level("8:00", 0)]})])


def test_no_frame_goes_before_intervals_have_been_made_of_it(journal: Journal) -> None:
    append(journal, 400, size=5000)
    journal.destinations.confirm("influxdb", 400)
    journal.intervals.begin()
    journal.intervals.merge([], 100)
    journal.retention.clean(timedelta(days=90), 200_000, {"influxdb"})
    counts = journal.counters.get_all()["home"]
    assert (counts["deleted_size"], counts["dropped"] > 0) == (100, True)


def test_runs_of_quarters_are_cut_where_they_are_further_apart() -> None:
    assert list(find_runs([])) == []
    assert list(find_runs([5])) == [(5, 5)]
    assert list(find_runs([1, 3, 5, 9], apart=2)) == [(1, 5), (9, 9)]


def test_the_journals_name_for_the_reader_is_no_name_of_a_destination() -> None:
    assert " " in AGGREGATION


def test_a_salvage_carries_intervals_over_on_both_sides_of_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    levels = [Level(to_ms(DAY) + 900_000 * number, Decimal(number)) for number in range(4000)]
    with Journal.open(path) as journal:
        journal.intervals.merge([(HOME, {IMPORT: levels})])
    data = bytearray(path.read_bytes())
    pages = range(4096, len(data), 4096)
    leaves = [at for at in pages if data[at] == 10 and b";1800000 1922;" in data[at : at + 4096]]
    assert len(leaves) == 1
    data[leaves[0] : leaves[0] + 8] = bytes(8)
    path.write_bytes(data)
    with Journal.open(path) as journal:
        spans = journal.intervals.read_spans("home")
    assert sum(int(span.imported or 0) for span in spans) == 3999  # a gap in the midst, of which the sum is known
    assert [span.quality for span in spans].count("bounded") == 1
