"""Choose the few readings of a register that decide all of its spans, the same in whatever order readings come.

Of each quarter of an hour four are enough: the first and the last, by which spans begin and end, and the lowest and the
highest, between which a register that falls has fallen. Each is a least or a greatest, so that choosing from what was
chosen before and what came since gives the same as choosing from all at once. In nearly all quarters they are two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Self

QUARTER_MS = 900_000
NEAR_MS = 60_000
"""How old a reading of the register may be, at a border, to stand for the border."""


class Level(NamedTuple):
    """The value of a register at a time."""

    at: int  # ms since 1970 UTC
    value: Decimal  # Wh
    device: int = 0  # stands for the number of the meter; 0: the message does not say it


class Columns(NamedTuple):
    """Readings of a register by time, as columns: a year has 140,000 of them, of which no objects need be made."""

    times: Sequence[int]  # ms since 1970 UTC
    values: Sequence[Decimal]  # Wh
    devices: Sequence[int]

    @classmethod
    def of(cls, levels: Sequence[Level]) -> Self:
        """Return the columns of levels, which are sorted."""
        return cls(*zip(*levels, strict=True)) if levels else cls((), (), ())


def number_quarter(at: int) -> int:
    """Return the number since 1970 of the quarter that a time in ms is in: after its beginning, up to its end.

    >>> number_quarter(900_000), number_quarter(900_001)
    (0, 1)
    """
    return -(-at // QUARTER_MS) - 1


@lru_cache(maxsize=4096)  # the borders of a month: both directions and the prices have them
def to_time(at: int) -> datetime:
    """Return the time, in UTC, of one in ms since 1970."""
    return datetime.fromtimestamp(at / 1000, UTC)


def choose_levels(levels: Iterable[Level]) -> list[Level]:
    """Return those of one quarter and one device that are to be kept, by time: one to four of them."""
    found = set(levels)
    by_value = [(each.value, each.at, each) for each in found]
    return sorted({min(found), max(found), min(by_value)[2], max(by_value)[2]})


def is_near_border(at: int) -> bool:
    """Return whether a register of a time in ms stands for the border after it, if no later one does."""
    return -at % QUARTER_MS <= NEAR_MS
