"""From readings of a register to spans."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger.intervals.counts import Pieces, drop_running, merge_directions
from hanlogger.intervals.levels import QUARTER_MS, Level, choose_levels, number_quarter
from tests.support.levels import make_pieces

DAY = 1_769_904_000_000  # 2026-02-01 00:00 UTC
HOUR = 4 * QUARTER_MS


def at(clock: str) -> int:
    hours, minutes, seconds = (*map(int, clock.split(":")), 0)[:3]
    return DAY + 1000 * (3600 * hours + 60 * minutes + seconds)


def level(clock: str, value: int, device: int = 0) -> Level:
    return Level(at(clock), Decimal(value), device)


def told(pieces: Pieces) -> list[str]:
    """Each piece as `08:00-08:15 250 measured`."""

    def clock(ms: int) -> str:
        seconds = (ms - DAY) // 1000
        text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
        return f"{text}:{seconds % 60:02}" if seconds % 60 else text

    return [f"{clock(start)}-{clock(end)} {wh} {quality}" for (start, end, quality), wh in pieces.items()]


def keep(levels: Iterable[Level]) -> list[Level]:
    """What is kept of levels, as the journal does it: by quarter and device."""
    rows: defaultdict[tuple[int, int], list[Level]] = defaultdict(list)
    for each in levels:
        row = rows[number_quarter(each.at), each.device]
        row[:] = choose_levels([*row, each])
    return sorted(each for row in rows.values() for each in row)


def test_a_quarter_is_the_difference_of_the_last_registers_at_or_before_its_borders() -> None:
    levels = [level("7:59:51", 1000), level("8:00:01", 1003), level("8:14:51", 1250), level("8:15:01", 1253)]
    assert told(make_pieces(levels)) == ["08:00-08:15 250 measured", "08:15-08:15:01 3 partial"]


def test_a_register_at_the_border_itself_belongs_to_the_quarter_that_ends_there() -> None:
    assert told(make_pieces([level("8:00", 1000), level("8:15", 1250)])) == ["08:00-08:15 250 measured"]


@pytest.mark.parametrize(("second", "known"), [("14:00", True), ("13:59", False)])
def test_the_register_that_stands_for_a_border_is_not_older_than_a_minute(second: str, known: bool) -> None:
    pieces = make_pieces([level("8:00", 1000), level(f"8:{second}", 1240), level("8:30", 1500)])
    assert told(pieces) == (
        ["08:00-08:15 240 measured", "08:15-08:30 260 measured"] if known else ["08:00-08:30 500 bounded"]
    )


def test_an_hourly_meter_has_measured_hours() -> None:
    assert told(make_pieces([level("8:00", 1000), level("9:00", 1900)])) == ["08:00-09:00 900 measured"]


def test_sixty_minutes_that_are_no_hour_of_the_clock_are_bounded() -> None:
    assert told(make_pieces([level("8:15", 1000), level("9:15", 1900)])) == ["08:15-09:15 900 bounded"]


def test_a_gap_has_one_sum_and_no_hour_gets_it() -> None:
    """The case of 24 kWh over six hours without a telegram."""
    levels = [level("13:45", 0), level("14:00", 500), level("20:00", 24_500), level("20:15", 24_750)]
    assert told(make_pieces(levels)) == [
        "13:45-14:00 500 measured",
        "14:00-20:00 24000 bounded",
        "20:00-20:15 250 measured",
    ]


def test_the_hour_in_which_a_logger_starts_is_not_scaled_up() -> None:
    """The case of a start at 17:40, and 1 kWh until 18:00."""
    levels = [level("17:40", 5000), level("17:45", 5250), level("18:00", 6000)]
    assert told(make_pieces(levels)) == ["17:40-17:45 250 partial", "17:45-18:00 750 measured"]


def test_a_count_that_starts_just_before_a_border_has_no_piece_of_nothing() -> None:
    levels = [level("17:44:50", 5250), level("17:59:50", 6000)]
    assert told(make_pieces(levels)) == ["17:45-18:00 750 measured"]


def test_a_count_without_a_border_is_one_piece() -> None:
    assert told(make_pieces([level("8:01", 1000), level("8:11", 1100)])) == ["08:01-08:11 100 partial"]


def test_one_reading_alone_tells_of_no_energy() -> None:
    assert make_pieces([level("8:01", 1000)]) == {}
    assert make_pieces([]) == {}


def test_a_register_that_falls_begins_a_new_count_and_loses_nothing_on_either_side() -> None:
    levels = [level("10:00", 4990), level("10:00:10", 4991), level("10:07", 5000), level("10:07:10", 0)]
    assert told(make_pieces([*levels, level("10:15", 3)])) == [
        "10:00-10:07 10 partial",
        "10:07:10-10:15 3 partial",
    ]


def test_of_two_counts_in_one_quarter_the_border_is_the_later_ones() -> None:
    levels = [level("10:00", 4990), level("10:14:20", 5000), level("10:14:40", 0), level("10:14:50", 1)]
    assert told(make_pieces([*levels, level("10:30", 5)])) == [
        "10:00-10:14:20 10 partial",
        "10:14:40-10:15 1 partial",
        "10:15-10:30 4 measured",
    ]


def test_another_meter_begins_a_new_count_though_its_register_is_higher() -> None:
    levels = [level("10:00", 4990, device=7), level("10:15", 90_000, device=8), level("10:30", 90_100, device=8)]
    assert told(make_pieces(levels)) == ["10:15-10:30 100 measured"]


def test_a_message_that_does_not_say_its_meter_is_of_the_same() -> None:
    levels = [level("10:00", 4990, device=7), level("10:15", 5000), level("10:30", 5010, device=7)]
    assert told(make_pieces(levels)) == ["10:00-10:15 10 measured", "10:15-10:30 10 measured"]


def test_more_than_any_meter_can_measure_in_the_time_begins_a_new_count() -> None:
    levels = [level("10:00", 4_500_000), level("10:15", 45_000_400), level("10:30", 45_000_900)]
    assert told(make_pieces(levels)) == ["10:15-10:30 500 measured"]


def test_two_telegrams_of_one_second_are_no_leap() -> None:
    assert told(make_pieces([level("10:00", 1000), level("10:00", 1001), level("10:15", 1100)])) == [
        "10:00-10:15 99 measured"
    ]


def test_what_still_grows_is_told_apart() -> None:
    levels = [level("8:00", 0), level("8:15", 9), level("8:20", 12)]
    assert told(drop_running(make_pieces(levels), at("8:20"))) == ["08:00-08:15 9 measured"]
    assert drop_running(make_pieces(levels[:2]), at("8:15")) == make_pieces(levels[:2])
    started = [level("8:01", 0), level("8:15", 9)]
    assert told(drop_running(make_pieces(started), at("8:15"))) == ["08:01-08:15 9 partial"]
    fallen = [*levels, level("8:21", 0)]
    assert drop_running(make_pieces(fallen), at("8:21")) == make_pieces(levels)  # a count that has ended does not grow


def test_directions_with_the_same_ends_are_one_span_and_others_are_two() -> None:
    imported = make_pieces([level("8:00", 0), level("8:15", 9), level("8:30", 19)])
    exported = make_pieces([level("8:00", 5), level("8:30", 5)])
    spans = [(each.imported, each.exported, each.quality) for each in merge_directions(imported, exported)]
    assert spans == [
        (Decimal(9), None, "measured"),
        (None, Decimal(0), "bounded"),
        (Decimal(10), None, "measured"),
    ]
    first = dict([*imported.items()][:1])
    (both,) = merge_directions(first, first)
    assert (both.imported, both.exported) == (Decimal(9), Decimal(9))


LEVELS = st.lists(
    st.builds(
        Level,
        st.integers(0, 16 * 90).map(lambda step: DAY + 10_000 * step),
        st.integers(0, 400).map(Decimal),
        st.sampled_from([0, 0, 0, 7, 8]),
    ),
    max_size=60,
)


@given(LEVELS, st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_what_is_kept_does_not_depend_on_the_order_of_arrival(levels: list[Level], chance: random.Random) -> None:
    shuffled = chance.sample(levels, len(levels))
    assert keep([*shuffled, *chance.sample(levels, len(levels) // 2)]) == keep(levels)


def split_counts(levels: list[Level]) -> list[list[Level]]:
    """The levels of each count, of each time the highest: one after the other, as the rule is told."""
    counts: list[list[Level]] = []
    for before, now in pairwise([None, *levels]):
        assert now
        risen, other = (now.value - before.value, before.device) if before else (Decimal(-1), 0)
        if risen < 0 or (now.device and other and now.device != other):
            counts.append([])
        elif before and before.at == now.at:
            counts[-1].pop()
        counts[-1].append(now)
    return counts


@given(LEVELS)
@settings(max_examples=300)
def test_the_spans_of_each_count_add_up_to_the_difference_of_its_registers(levels: list[Level]) -> None:
    kept = keep(levels)
    expected = sum((count[-1].value - count[0].value for count in split_counts(kept)), Decimal())
    pieces = make_pieces(kept)
    assert sum(pieces.values(), Decimal()) == expected
    assert all(end <= start for (_, end, _), (start, _, _) in pairwise(pieces))
    assert all(wh >= 0 and start < end for (start, end, _), wh in pieces.items())


@st.composite
def rising(draw: st.DrawFn) -> list[Level]:
    """Levels of one meter that only rise, each ten seconds with gaps, and one exchange of the meter on the way."""
    steps = sorted(draw(st.sets(st.integers(0, 8 * 90), min_size=1, max_size=200)))
    exchange = draw(st.integers(0, 8 * 90))
    value, found = 10_000, []
    for step in steps:
        value += draw(st.integers(0, 40))
        found.append(Level(DAY + 10_000 * step, Decimal(value if step < exchange else value - 10_000)))
    return found


@given(rising())
@settings(max_examples=200)
def test_all_that_a_meter_and_its_successor_counted_is_in_the_spans(levels: list[Level]) -> None:
    """Also what was counted in the quarter in which the meter was exchanged."""
    old, new = ([each for each in levels if (each.value >= 10_000) is which] for which in (True, False))
    expected = sum((part[-1].value - part[0].value for part in (old, new) if part), Decimal())
    assert sum(make_pieces(keep(levels)).values(), Decimal()) == expected


@given(LEVELS, st.integers(0, 15), st.integers(1, 15))
@settings(max_examples=200)
def test_spans_between_two_known_borders_need_no_level_outside(levels: list[Level], first: int, length: int) -> None:
    ends = [Level(DAY + (number + 1) * QUARTER_MS, Decimal(200)) for number in (first, first + length)]
    kept = keep([*levels, *ends])
    pieces = make_pieces(kept)
    start, end = (each.at for each in ends)
    inside = [each for each in kept if start < each.at <= end]
    last = max(each for each in kept if each.at == start)
    assert {ends: wh for ends, wh in pieces.items() if start <= ends[0] < end} == make_pieces([last, *inside])


def test_of_a_quarter_the_first_the_last_the_lowest_and_the_highest_are_kept() -> None:
    levels: Sequence[Level] = [level(f"8:0{minute}", value) for minute, value in enumerate((5, 6, 9, 7, 2, 3, 4), 1)]
    assert [int(each.value) for each in choose_levels(levels)] == [5, 9, 2, 4]
