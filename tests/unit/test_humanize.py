"""Numbers and times as people read them, with the values at which one word gives way to the next."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from hanlogger.humanize import (
    count_telegrams,
    describe_clock_offset,
    describe_scale,
    describe_waiting,
    format_octets,
    format_span,
    group_digits,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (119, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
        (864_000, "10 d"),
    ],
)
def test_a_span_is_told_in_its_largest_whole_unit(seconds: float, words: str) -> None:
    assert format_span(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (12_345, "12 kB"),
        (1_000_000, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (999_900_000, "999.9 MB"),
        (1_000_000_000, "1.00 GB"),
        (1_234_567_890_123, "1234.57 GB"),
    ],
)
def test_octets_are_told_in_thousands(number: int, words: str) -> None:
    assert format_octets(number) == words


def test_thousands_stand_apart() -> None:
    assert [group_digits(999), group_digits(1000), group_digits(1_234_567), group_digits(-1500)] == [
        "999",
        "1 000",
        "1 234 567",
        "-1 500",
    ]
    assert group_digits(Decimal("8975.1425"), 3) == "8 975.142"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 telegrams wait"), (1, "1 telegram waits"), (1234, "1 234 telegrams wait")]
)
def test_one_telegram_is_one(number: int, words: str) -> None:
    assert describe_waiting(number) == words
    assert words.startswith(count_telegrams(number) + " wait")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "clock right"),
        (2.9, "clock right"),
        (-2.9, "clock right"),
        (3, "clock 3 s ahead"),
        (-3, "clock 3 s behind"),
        (119, "clock 1 min ahead"),
        (-725, "clock 12 min behind"),
        (3600, "clock 1 h ahead: is the setting `clock` right?"),
        (3719, "clock 1 h ahead: is the setting `clock` right?"),
        (3720, "clock 1 h ahead"),
        (3481, "clock 1 h ahead: is the setting `clock` right?"),
        (3480, "clock 58 min ahead"),
        (-7200, "clock 2 h behind: is the setting `clock` right?"),
        (5400, "clock 1 h ahead"),
    ],
)
def test_a_clock_that_is_off_by_whole_hours_within_two_minutes_points_at_the_setting(
    seconds: float, words: str
) -> None:
    assert describe_clock_offset(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("setting", "factor", "words"),
    [
        ("scale.energy", "0.1", "energy 10 times too large"),
        ("scale.current", "100", "current 100 times too small"),
        ("scale.voltage", "1E+1", "voltage 10 times too small"),
        ("scale.energy", "1E-3", "energy 1000 times too large"),
    ],
)
def test_a_wrong_scale_says_by_how_much_the_values_are_off(setting: str, factor: str, words: str) -> None:
    assert describe_scale(setting, Decimal(factor)) == words
