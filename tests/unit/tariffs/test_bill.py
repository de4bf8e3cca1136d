"""When energy is known, and which times of a period it leaves out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hanlogger.intervals import Quality, Span
from hanlogger.tariffs.calendar import Period
from hanlogger.tariffs.coverage import find_missing, join_known
from tests.support.tariffing import at


def period(start: str, end: str) -> Period:
    return Period(at(f"2026-11-02 {start}"), at(f"2026-11-02 {end}"))


def span(start: str, end: str, imported: int | None, exported: int | None, quality: Quality = "measured") -> Span:
    given, taken = (None if wh is None else Decimal(wh) for wh in (exported, imported))
    return Span(*period(start, end), taken, given, quality)


def test_spans_that_touch_are_one_time_and_a_part_of_a_quarter_is_none() -> None:
    spans = [
        span("08:00", "08:15", 1, 0),
        span("08:15", "09:15", 1, None),
        span("09:15", "09:20", 1, 0, "partial"),
        span("10:00", "13:00", 1, 0, "bounded"),
    ]
    assert join_known(spans, exported=False) == [period("08:00", "09:15"), period("10:00", "13:00")]
    assert join_known(spans, exported=True) == [period("08:00", "08:15"), period("10:00", "13:00")]


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        (("08:00", "11:00"), [("08:00", "09:00"), ("10:00", "11:00")]),
        (("09:00", "10:00"), []),  # and not the gap after it
        (("09:15", "12:30"), [("10:00", "12:00")]),
        (("13:00", "14:00"), [("13:00", "14:00")]),
    ],
)
def test_a_period_lacks_what_is_not_known_in_it(asked: tuple[str, str], missing: list[tuple[str, str]]) -> None:
    known = [period("09:00", "10:00"), period("12:00", "13:00"), period("15:00", "16:00")]
    assert list(find_missing(known, period(*asked))) == [period(*each) for each in missing]
