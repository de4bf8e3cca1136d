"""Make the spans of a register from its chosen readings, by the border rule of docs/design.md section 7."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from operator import sub

from hanlogger.intervals.levels import QUARTER_MS, Columns, is_near_border, to_time
from hanlogger.intervals.span import Quality, Span

HOUR_MS = 4 * QUARTER_MS
LARGEST_POWER = 100_000_000  # W; no meter with a port for its owner measures more
SLACK_MS = 60_000  # in which a register may step by what it counted before
_MS_OF_HOUR = 3_600_000
_NOTHING, NEVER_A_LEAP = Decimal(), Decimal(LARGEST_POWER * SLACK_MS // _MS_OF_HOUR)


Ends = tuple[int, int, Quality]
"""From when to when a span is, in ms since 1970 UTC, and how well it is known."""

Pieces = dict[Ends, Decimal]
"""The spans of one direction, by time, with their energy in Wh. No two begin at one time."""


def cut_levels(levels: Columns) -> Pieces:
    """Return the spans of a register, by time, of all levels that are kept, of any number of quarters.

    The pieces of each count add up to the difference of its last and first level. Where `levels` begin and end with
    known borders, the pieces are those of all levels between them.
    """
    if not levels.times:
        return {}
    borders, counts = _find_borders(levels.times), [0, *_find_breaks(levels), len(levels.times)]
    pieces: Pieces = {}
    for first, end in pairwise(counts):
        known = borders[bisect_left(borders, first) : bisect_left(borders, end)]
        pieces |= _cut(levels, first, end - 1, known)
    return pieces


def drop_running(pieces: Pieces, newest: int) -> Pieces:
    """Return the pieces without the last where that is still growing: it ends with the newest level, at no border.

    newest: the time of that level.
    """
    last = next(reversed(pieces), None)
    if last is None or last[1] != newest or is_near_border(newest):
        return pieces
    return {ends: wh for ends, wh in pieces.items() if ends != last}


def merge_directions(imported: Pieces, exported: Pieces) -> list[Span]:
    """Return spans of both directions, by time: one where both have the same ends and quality, else one of each."""
    return [
        Span(to_time(ends[0]), to_time(ends[1]), imported.get(ends), exported.get(ends), ends[2])
        for ends in sorted({**imported, **exported})
    ]


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


def _cut(levels: Columns, first: int, last: int, known: Sequence[int]) -> Pieces:
    """Return the pieces of the count of levels from `first` to `last`. known: those of them that stand for borders.

    They are the one before the first border, those between two borders, and the one after the last. Of levels of one
    time the highest counts.
    """
    times, values, _ = levels
    while first < last and times[first + 1] == times[first]:
        first += 1
    borders, amounts = [-(-times[each] // QUARTER_MS) * QUARTER_MS for each in known], [values[each] for each in known]
    pieces: Pieces = {}
    begin = borders[0] if borders else times[last]
    if first not in known[:1] and begin > times[first]:
        pieces[times[first], begin, "partial"] = (amounts[0] if amounts else values[last]) - values[first]
    pieces |= zip(map(_name_ends, borders, borders[1:]), map(sub, amounts[1:], amounts), strict=True)
    if known and known[-1] != last:
        pieces[borders[-1], times[last], "partial"] = values[last] - amounts[-1]
    return pieces


def _name_ends(start: int, end: int) -> Ends:
    """Return two borders that follow each other with the quality of what lies between them."""
    length = end - start
    is_whole = length == QUARTER_MS or (length == HOUR_MS and start % HOUR_MS == 0)
    return start, end, "measured" if is_whole else "bounded"
