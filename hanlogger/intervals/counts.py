"""Make the spans of a register from its chosen readings, by the border rule of docs/design.md section 7."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter, sub
from typing import NamedTuple

from hanlogger.intervals.levels import QUARTER_MS, Columns, Level, is_near_border, to_time
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
    """Return the spans of a register, by time. levels: those kept, sorted, of any number of quarters."""
    return cut_levels(Columns.of(levels))


def cut_levels(levels: Columns) -> list[Piece]:
    """Return the spans of a register, by time, of all levels that are kept, of any number of quarters.

    The pieces of each count add up to the difference of its last and first level. Where `levels` begin and end with
    known borders, the pieces are those of all levels between them.
    """
    if not levels.times:
        return []
    borders, counts = _find_borders(levels.times), [0, *_find_breaks(levels), len(levels.times)]
    pieces: list[Piece] = []
    for first, end in pairwise(counts):
        known = borders[bisect_left(borders, first) : bisect_left(borders, end)]
        pieces += _cut(levels, first, end - 1, known)
    return pieces


def drop_running(pieces: list[Piece], newest: int) -> list[Piece]:
    """Return the pieces without the last where that is still growing: it ends with the newest level, at no border.

    newest: the time of that level.
    """
    running = bool(pieces) and pieces[-1].end == newest and not is_near_border(newest)
    return pieces[:-1] if running else pieces


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


def _find_borders(times: Sequence[int]) -> list[int]:
    """Return which levels stand for borders: of each quarter the last, where it is near enough."""
    quarters = [-at // QUARTER_MS for at in times]
    last = [number for number, (one, other) in enumerate(pairwise(quarters)) if one != other]
    return [number for number in (*last, len(times) - 1) if is_near_border(times[number])]


def _find_breaks(levels: Columns) -> list[int]:
    """Return which levels begin a new count: the register falls or leaps, or the device changes."""
    times, values, devices = levels
    breaks = {
        number
        for number, rise in enumerate(map(sub, values[1:], values), 1)
        if not _NOTHING <= rise <= NEVER_A_LEAP and _is_break(rise, times[number] - times[number - 1])
    }
    for number, (one, other) in enumerate(pairwise(devices), 1):
        if one != other and one and other:
            breaks.add(number)
    return sorted(breaks)


def _is_break(risen: Decimal, milliseconds: int) -> bool:
    return risen < 0 or risen * _MS_OF_HOUR > LARGEST_POWER * (milliseconds + SLACK_MS)


def _cut(levels: Columns, first: int, last: int, known: Sequence[int]) -> list[Piece]:
    """Return the pieces of the count of levels from `first` to `last`. known: those of them that stand for borders.

    They are the one before the first border, those between two borders, and the one after the last. Of levels of one
    time the highest counts.
    """
    times, values, _ = levels
    while first < last and times[first + 1] == times[first]:
        first += 1
    ends = [(-(-times[each] // QUARTER_MS) * QUARTER_MS, values[each]) for each in known]
    begin, until = (times[first], values[first]), (times[last], values[last])
    before = [] if first in known[:1] else _make_partial(begin, (ends or [until])[0])
    between = [
        Piece(start, end, after - value, "measured" if end - start == QUARTER_MS else _judge(start, end))
        for (start, value), (end, after) in pairwise(ends)
    ]
    return [*before, *between, *(_make_partial(ends[-1], until) if known and known[-1] != last else ())]


def _make_partial(start: tuple[int, Decimal], end: tuple[int, Decimal]) -> list[Piece]:
    """Return the piece between two times with their values; none of no time."""
    return [Piece(start[0], end[0], end[1] - start[1], "partial")] if end[0] > start[0] else []


def _judge(start: int, end: int) -> Quality:
    is_hour = end - start == HOUR_MS and start % HOUR_MS == 0
    return "measured" if is_hour else "bounded"
