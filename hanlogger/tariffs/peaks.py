"""The peaks of a period by a tariff's rule: the greatest of each day, hour, … and of these the N greatest.

A piece that is not known makes the result the least that it can be. A block of unknown pieces stands for one peak, or
for as many as it has pieces where each may count for itself, of its mean; never for its sum in one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from hanlogger.tariffs.calendar import Clock, Period
from hanlogger.tariffs.model import Component, OnePer
from hanlogger.tariffs.pieces import Piece, Pieces
from hanlogger.tariffs.windows import Timetable

Quality = Literal["measured", "at least"]
Group = date | datetime | str


class Peak(NamedTuple):
    """One of the greatest powers of a period."""

    start: datetime
    end: datetime
    kw: Fraction  # as measured
    weighted: Fraction  # as it is compared
    group: Group  # the day, hour, … of which it is the greatest
    quality: Quality = "measured"  # at least: the mean of a gap


@dataclass(frozen=True)
class Peaks:
    """What the rule of a component makes of a period. `mean` is what the fee is of, in kW."""

    component: Component
    best: tuple[Peak, ...]  # of every group the greatest, the greatest first, of equal ones the earliest first
    divisor: int  # what the sum is divided by: how many peaks the period can have, or how many there should be
    quality: Quality = "measured"
    excluded: tuple[datetime, ...] = ()  # beginnings of pieces of which only a part is known

    @property
    def chosen(self) -> tuple[Peak, ...]:
        """The peaks that the mean is of."""
        return self.best[: self.component.count]

    @property
    def mean(self) -> Fraction:
        """What the components' function is given, in kW: the mean, less what is free, times the factor."""
        return self.convert(sum((peak.weighted for peak in self.chosen), Fraction(0)))

    def convert(self, total: Fraction) -> Fraction:
        """Return what a sum of counted peaks is to the components' function."""
        mean = total / self.divisor if self.divisor else Fraction(0)
        return max(mean - Fraction(self.component.deduct), Fraction(0)) * Fraction(self.component.factor)


class Place(NamedTuple):
    """What a piece is to a component, by its beginning."""

    weight: Fraction  # 0: it does not count
    group: Group  # the day, hour, … of which the greatest is taken


class Rule:
    """A component's rule with a clock: which time counts, with which weight, in which group."""

    def __init__(self, component: Component, clock: Clock) -> None:
        self.component = component
        self._clock = clock
        self._when = Timetable([component.when])
        self._weights = Timetable([weight.when for weight in component.weights])
        self._factors = [Fraction(weight.factor) for weight in component.weights]
        self._group = GROUPS[component.one_per]

    def place(self, start: datetime) -> Place:
        """Return the weight and the group of the piece that begins at an instant."""
        local = self._clock.tell(start)
        group = self._group(start, local)
        if self._when.find(local) is None:
            return Place(NOT_COUNTED, group)
        if not self._factors:
            return Place(WHOLE, group)
        if self.component.weigh_by == "monday":
            local -= timedelta(days=local.isoweekday() - 1)
        row = self._weights.find(local)
        return Place(WHOLE if row is None else self._factors[row], group)


NOT_COUNTED, WHOLE = Fraction(0), Fraction(1)

GROUPS: dict[OnePer, Callable[[datetime, datetime], Group]] = {
    "quarter": lambda start, _: start,
    "hour": lambda start, _: start.replace(minute=0),
    "day": lambda _, local: local.date(),
    "week": lambda _, local: local.date() - timedelta(days=local.isoweekday() - 1),
    "month": lambda _, local: f"{local:%Y-%m}",
}
"""By what one peak is taken of: the group of an instant (UTC) and its time by the tariff's clock."""


def find_peaks(pieces: Pieces, rule: Rule, period: Period, *, fewer: Literal["found", "count"] = "found") -> Peaks:
    """Return the peaks of a period. `fewer`: what the sum is divided by where there are fewer than there should be."""
    counted = {at: place for at in _list_starts(rule.component, period) if (place := rule.place(at)).weight}
    known = {piece.start: piece for piece in pieces.known}
    best: dict[Group, Peak] = {}
    for place, piece in _find_greatest(counted, known).items():
        _put(best, Peak(piece.start, piece.end, piece.kw, piece.kw * place.weight, place.group))
    blocks = [block for block in pieces.blocks if block.start >= period.start and block.end <= period.end]
    for peak in _find_least(blocks, rule, best):
        _put(best, peak)
    count, groups = rule.component.count, {place.group for place in counted.values()}
    return Peaks(
        rule.component,
        tuple(sorted(best.values(), key=lambda peak: (-peak.weighted, peak.start))),
        count if fewer == "count" else min(count, len(groups)),
        "measured" if counted.keys() <= known.keys() else "at least",
        tuple(at for at in pieces.incomplete if at in counted),
    )


def _list_starts(component: Component, period: Period) -> Iterator[datetime]:
    """Yield the beginning of every piece of a period, known or not."""
    step = timedelta(minutes=15 if component.rolling else component.minutes)
    last = period.end - timedelta(minutes=component.minutes)
    at = period.start
    while at <= last:
        yield at
        at += step


def _find_greatest(counted: dict[datetime, Place], known: dict[datetime, Piece]) -> dict[Place, Piece]:
    """Return the greatest known piece of every group and weight, of equal ones the earliest."""
    best: dict[Place, Piece] = {}
    for at, place in counted.items():
        piece = known.get(at)
        if piece and (place not in best or piece.wh > best[place].wh):
            best[place] = piece
    return best


def _put(best: dict[Group, Peak], peak: Peak) -> None:
    """Keep a peak where it is the greatest of its group; of equal ones the earliest."""
    old = best.get(peak.group)
    if old is None or (peak.weighted, old.start) > (old.weighted, peak.start):
        best[peak.group] = peak


def _find_least(blocks: Iterable[Piece], rule: Rule, best: dict[Group, Peak]) -> list[Peak]:
    """Return the peaks that blocks hold at least.

    A block of one group holds one; a block of as many groups as it has pieces holds the mean in each, as the sum of
    the greatest is least when all are equal. Of a block over several days it is not known which has the peak: the
    greatest such block counts where it changes least, which holds for one block only.
    """
    found: list[Peak] = []
    across: list[tuple[Fraction, Piece, list[Group]]] = []
    for block in blocks:
        places = [rule.place(at) for at in _list_starts(rule.component, Period(block.start, block.end))]
        weight = min(place.weight for place in places)
        groups = list(dict.fromkeys(place.group for place in places))
        if not weight:
            continue
        if len(groups) in (1, len(places)):
            found += [_make_peak(block, weight, group) for group in groups]
        else:
            across.append((weight, block, groups))
    heights = {group: peak.weighted for group, peak in best.items()}
    for peak in found:
        heights[peak.group] = max(heights.get(peak.group, Fraction(0)), peak.weighted)
    return found + _find_across(across, heights)


def _find_across(blocks: Sequence[tuple[Fraction, Piece, list[Group]]], heights: dict[Group, Fraction]) -> list[Peak]:
    """Return the peak of the greatest block over several groups, in the group where it changes least."""
    if not blocks:
        return []
    weight, block, groups = max(blocks, key=lambda each: each[0] * each[1].kw)
    return [_make_peak(block, weight, max(groups, key=lambda group: heights.get(group, Fraction(0))))]


def _make_peak(block: Piece, weight: Fraction, group: Group) -> Peak:
    return Peak(block.start, block.end, block.kw, block.kw * weight, group, "at least")
