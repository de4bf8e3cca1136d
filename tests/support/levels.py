"""Readings of a register with all that can go wrong with one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from hanlogger.intervals.counts import Pieces, cut_levels
from hanlogger.intervals.levels import Columns, Level
from hanlogger.journal.model import to_ms
from tests.support.energy import DAY


def make_pieces(levels: Sequence[Level]) -> Pieces:
    """The spans of levels, which are sorted."""
    return cut_levels(Columns.of(levels))


def draw_levels(chance: random.Random) -> list[Level]:
    """Two days of a register with gaps, falls, leaps and now and then another device, one level in two at a border."""
    found: list[Level] = []
    now, value, device = to_ms(DAY), 1000, 1
    while now < to_ms(DAY) + 2 * 86_400_000:
        now += chance.choice([900_000 - now % 900_000, chance.randrange(1, 1_200_000), 1])
        value += chance.choices([chance.randrange(900), 0, -value // 2, 3_000_000], [20, 5, 1, 1])[0]
        device = chance.choices([device, 0, 2], [20, 3, 1])[0]
        if chance.random() < 0.9:
            found.append(Level(now, Decimal(value), device))
    return found
