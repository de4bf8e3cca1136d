"""What a server says of a day's prices, right and wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from hanlogger.prices.answer import describe_missing, read_answer
from hanlogger.prices.quarters import NotPublished, WrongPrices
from hanlogger.prices.source import PriceSource
from tests.support.pricing import DAY, SE3, Rows, day_rows, row, to_body

MIDNIGHT = datetime(2026, 11, 28, 23, tzinfo=UTC)  # of DAY in Sweden


def read(rows: object, day: date = DAY) -> dict[datetime, Decimal]:
    return read_answer(to_body(rows), SE3, day)


def test_each_quarter_has_its_price_exactly_and_by_instant() -> None:
    prices = read(list(reversed(day_rows())))
    assert len(prices) == 96
    assert prices[MIDNIGHT] == Decimal("0.5")
    assert prices[MIDNIGHT + timedelta(minutes=15)] == Decimal("0.501")
    assert describe_missing(prices, SE3, DAY) == ""


def test_an_hours_price_is_that_of_its_four_quarters() -> None:
    prices = read(day_rows(minutes=60))
    assert [prices[MIDNIGHT + timedelta(minutes=15 * number)] for number in range(5)] == [
        *[Decimal("0.5")] * 4,
        Decimal("0.501"),
    ]


def test_hours_and_quarters_may_stand_in_one_day() -> None:
    assert len(read(day_rows(minutes=60)[:12] + day_rows()[48:])) == 96


@pytest.mark.parametrize(("day", "quarters"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100)])
@pytest.mark.parametrize("minutes", [15, 60])
def test_days_on_which_the_clock_changes_are_whole(day: date, quarters: int, minutes: int) -> None:
    prices = read(day_rows(day, minutes), day)
    assert len(prices) == quarters
    assert describe_missing(prices, SE3, day) == ""


def test_both_of_autumns_doubled_hours_have_their_own_price() -> None:
    day = date(2026, 10, 25)
    prices = read(day_rows(day, 60), day)
    assert prices[datetime(2026, 10, 25, 0, tzinfo=UTC)] == Decimal("0.502")
    assert prices[datetime(2026, 10, 25, 1, tzinfo=UTC)] == Decimal("0.503")


def test_prices_of_nothing_and_below_are_prices() -> None:
    rows = day_rows()
    rows[0]["SEK_per_kWh"], rows[1]["SEK_per_kWh"], rows[2]["SEK_per_kWh"] = 0, -0.05, 5e-05
    prices = read(rows)
    assert [prices[MIDNIGHT + timedelta(minutes=15 * number)] for number in range(3)] == [
        Decimal(0),
        Decimal("-0.05"),
        Decimal("0.00005"),
    ]


def test_hours_that_are_missing_are_told_and_have_no_price() -> None:
    prices = read(day_rows()[:-6])
    assert len(prices) == 90
    assert describe_missing(prices, SE3, DAY) == "1.5 of its 24 hours are missing"


def test_an_empty_list_is_not_published_yet() -> None:
    with pytest.raises(NotPublished):
        read([])


def changed(number: int, **fields: object) -> Rows:
    rows = day_rows()
    rows[number] |= fields
    return rows


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (day_rows(date(2026, 11, 28)), "the answer has prices of 2026-11-28"),
        ([*day_rows(), row(MIDNIGHT + timedelta(days=1), 15)], "the answer has prices of 2026-11-30"),
        ([*day_rows(), day_rows()[7]], "2026-11-29T01:45:00+01:00 occurs twice"),
        ([*day_rows(), row(MIDNIGHT, 60)], "2026-11-29T00:00:00+01:00 occurs twice"),
        (day_rows(currency="NOK"), "the answer has EUR_per_kWh, NOK_per_kWh, and not SEK_per_kWh"),
        ([{"price": 1}], "the answer has no price, and not SEK_per_kWh"),
        (changed(3, SEK_per_kWh=float("nan")), "is no price"),
        (changed(3, SEK_per_kWh=float("inf")), "is no price"),
        (changed(3, SEK_per_kWh=None), "None is no price"),
        (changed(3, SEK_per_kWh="0.5"), "'0.5' is no price"),
        (changed(3, SEK_per_kWh=True), "True is no price"),
        (changed(3, SEK_per_kWh=531.2), "a price of 531.2 for a kWh is too much"),
        (changed(3, SEK_per_kWh=-100.01), "a price of -100.01 for a kWh is too much"),
        (changed(3, SEK_per_kWh=1e-30), "too many decimals"),
        (changed(3, time_start="2026-11-29T00:45:00"), "the time 2026-11-29T00:45:00 does not state its offset"),
        (changed(3, time_start="yesterday"), "'yesterday' is no time"),
        (changed(3, time_start=None), "None is no time"),
        (changed(3, time_end=None), "None is no time"),
        (changed(3, time_end="2026-11-29T01:15:00+01:00"), "is neither a full hour nor a quarter of one"),
        (changed(3, time_start="2026-11-29T00:50:00+01:00", time_end="2026-11-29T01:05:00+01:00"), "is neither"),
        ([row(MIDNIGHT + timedelta(minutes=15), 60)], "is neither a full hour nor a quarter of one"),
        ({"error": "no"}, "the answer is no list of prices"),
        ([1, 2], "the answer is no list of prices"),
    ],
)
def test_an_answer_that_cannot_be_right_is_refused_as_a_whole_with_the_reason(rows: object, words: str) -> None:
    with pytest.raises(WrongPrices) as error:
        read(rows)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\n<!DOCTYPE html><html>down</html>", "the answer is a web page, and no JSON"),
        (b"", "the answer is no JSON"),
        (b'[{"SEK_per_kWh": 0.5', "the answer is no JSON"),
        (b"\xff\xfe[]", "the answer is no JSON"),
        (b"[" * 100_000, "the answer is no JSON"),
        (b'[{"SEK_per_kWh": 1e99999999999999999999}]', "the answer is no JSON"),
    ],
)
def test_what_is_no_list_in_json_is_told(body: bytes, words: str) -> None:
    with pytest.raises(WrongPrices, match=words):
        read_answer(body, SE3, DAY)


def test_the_limit_itself_is_a_price() -> None:
    assert max(read(changed(0, SEK_per_kWh=100)).values()) == 100


def test_the_day_is_that_of_the_areas_zone() -> None:
    finland = PriceSource("FI", SE3.url)
    start = datetime(2026, 11, 28, 22, tzinfo=UTC)
    assert read_answer(to_body([row(start, currency="EUR")]), finland, DAY)[start] == Decimal("0.5")
    with pytest.raises(WrongPrices, match="prices of 2026-11-30"):
        read_answer(to_body([row(start + timedelta(days=1), currency="EUR")]), finland, DAY)
