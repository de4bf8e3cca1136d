"""Spans of energy become pieces of equal length, over each of which a power is the mean.

A piece is known where spans within it cover all of it. A span that crosses the border of pieces (a gap, or an hour
where pieces are quarters) makes them one block: its sum is known, and its mean is the least that the greatest of its
pieces can be. What is covered in part only is incomplete: it is marked, and never scaled up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import EVER
from hanlogger.tariffs.model import Direction
from hanlogger.tariffs.spot import find_beginning


class Piece(NamedTuple):
    """A time and the energy in it; a block: of several pieces together."""

    start: datetime
    end: datetime
    wh: Decimal

    @property
    def kw(self) -> Fraction:
        """The mean power in kW."""
        return Fraction(self.wh) * 3600 / (1000 * ((self.end - self.start) // timedelta(seconds=1)))


@dataclass(frozen=True)
class Pieces:
    """What spans say of the pieces of a period."""

    known: tuple[Piece, ...] = ()
    blocks: tuple[Piece, ...] = ()
    incomplete: tuple[datetime, ...] = ()  # beginnings of pieces of which a part is known


@dataclass
class _Sum:
    wh: Decimal = Decimal(0)
    covered: timedelta = field(default_factory=timedelta)


def cut(spans: Iterable[Span], minutes: int, direction: Direction = "import") -> Pieces:
    """Return the pieces of so many minutes, 15 or 60, that spans tell of. Spans come in any order."""
    length = timedelta(minutes=minutes)
    sums, crossing = _sort(spans, minutes, direction)
    blocks = list(_join(sorted(crossing)))
    inside = {at for block in blocks for at in _list_starts(block, length)}
    alone = {at: sum_ for at, sum_ in sorted(sums.items()) if at not in inside}
    return Pieces(
        tuple(Piece(at, at + length, each.wh) for at, each in alone.items() if each.covered == length),
        tuple(Piece(each.start, each.end, each.wh + _sum_within(each, sums, length)) for each in blocks),
        tuple(at for at, each in alone.items() if each.covered != length),
    )


def _sort(spans: Iterable[Span], minutes: int, direction: Direction) -> tuple[dict[datetime, _Sum], list[Piece]]:
    """Return the energy of spans within a piece, by its beginning, and the spans that cross borders of pieces."""
    sums: defaultdict[datetime, _Sum] = defaultdict(_Sum)
    length = timedelta(minutes=minutes)
    crossing: list[Piece] = []
    first = end = EVER.start
    for span in spans:
        wh = span.imported if direction == "import" else span.exported
        if wh is None:
            continue
        if not first <= span.start < end:
            first = find_beginning(span.start, minutes)
            end = first + length
        if span.end > end:
            last = find_beginning(span.end - timedelta.resolution, minutes)
            crossing.append(Piece(first, last + length, wh))
            continue
        sum_ = sums[first]
        sum_.wh += wh
        if span.quality != "partial":
            sum_.covered += span.end - span.start
    return sums, crossing


def _sum_within(block: Piece, sums: dict[datetime, _Sum], length: timedelta) -> Decimal:
    """Return the energy that is known within a block, beside the spans across its borders."""
    return sum((sums[at].wh for at in _list_starts(block, length) if at in sums), Decimal(0))


def roll(quarters: Pieces, hours: Pieces) -> Pieces:
    """Return the hours that begin at any quarter, of pieces of quarters and of full hours."""
    known = {piece.start: piece for piece in hours.known}
    by_start = {piece.start: piece for piece in quarters.known}
    for start in by_start:
        four = [by_start.get(start + number * timedelta(minutes=15)) for number in range(4)]
        if all(four):
            wh = sum((each.wh for each in four if each), Decimal(0))
            known[start] = Piece(start, start + timedelta(hours=1), wh)
    return Pieces(tuple(known[start] for start in sorted(known)), hours.blocks, hours.incomplete)


def _join(crossing: Iterable[Piece]) -> Iterator[Piece]:
    """Yield blocks, each of all the spans whose pieces touch. Spans come in the order of time."""
    block: Piece | None = None
    for each in crossing:
        if block and each.start < block.end:
            block = Piece(block.start, max(block.end, each.end), block.wh + each.wh)
            continue
        if block:
            yield block
        block = each
    if block:
        yield block


def _list_starts(block: Piece, length: timedelta) -> Iterator[datetime]:
    start = block.start
    while start < block.end:
        yield start
        start += length
