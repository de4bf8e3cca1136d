"""The price of a kWh in a quarter of an hour, by a line of a tariff and the spot price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hanlogger.tariffs.model import EnergyLine, SupportLine, Tariff
from hanlogger.tariffs.spot import SpotPrices
from hanlogger.tariffs.windows import Timetable

KnownLine = EnergyLine | SupportLine


class Linear(NamedTuple):
    """A price with value added tax: a sum, and a factor of the spot price; below zero where it is paid out."""

    base: Fraction
    share: Fraction


class LineRate(NamedTuple):
    """A rate of a line: its number, what a kWh costs at it, and whether a share of the spot price is in that."""

    number: int
    linear: Linear
    by_spot: bool


class Unit(NamedTuple):
    """What a kWh costs in a quarter of an hour."""

    rate: int  # the number of the line's rate
    linear: Linear
    spot: Decimal | None  # None: it is missing; 0 where no share of it is asked

    @property
    def price(self) -> Fraction | None:
        """The price with value added tax; None where the spot price is missing."""
        return None if self.spot is None else self.linear.base + self.linear.share * Fraction(self.spot)


NOTHING = Decimal(0)


class Pricing(NamedTuple):
    """How a line prices quarters of an hour, each by the instant at which it begins."""

    find_rate: Callable[[datetime], LineRate | None]  # None: nothing is asked
    find_spot: Callable[[datetime], Decimal | None]  # the spot price of which it asks a share; None: it is missing

    def price(self, quarter: datetime) -> Unit | None:
        """Return the price in a quarter; None where nothing is asked."""
        rate = self.find_rate(quarter)
        return rate and Unit(rate.number, rate.linear, self.find_spot(quarter) if rate.by_spot else NOTHING)


def list_lines(tariff: Tariff) -> tuple[KnownLine, ...]:
    """Return the lines of a tariff that ask for energy: energy lines, sold energy, and support."""
    return (*tariff.energy, *tariff.support)


def list_rates(line: KnownLine) -> list[int | None]:
    """Return the numbers of a line's rates; None stands for energy of which it is not known at which it was used."""
    return [None, *range(len(line.rates) if isinstance(line, EnergyLine) else 1)]


def find_pricing(line: KnownLine, prices: SpotPrices) -> Pricing:
    """Return how a line prices quarters of an hour."""
    return _price_support(line, prices) if isinstance(line, SupportLine) else _price_energy(line, prices)


def _price_energy(line: EnergyLine, prices: SpotPrices) -> Pricing:
    sign = 1 if line.direction == "import" else -1
    linears = [Linear(sign * rate.price.gross, sign * Fraction(rate.spot) * rate.price.factor) for rate in line.rates]
    rates = [LineRate(number, linear, linear.share != 0) for number, linear in enumerate(linears)]
    return Pricing(_find_rate(line, rates), _find_spot(line, prices))


def _find_spot(line: EnergyLine, prices: SpotPrices) -> Callable[[datetime], Decimal | None]:
    """Return how to find the spot price that a line charges a quarter with."""
    if line.spot_by == "month":
        return lambda quarter: line.month_prices.get(line.clock.tell(quarter).date().replace(day=1))
    return prices.find_mean if line.spot_by == "hour" else prices.find


def _find_rate(line: EnergyLine, rates: Sequence[LineRate]) -> Callable[[datetime], LineRate | None]:
    """Return how to find the rate of a quarter: always the first, where that has no window."""
    if not line.rates[0].when:
        return lambda _: rates[0]
    find, tell = Timetable([rate.when for rate in line.rates]).find, line.clock.tell
    return lambda quarter: None if (row := find(tell(quarter))) is None else rates[row]


def _price_support(line: SupportLine, prices: SpotPrices) -> Pricing:
    threshold, factor = line.threshold.net, line.threshold.factor
    share = Fraction(line.share) if line.scheme == "stromstotte" else Fraction(1)
    given = LineRate(0, Linear(share * threshold * factor, -share * factor), by_spot=True)
    nothing = LineRate(0, Linear(Fraction(0), Fraction(0)), by_spot=False)

    def find_rate(quarter: datetime) -> LineRate:
        spot = prices.find_mean(quarter)
        below = spot is not None and spot <= threshold and line.scheme == "stromstotte"
        return nothing if below else given

    return Pricing(find_rate, prices.find_mean)
