"""What each kWh costs: for every span of energy and every line its quantity, price and sum, exactly.

Sums are signed: what is paid to the customer (sold energy, support) is below zero. A span over several quarters of an
hour with different prices gives the least that it can cost. A price that is missing leaves the sum unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import EVER, Period
from hanlogger.tariffs.model import EnergyLine, SupportLine, Tariff
from hanlogger.tariffs.spot import SpotPrices, quarters
from hanlogger.tariffs.windows import Timetable

Known = Literal["measured", "at least", "incomplete", "unknown"]
"""measured: exact · at least: it cannot be less · incomplete: of what is known · unknown: a price is missing."""

KnownLine = EnergyLine | SupportLine


class Unit(NamedTuple):
    """What a kWh costs in a quarter of an hour, with value added tax; below zero where it is paid to the customer."""

    rate: int  # the number of the line's rate
    price: Fraction | None  # None: the spot price is missing


@dataclass(frozen=True)
class Charge:
    """What a line asks for the energy of a span."""

    line: KnownLine
    start: datetime
    end: datetime
    rate: int | None  # None: one of several prices, as it is not known when the energy was used
    kwh: Fraction
    amount: Fraction | None  # signed, with value added tax; None: unknown
    quality: Known


@dataclass
class Meter:
    """Prices the energy of one line span after span, in the order of time. `left`: kWh of this month below the cap."""

    line: KnownLine
    price: Callable[[datetime], Unit | None]
    period: Period  # in which the line asks for something
    left: Fraction | None = None
    month: str = ""

    def charge(self, span: Span) -> Charge | None:
        """Return what a span costs by this line; None where no energy is known, or the line has no price then."""
        wh = span.exported if is_export(self.line) else span.imported
        if wh is None or span.end <= self.period.start or span.start >= self.period.end:
            return None
        units = {self._price(quarter) for quarter in quarters(span.start, span.end)}
        if units == {None}:
            return None
        kwh = self._below_cap(Fraction(wh) / 1000, span)
        least = _least([unit.price if unit else Fraction(0) for unit in units])
        first = next(iter(units))
        rate = first.rate if first and len(units) == 1 else None
        amount = Fraction(0) if not kwh else None if least is None else kwh * least
        return Charge(self.line, span.start, span.end, rate, kwh, amount, _quality(span, amount, len(units)))

    def _price(self, quarter: datetime) -> Unit | None:
        return self.price(quarter) if self.period.start <= quarter < self.period.end else None

    def _below_cap(self, kwh: Fraction, span: Span) -> Fraction:
        """Return the energy that gets a support, of which a month's first kWh do; all of any other line."""
        if not isinstance(self.line, SupportLine) or self.line.cap is None:
            return kwh
        month = f"{self.line.clock.tell(span.start):%Y-%m}"
        if month != self.month or self.left is None:
            self.month, self.left = month, Fraction(self.line.cap)
        kwh = min(kwh, self.left)
        self.left -= kwh
        return kwh


def is_export(line: KnownLine) -> bool:
    """Return whether a line is for energy that is sold."""
    return isinstance(line, EnergyLine) and line.direction == "export"


def _least(prices: Sequence[Fraction | None]) -> Fraction | None:
    """Return the least of several prices; None where one of them is missing."""
    known = [price for price in prices if price is not None]
    return min(known) if len(known) == len(prices) else None


def _quality(span: Span, amount: Fraction | None, prices: int) -> Known:
    if amount is None:
        return "unknown"
    if span.quality == "partial":
        return "incomplete"
    return "measured" if prices == 1 else "at least"


def charge_all(tariff: Tariff, spans: Iterable[Span], prices: SpotPrices, period: Period = EVER) -> Iterator[Charge]:
    """Yield what each energy line and support of a tariff asks for each span, within a period.

    Spans come in the order of time; where a support has a cap, from the beginning of a month.
    """
    lines: tuple[KnownLine, ...] = (*tariff.energy, *tariff.support)
    meters = [Meter(line, _pricing(line, prices), tariff.valid_time(line).clip(period)) for line in lines]
    for span in spans:
        for meter in meters:
            if charge := meter.charge(span):
                yield charge


def _pricing(line: KnownLine, prices: SpotPrices) -> Callable[[datetime], Unit | None]:
    return _price_support(line, prices) if isinstance(line, SupportLine) else _price_energy(line, prices)


def _price_energy(line: EnergyLine, prices: SpotPrices) -> Callable[[datetime], Unit | None]:
    """Return how to price a quarter of an hour by an energy line."""
    timetable = Timetable([rate.when for rate in line.rates])
    sign = 1 if line.direction == "import" else -1
    fixed = [Unit(number, sign * rate.price.gross) for number, rate in enumerate(line.rates)]
    shares = [sign * Fraction(rate.spot) * rate.price.factor for rate in line.rates]
    find = prices.find_mean if line.spot_by == "hour" else prices.find
    tell = line.clock.tell

    def price(quarter: datetime) -> Unit | None:
        row = timetable.find(tell(quarter))
        if row is None or not shares[row]:
            return None if row is None else fixed[row]
        spot = find(quarter)
        own = fixed[row].price
        return Unit(row, None if spot is None or own is None else own + shares[row] * spot)

    return price


def _price_support(line: SupportLine, prices: SpotPrices) -> Callable[[datetime], Unit | None]:
    """Return how to price a quarter of an hour by a support scheme."""
    threshold, factor = line.threshold.net, line.threshold.factor

    def price(quarter: datetime) -> Unit | None:
        spot = prices.find_mean(quarter)
        if spot is None:
            return Unit(0, None)
        above = spot - threshold
        given = max(above, Fraction(0)) * Fraction(line.share) if line.scheme == "stromstotte" else above
        return Unit(0, -given * factor)

    return price
