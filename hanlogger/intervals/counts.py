"""Make the spans of a register from its chosen readings, by the border rule of docs/design.md section 7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from hanlogger.intervals.levels import QUARTER_MS, Level, is_near_border, to_time
from hanlogger.intervals.span import Quality, Span

HOUR_MS = 4 * QUARTER_MS
LARGEST_POWER = 100_000_000  # W; no meter with a port for its owner measures more
SLACK_MS = 60_000  # in which a register may step by what it counted before
_MS_OF_HOUR = 3_600_000
_SORTED_BY = itemgetter(0, 1, 4)  # of a span start, end, quality
_NOTHING, NEVER_A_LEAP = Decimal(), Decimal(LARGEST_POWER * SLACK_MS // _MS_OF_HOUR)


class Piece(NamedTuple):
    """A span of one direction, in ms since 1970 UTC."""

    start: int
    end: int
    amount: Decimal  # Wh
    quality: Quality

    @property
    def quarter(self) -> int:
        """The number of the quarter that it begins in."""
        return self.start // QUARTER_MS


def make_pieces(levels: Sequence[Level]) -> list[Piece]:
    """Return the spans of a register, by time. levels: those kept, sorted, of any number of quarters.

    The pieces of each count add up to the difference of its last and first level. Where `levels` begin and end with
    known borders, the pieces are those of all levels between them.
    """
    borders = _find_borders(levels)
    return [piece for count in split_counts(levels) for piece in _cut(count, borders)]


def drop_running(pieces: list[Piece], levels: Sequence[Level]) -> list[Piece]:
    """Return the pieces without the last where that is still growing: it ends with the newest level, at no border."""
    running = bool(pieces) and pieces[-1].end == levels[-1].at and not is_near_border(levels[-1])
    return pieces[:-1] if running else pieces


def split_counts(levels: Sequence[Level]) -> Iterator[list[Level]]:
    """Yield the levels of each count: a new one begins where the register falls or leaps, or the device changes.

    Of levels of one time the highest counts.
    """
    count: list[Level] = []
    for level in levels:
        if count and _is_break(count[-1], level):
            yield count
            count = []
        elif count and count[-1].at == level.at:
            count.pop()
        count.append(level)
    if count:
        yield count


def merge_directions(imported: Iterable[Piece], exported: Iterable[Piece]) -> list[Span]:
    """Return spans of both directions, by time: one where both have the same ends and quality, else one of each."""
    alone = {piece.start: piece for piece in exported}  # no two of one direction begin at one time
    spans = []
    for piece in imported:
        start, end, amount, quality = piece
        other = alone.get(start)
        if other and (other.end, other.quality) == (end, quality):
            del alone[start]
            spans.append(Span(to_time(start), to_time(end), amount, other.amount, quality))
        else:
            spans.append(Span(to_time(start), to_time(end), amount, None, quality))
    if alone:
        spans += [Span(to_time(each[0]), to_time(each[1]), None, *each[2:]) for each in alone.values()]
        spans.sort(key=_SORTED_BY)
    return spans


def _find_borders(levels: Sequence[Level]) -> dict[int, Level]:
    """Return, by their times, the levels that stand for borders: of each quarter the last, where it is near enough."""
    last = [one for one, other in pairwise(levels) if -one.at // QUARTER_MS != -other.at // QUARTER_MS]
    return {level.at: level for level in [*last, *levels[-1:]] if is_near_border(level)}


def _is_break(before: Level, after: Level) -> bool:
    if before.device and after.device and before.device != after.device:
        return True
    risen = after.value - before.value
    if _NOTHING <= risen <= NEVER_A_LEAP:
        return False
    return risen < 0 or risen * _MS_OF_HOUR > LARGEST_POWER * (after.at - before.at + SLACK_MS)


def _cut(count: Sequence[Level], borders: dict[int, Level]) -> Iterator[Piece]:
    """Yield the piece before the first border, those between two borders, and the one after the last."""
    first, last = count[0], count[-1]
    known = [(-(-each.at // QUARTER_MS) * QUARTER_MS, each.value) for each in count if borders.get(each.at) is each]
    ends = known or [(last.at, last.value)]
    if borders.get(first.at) is not first and ends[0][0] > first.at:
        yield Piece(first.at, ends[0][0], ends[0][1] - first.value, "partial")
    for (start, before), (end, after) in pairwise(known):
        yield Piece(start, end, after - before, _judge(start, end))
    if known and borders.get(last.at) is not last:
        yield Piece(known[-1][0], last.at, last.value - known[-1][1], "partial")


def _judge(start: int, end: int) -> Quality:
    is_hour = end - start == HOUR_MS and start % HOUR_MS == 0
    return "measured" if is_hour or end - start == QUARTER_MS else "bounded"
