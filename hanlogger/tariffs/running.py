"""The running hour or quarter: what it is going to be, and what it may be without raising the fee for power."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hanlogger.tariffs.peaks import Peak, Peaks, Place, Quality, Rule
from hanlogger.tariffs.power import PowerCost, combine, find_step
from hanlogger.tariffs.spot import find_beginning


@dataclass(frozen=True)
class Running:
    """An hour or a quarter that is not over, as a component of a power line sees it. All powers are in kW."""

    start: datetime
    end: datetime
    so_far: Fraction  # kWh
    least: Fraction  # its mean if nothing more is used
    forecast: Fraction  # its mean if the power stays as it is
    limit: Fraction | None  # the mean that leaves the fee as it is; None: no mean raises it
    allowed: Fraction | None  # the power until its end that keeps it at the limit: 0 where it is above it already
    extra: Fraction  # by how much the forecast raises the month's fee, with value added tax
    quality: Quality = "measured"  # at least: its beginning is not known


def look_ahead(
    cost: PowerCost, number: int, now: datetime, wh: Decimal, power: Decimal, *, whole: bool = True
) -> Running | None:
    """Return the running piece of a component, by its number in the line; None while it does not count.

    `wh`: what was used in it up to `now`; `power`: W now; `whole`: whether `wh` is known from the piece's beginning.
    """
    minutes = cost.peaks[number].component.minutes
    start, length = find_beginning(now, minutes), timedelta(minutes=minutes)
    hours, left = Fraction(minutes, 60), Fraction((start + length - now) / timedelta.resolution) / 3_600_000_000
    if not _place(cost, number, start).weight:
        return None
    so_far = Fraction(wh) / 1000
    forecast = (so_far + Fraction(power) / 1000 * left) / hours
    limit = find_limit(cost, number, start)
    allowed = None if limit is None else max((limit * hours - so_far) / left, Fraction(0))
    return Running(
        start,
        start + length,
        so_far,
        so_far / hours,
        forecast,
        limit,
        allowed,
        max(find_fee_with(cost, number, start, forecast) - cost.fee, Fraction(0)),
        "measured" if whole else "at least",
    )


def find_next_kw(cost: PowerCost, number: int, start: datetime) -> Fraction | None:
    """Return what a kW above the limit in the piece that begins at `start` adds to the fee; None without a limit."""
    limit = find_limit(cost, number, start)
    return None if limit is None else find_fee_with(cost, number, start, limit + 1) - cost.fee


def find_fee_with(cost: PowerCost, number: int, start: datetime, kw: Fraction) -> Fraction:
    """Return the fee of the month when the piece that begins at `start` has a mean power of `kw`."""
    added = _add(cost.peaks[number], _place(cost, number, start), start, kw, grows=cost.line.fewer == "found")
    return replace(cost, peaks=(*cost.peaks[:number], added, *cost.peaks[number + 1 :])).fee


def _place(cost: PowerCost, number: int, start: datetime) -> Place:
    return Rule(cost.peaks[number].component, cost.line.clock).place(start)


def _add(peaks: Peaks, place: Place, start: datetime, kw: Fraction, *, grows: bool) -> Peaks:
    weight, group = place
    own = next((peak.weighted for peak in peaks.best if peak.group == group), None)
    if not weight or (own is not None and kw * weight <= own):
        return peaks
    end = start + timedelta(minutes=peaks.component.minutes)
    best = [peak for peak in peaks.best if peak.group != group]
    best.append(Peak(start, end, kw, kw * weight, group))
    ranked = tuple(sorted(best, key=lambda peak: (-peak.weighted, peak.start)))
    return replace(peaks, best=ranked, divisor=_compute_divisor(peaks, len(best)) if grows else peaks.divisor)


def _compute_divisor(peaks: Peaks, groups: int) -> int:
    """Return what a sum is divided by with so many groups: one more may have come, up to how many there should be."""
    return max(peaks.divisor, min(peaks.component.count, groups))


def find_limit(cost: PowerCost, number: int, start: datetime) -> Fraction | None:
    """Return the mean power that the piece which begins at `start` may have without raising the fee so far.

    None where it does not count, or where no power raises the fee, on the highest step.
    """
    peaks = cost.peaks[number]
    weight, group = _place(cost, number, start)
    value = _find_value(cost, number)
    if not weight or value is None:
        return None
    others = [peak.weighted for peak in peaks.best if peak.group != group]
    if cost.line.billing == "each":
        return sum((peak.weighted for peak in peaks.best if peak.group == group), Fraction(0)) / weight
    divisor = _compute_divisor(peaks, len(others) + 1) if cost.line.fewer == "found" else peaks.divisor
    total = (value / Fraction(peaks.component.factor) + Fraction(peaks.component.deduct)) * divisor
    return (total - sum(others[: peaks.component.count - 1], Fraction(0))) / weight


def _find_value(cost: PowerCost, number: int) -> Fraction | None:
    """Return the component's mean up to which the fee stays as it is; None where it stays whatever the mean."""
    line, means = cost.line, [peaks.mean for peaks in cost.peaks]
    together = combine(line, means)
    free = max(together, Fraction(line.floor)) if line.over == "mean of 12 months" else together
    if line.billing == "steps":
        above = find_step(line, cost.kw) + 1
        if above == len(line.steps):
            return None
        missing = Fraction(line.steps[above].start) - cost.kw
        free += missing * (len(cost.others) + 1 if line.over == "mean of 12 months" else 1)
    return free if line.combine == "max" else means[number] + free - together
