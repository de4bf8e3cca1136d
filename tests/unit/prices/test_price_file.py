"""A file of prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hanlogger.prices.price_file import read_price_file
from hanlogger.prices.quarters import WrongPrices
from hanlogger.prices.table import write_csv
from tests.support.pricing import SE3

MIDNIGHT = datetime(2026, 11, 28, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_day_of_full_hours_has_prices_of_hours_and_another_of_quarters() -> None:
    text = (
        "time,price\n2026-11-29T00:00+01:00,0.5\n2026-11-29T02:00+01:00,-0.1\n\n"
        "2026-11-30T00:00+01:00,0.7\n2026-11-30T00:30+01:00,0.8\n"
    )
    prices = read_price_file(text, SE3)
    assert [(at - MIDNIGHT) / HOUR for at in prices] == [0, 0.25, 0.5, 0.75, 2, 2.25, 2.5, 2.75, 24, 24.5]
    assert prices[MIDNIGHT + HOUR / 2] == Decimal("0.5")


def test_a_spreadsheets_semicolons_decimal_commas_and_further_columns_are_read() -> None:
    text = "\ufeffArea; Time ;Price\r\nSE3;2026-11-28T23:00Z;1,25\r\n"
    assert read_price_file(text, SE3)[MIDNIGHT] == Decimal("1.25")


def test_what_is_printed_as_csv_is_read_as_it_was() -> None:
    prices = {MIDNIGHT + number * HOUR / 4: Decimal(number) / 1000 for number in range(96)}
    assert read_price_file("\n".join(write_csv(prices, SE3)), SE3) == prices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1 does not name the columns time and price"),
        ("a,b\n", "line 1 does not name the columns time and price"),
        ("time,price\n2026-11-29T00:00,0.5\n", "line 2: the time 2026-11-29T00:00 does not state its offset"),
        ("time,price\n2026-11-29T00:00Z,0.5\n2026-11-29T01:00Z,x\n", "line 3: 'x' is no price"),
        ("time,price\n2026-11-29T00:00Z,NaN\n", "line 2: Decimal('NaN') is no price"),
        ("time,price\n2026-11-29T00:00Z,530\n", "line 2: a price of 530 for a kWh is too much"),
        ("time,price\n2026-11-29T00:00Z\n", "line 2 has too few columns"),
        (f"time,price\n{'9' * 200_000},1\n", "it is not CSV: field larger than field limit"),
        ("time,price\n2026-11-29T00:10Z,0.5\n", "line 2 is neither a full hour nor a quarter of one"),
        ("time,price\n2026-11-29T00:00Z,0.5\n2026-11-29T01:00+01:00,0.5\n", "line 3 occurs twice"),
    ],
)
def test_a_line_that_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(WrongPrices) as error:
        read_price_file(text, SE3)
    assert str(error.value).startswith(words)
