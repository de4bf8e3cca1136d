"""The minute of the logger's health: what it says of the month."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hanlogger.intervals.span import HOUR, Span
from hanlogger.running.health import find_month_begin, make_month_fields

NOW = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)  # 23:30 in Stockholm


def used(start: datetime, watt_hours: int | None) -> Span:
    return Span(start, start + HOUR, None if watt_hours is None else Decimal(watt_hours), Decimal(7), "measured")


def test_a_month_begins_at_midnight_of_the_house() -> None:
    assert find_month_begin("Europe/Stockholm", NOW) == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert find_month_begin("Europe/Stockholm", NOW + HOUR) == datetime(2026, 10, 31, 23, tzinfo=UTC)


def test_the_month_so_far_is_the_import_of_the_spans_that_begin_in_it() -> None:
    first = datetime(2026, 9, 30, 22, tzinfo=UTC)
    spans = [used(first - HOUR, 1000), used(first, 20), used(first + HOUR, None), used(NOW - HOUR, 3)]
    assert make_month_fields(spans, "Europe/Stockholm", NOW) == {"month": 23.0}
    assert make_month_fields([], "Europe/Stockholm", NOW) == {"month": 0.0}
