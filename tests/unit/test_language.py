"""Numbers in texts, and their rounding."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from hanlogger.humanize import format_number, round_to
from hanlogger.language import Text, join, to_both


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.00499", "0.00"),
        ("-0.00499", "0.00"),
        ("1.015", "1.02"),
        ("2", "2.00"),
    ],
)
def test_halves_go_away_from_zero(value: str, rounded: str) -> None:
    assert str(round_to(Fraction(value), 2)) == rounded


def test_a_number_ends_where_it_ends() -> None:
    assert [format_number(Fraction(value)) for value in ("400", "0.25", "13/3", "-1/3")] == [
        "400",
        "0.25",
        "4.333333",
        "-0.333333",
    ]


def test_a_swede_reads_a_comma_and_a_price_as_it_stands() -> None:
    filled = Text("{a} {b}", "{a} {b}").fill(a=Decimal("92.50"), b=Fraction(1, 2))
    assert filled == Text("92.50 0.5", "92,50 0,5")


def test_a_list_has_its_word_before_the_last() -> None:
    word = Text("and", "och")
    assert join([to_both("a"), to_both("b"), to_both("c")], word) == Text("a, b and c", "a, b och c")
    assert join([to_both("a")], word).en == "a"


def test_a_text_is_said_in_the_language_that_is_wanted() -> None:
    text = Text("day", "dygn")
    assert (text.to("en"), text.to("sv")) == ("day", "dygn")
