"""Sums of spans over periods of civil time."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from hanlogger.intervals import QUARTER, Period, Quality, Span, list_borders, sum_spans

STOCKHOLM = "Europe/Stockholm"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 2, day, hour, minute, tzinfo=UTC)


def span(
    start: datetime, end: datetime, imported: int | None, exported: int | None = None, quality: Quality = "measured"
) -> Span:
    taken, given = (None if each is None else Decimal(each) for each in (imported, exported))
    return Span(start, end, taken, given, quality)


def quarters(start: datetime, end: datetime, amount: int) -> list[Span]:
    number = (end - start) // QUARTER
    return [span(start + step * QUARTER, start + (step + 1) * QUARTER, amount, 0) for step in range(number)]


def test_an_hour_is_the_sum_of_its_quarters() -> None:
    (found,) = sum_spans(quarters(at(1, 8), at(1, 9), 250), [at(1, 8), at(1, 9)])
    assert found == (at(1, 8), at(1, 9), Decimal(1000), Decimal(0), "measured")


def test_an_hour_with_a_quarter_missing_is_a_lower_bound() -> None:
    (found,) = sum_spans(quarters(at(1, 8), at(1, 8, 45), 250), [at(1, 8), at(1, 9)])
    assert (found.imported, found.quality) == (Decimal(750), "partial")


def test_a_period_of_which_nothing_is_known_has_no_amount_and_not_0() -> None:
    found = sum_spans(quarters(at(1, 8), at(1, 9), 250), [at(1, 7), at(1, 8), at(1, 9), at(1, 10)])
    assert [(each.imported, each.quality) for each in found] == [
        (None, "unknown"),
        (Decimal(1000), "measured"),
        (None, "unknown"),
    ]


def test_the_sum_over_a_gap_is_in_no_hour_and_in_the_day() -> None:
    spans = [
        *quarters(at(2, 0), at(2, 14), 250),
        span(at(2, 14), at(2, 20), 24_000, 0, "bounded"),
        *quarters(at(2, 20), at(3, 0), 250),
    ]
    hours = sum_spans(spans, list_borders(date(2026, 2, 2), date(2026, 2, 2), "hour", "UTC"))
    assert [each.imported for each in hours] == [Decimal(1000)] * 14 + [None] * 6 + [Decimal(1000)] * 4
    assert [each.quality for each in hours[13:21]] == ["measured", *["measured"] * 6, "measured"]  # of 0 Wh exported
    (day,) = sum_spans(spans, [at(2, 0), at(3, 0)])
    assert (day.imported, day.quality) == (Decimal(42_000), "measured")


def test_a_gap_over_midnight_is_in_neither_day() -> None:
    spans = [
        *quarters(at(2, 0), at(2, 22), 100),
        span(at(2, 22), at(3, 2), 4000, None, "bounded"),
        *quarters(at(3, 2), at(4, 0), 100),
    ]
    found = sum_spans(spans, [at(2, 0), at(3, 0), at(4, 0)])
    assert [(each.imported, each.quality) for each in found] == [(Decimal(8800), "partial")] * 2


def test_where_nothing_was_exported_over_a_gap_nothing_was_in_any_part_of_it() -> None:
    gap = span(at(2, 7, 45), at(2, 10, 15), 900, 0, "bounded")
    found = sum_spans([gap], [at(2, 7), at(2, 8), at(2, 9), at(2, 10), at(2, 11)])
    assert [each.exported for each in found] == [Decimal(0)] * 4
    assert [each.quality for each in found] == ["partial", "measured", "measured", "partial"]
    assert all(each.imported is None for each in found)


def test_nothing_before_the_first_and_after_the_last_border_counts() -> None:
    spans = [span(at(2, 6), at(2, 7), 5, 0), span(at(2, 9), at(2, 10), 5, 0), span(at(2, 6), at(2, 10), None, 0)]
    (found,) = sum_spans(spans, [at(2, 7), at(2, 9)])
    assert (found.imported, found.exported) == (None, Decimal(0))


def test_a_span_that_reaches_out_of_the_last_period_counts_nowhere() -> None:
    (found,) = sum_spans([span(at(2, 8), at(2, 10), 5, None, "bounded")], [at(2, 8), at(2, 9)])
    assert found.quality == "unknown"


def test_a_direction_that_is_not_known_does_not_make_the_other_partial() -> None:
    (found,) = sum_spans([span(at(2, 8), at(2, 9), 5)], [at(2, 8), at(2, 9)])
    assert (found.exported, found.quality) == (None, "measured")


def test_a_sum_is_of_the_worse_quality_of_both_directions() -> None:
    spans = [span(at(2, 8), at(2, 9), 5), span(at(2, 8), at(2, 8, 15), None, 5)]
    (found,) = sum_spans(spans, [at(2, 8), at(2, 9)])
    assert (found.imported, found.exported, found.quality) == (Decimal(5), Decimal(5), "partial")


def test_the_order_of_spans_does_not_matter() -> None:
    spans = [*quarters(at(1, 0), at(2, 0), 7), span(at(2, 0), at(2, 3), 0, 9, "bounded")]
    shuffled = random.Random(1).sample(spans, len(spans))
    borders = list_borders(date(2026, 2, 1), date(2026, 2, 2), "hour", STOCKHOLM)
    assert sum_spans(shuffled, borders) == sum_spans(spans, borders)


@pytest.mark.parametrize(
    ("day", "by", "number"),
    [
        (date(2026, 3, 29), "quarter", 92),
        (date(2026, 3, 29), "hour", 23),
        (date(2026, 10, 25), "quarter", 100),
        (date(2026, 10, 25), "hour", 25),
        (date(2026, 6, 1), "quarter", 96),
        (date(2026, 10, 25), "day", 1),
    ],
)
def test_the_days_on_which_clocks_change_have_23_and_25_hours(day: date, by: Period, number: int) -> None:
    borders = list_borders(day, day, by, STOCKHOLM)
    assert len(borders) - 1 == number
    local = borders[0].astimezone(ZoneInfo(STOCKHOLM))
    assert (local.date(), local.hour) == (day, 0)


def test_the_doubled_hour_of_autumn_is_two_hours() -> None:
    """The case of a day of 25 hours and 32 kWh, whose two hours 02 had 5 and 4 kWh."""
    borders = list_borders(date(2026, 10, 25), date(2026, 10, 25), "hour", STOCKHOLM)
    amounts = dict.fromkeys(range(25), 1000) | {2: 5000, 3: 4000}
    spans = [span(borders[number], borders[number + 1], amount, 0) for number, amount in amounts.items()]
    hours = sum_spans(spans, borders)
    assert [int(each.imported or 0) for each in hours[1:5]] == [1000, 5000, 4000, 1000]
    (day,) = sum_spans(spans, list_borders(date(2026, 10, 25), date(2026, 10, 25), "day", STOCKHOLM))
    assert day.imported == Decimal(32_000)


def test_the_energy_at_23_utc_of_the_last_of_april_belongs_to_may() -> None:
    late = datetime(2026, 4, 30, 22, 0, tzinfo=UTC)  # 23:00 by the meter's clock of UTC+1
    borders = list_borders(date(2026, 4, 1), date(2026, 5, 31), "month", STOCKHOLM)
    april, may = sum_spans([span(late, late + timedelta(hours=1), 12_000)], borders)
    assert (april.imported, may.imported) == (None, Decimal(12_000))


def test_months_begin_at_local_midnight_whatever_the_season() -> None:
    borders = list_borders(date(2026, 3, 10), date(2026, 5, 2), "month", STOCKHOLM)
    assert [each.isoformat()[:16] for each in borders] == [
        "2026-03-09T23:00",
        "2026-03-31T22:00",
        "2026-04-30T22:00",
        "2026-05-02T22:00",
    ]
