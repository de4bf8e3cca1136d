"""The fee for power of a month: components' means become one number of kW, and that a sum of money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import Period, add_months, count_days_of_month
from hanlogger.tariffs.model import Component, PowerLine, Price, SeasonPrice, Tariff
from hanlogger.tariffs.peaks import Peaks, Quality, Rule, find_peaks
from hanlogger.tariffs.pieces import Pieces, cut, roll

YEAR = 12  # months


@dataclass(frozen=True)
class PowerCost:
    """What a power line asks for a month, and of which peaks."""

    line: PowerLine
    month: date  # its first day
    peaks: tuple[Peaks, ...]  # of each component: of the month, or of the last 12 months
    others: tuple[Fraction, ...]  # kW of the months before this one, each at least the floor; of a mean of 12 months
    share: Fraction  # of the month, for which the line is valid; 1 where a part counts as the whole
    quality: Quality

    @property
    def kw(self) -> Fraction:
        """The power that the fee is of."""
        return self.find_kw([peaks.mean for peaks in self.peaks])

    @property
    def fee(self) -> Fraction:
        """What the month's power costs, with value added tax."""
        if self.line.billing == "each":
            kw = sum((peak.weighted for peaks in self.peaks for peak in peaks.best), Fraction(0))
            return kw * self.price_net * self.factor * self.share
        return self.find_fee(self.kw)

    @property
    def price(self) -> SeasonPrice | None:
        """The price for a kW in this month; None where there is none."""
        return next((each for each in self.line.prices if not each.months or self.month.month in each.months), None)

    @property
    def price_net(self) -> Fraction:
        """The price for a kW in this month without value added tax; 0 where there is none."""
        return self.price.price.net if self.price else Fraction(0)

    @property
    def factor(self) -> Fraction:
        """What a sum without value added tax is multiplied by to have it in."""
        return next(price.factor for price in _list_prices(self.line))

    def find_kw(self, means: Sequence[Fraction]) -> Fraction:
        """Return the power that components' means give together, over as many months as the line looks at."""
        kw = combine(self.line, means)
        if self.line.over != "mean of 12 months":
            return kw
        months = (*self.others, max(kw, Fraction(self.line.floor)))
        return sum(months, Fraction(0)) / (YEAR if self.line.fewer == "count" else len(months))

    def find_fee(self, kw: Fraction) -> Fraction:
        """Return what a power costs in this month, with value added tax."""
        return self._find_net(kw) * self.factor * self.share / (YEAR if self.line.per == "year" else 1)

    def _find_net(self, kw: Fraction) -> Fraction:
        if self.line.billing == "steps":
            return self.line.steps[find_step(self.line, kw)].price.net
        return (self.line.base.net if self.line.base else 0) + self.price_net * kw


def _list_prices(line: PowerLine) -> Iterable[Price]:
    yield from (each.price for each in line.prices)
    yield from (each.price for each in line.steps)


def combine(line: PowerLine, means: Sequence[Fraction]) -> Fraction:
    """Return the power that components' means give together in one month."""
    return max(means) if line.combine == "max" else sum(means, Fraction(0))


def find_step(line: PowerLine, kw: Fraction) -> int:
    """Return the index of the step that a power is in; one that is exactly a threshold as `equal` says."""
    reached = [
        number
        for number, step in enumerate(line.steps)
        if number == 0 or kw > step.start or (kw == step.start and line.equal == "upper")
    ]
    return reached[-1]


def find_power_cost(
    line: PowerLine, tariff: Tariff, spans: Sequence[Span], month: date, until: datetime | None = None
) -> PowerCost | None:
    """Return what a power line asks for a month; None where it is not valid in it.

    `spans`: all that are known, for a line over 12 months also those before. `until`: in a running month, up to where
    it is judged; what comes after is not missing.
    """
    whole = tariff.clock.find_month(month)
    valid = whole.clip(tariff.find_valid_time(line))
    period = Period(valid.start, min(valid.end, until)) if until else valid
    if not valid.length:
        return None
    cutter = _Cutter(spans)
    if line.over == "12 months":
        year = Period(tariff.clock.find_month(add_months(month, 1 - YEAR)).start, period.end)
        period = year.clip(tariff.clock.span(tariff.customer_since, None))
    peaks = _find_all(line, cutter, period)
    others = list(_list_months_before(line, tariff, cutter, month)) if line.over == "mean of 12 months" else []
    least = any(each.quality == "at least" for each in (*peaks, *(each for _, those in others for each in those)))
    quality: Quality = "at least" if least else "measured"
    return PowerCost(line, month, peaks, tuple(kw for kw, _ in others), _share(line, whole, valid, month), quality)


def _share(line: PowerLine, whole: Period, valid: Period, month: date) -> Fraction:
    """Return for which part of the month the fee is asked, in whole days."""
    if line.part_month == "whole" or valid == whole:
        return Fraction(1)
    days = count_days_of_month(month)
    return Fraction(round(Fraction(valid.length / whole.length) * days), days)


class _Cutter:
    """Cuts the same spans once for each length of pieces and direction."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._made: dict[tuple[int, bool, str], Pieces] = {}

    def cut(self, component: Component) -> Pieces:
        """Return the pieces of a component."""
        key = (component.minutes, component.rolling, component.direction)
        if key not in self._made:
            pieces = cut(self._spans, component.minutes, component.direction)
            quarters = cut(self._spans, 15, component.direction) if component.rolling else None
            self._made[key] = roll(quarters, pieces) if quarters else pieces
        return self._made[key]


def _find_all(line: PowerLine, cutter: _Cutter, period: Period) -> tuple[Peaks, ...]:
    return tuple(
        find_peaks(cutter.cut(each), Rule(each, line.clock), period, fewer=line.fewer) for each in line.components
    )


def _list_months_before(
    line: PowerLine, tariff: Tariff, cutter: _Cutter, month: date
) -> Iterable[tuple[Fraction, tuple[Peaks, ...]]]:
    """Yield the power of each of the eleven months before, since the customer's contract began, at least the floor."""
    since = tariff.clock.span(tariff.customer_since, None)
    for back in range(YEAR - 1, 0, -1):
        period = tariff.clock.find_month(add_months(month, -back)).clip(since)
        if period.length:
            peaks = _find_all(line, cutter, period)
            kw = combine(line, [each.mean for each in peaks])
            yield max(kw, Fraction(line.floor)), peaks
