"""Spans of energy become pieces of equal length; what crosses their borders makes blocks."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from hanlogger.intervals import QUARTER, Quality, Span
from hanlogger.tariffs.pieces import Piece, cut
from tests.support.tariffing import at

BEGIN = at("2026-10-01T00:00")


def span(first: int, last: int, wh: int) -> Span:
    """The energy from one quarter of the day up to another: a gap where that is more than one."""
    quality: Quality = "measured" if last - first == 1 else "bounded"
    return Span(BEGIN + first * QUARTER, BEGIN + last * QUARTER, Decimal(wh), Decimal(0), quality)


def piece(first: int, last: int, wh: int) -> Piece:
    return Piece(BEGIN + first * QUARTER, BEGIN + last * QUARTER, Decimal(wh))


def test_two_gaps_that_meet_within_an_hour_are_one_block_with_the_energy_of_both() -> None:
    found = cut([span(0, 1, 100), span(1, 6, 2000), span(6, 11, 3000), span(11, 12, 400)], 60)
    assert found.blocks == (piece(0, 12, 5500),)
    assert not found.known
    assert not found.incomplete


def test_two_gaps_that_meet_at_a_border_of_hours_are_two_blocks() -> None:
    assert cut([span(0, 8, 2000), span(8, 16, 3000)], 60).blocks == (piece(0, 8, 2000), piece(8, 16, 3000))


@pytest.mark.parametrize("minutes", [15, 60])
def test_no_energy_of_a_day_without_an_end_in_an_hour_is_lost_or_counted_twice(minutes: int) -> None:
    draw = random.Random(minutes)
    for _ in range(200):
        inside = sorted(draw.sample(range(1, 96), draw.randrange(40)))
        spans = [span(first, last, draw.randrange(5000)) for first, last in pairwise([0, *inside, 96])]
        draw.shuffle(spans)
        found = cut(spans, minutes)
        pieces = (*found.known, *found.blocks)
        assert not found.incomplete
        assert sum(each.wh for each in pieces) == sum(each.imported or 0 for each in spans)
        assert sum((each.end - each.start for each in pieces), timedelta()) == timedelta(days=1)
