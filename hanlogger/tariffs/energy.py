"""What each kWh costs: for every span of energy and every line its quantity, price and sum, exactly.

Sums are signed: what is paid to the customer (sold energy, support) is below zero. A span over several quarters of an
hour with different prices gives the least that it can cost. A price that is missing leaves the sum unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Literal, NamedTuple

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import EVER, Period
from hanlogger.tariffs.model import EnergyLine, SupportLine, Tariff
from hanlogger.tariffs.rates import KnownLine, Pricing, Unit, find_pricing, list_lines
from hanlogger.tariffs.spot import SpotPrices, list_quarters

Known = Literal["measured", "at least", "incomplete", "unknown"]
"""measured: exact · at least: it cannot be less · incomplete: of what is known · unknown: a price is missing."""

WH = 1000  # in a kWh


class Charge(NamedTuple):
    """What a line asks for the energy of a span."""

    line: KnownLine
    start: datetime
    end: datetime
    wh: Decimal
    unit: Unit | None  # None: there are several prices, and it is not known when the energy was used
    least: Fraction | None  # the lowest of several prices for a kWh; None: one of them is missing
    quality: Known

    @property
    def kwh(self) -> Fraction:
        """The energy of the span in kWh."""
        return Fraction(self.wh) / WH

    @property
    def amount(self) -> Fraction | None:
        """What it costs, with value added tax, below zero where it is paid out; None: unknown."""
        price = self.unit.price if self.unit else self.least
        return Fraction(0) if not self.wh else None if price is None else self.kwh * price


@dataclass
class LineMeter:
    """Prices the energy of one line span after span, in the order of time. `left`: Wh of this month below the cap."""

    line: KnownLine
    pricing: Pricing
    period: Period  # in which the line asks for something
    left: Decimal | None = None
    month: str = ""

    def __post_init__(self) -> None:
        self.get_energy: Callable[[Span], Decimal | None] = attrgetter(
            "exported" if is_export(self.line) else "imported"
        )

    @property
    def is_capped(self) -> bool:
        """Whether the line is for a month's first kWh alone, so that it matters what came before a span."""
        return isinstance(self.line, SupportLine) and self.line.cap is not None

    def charge(self, span: Span) -> Charge | None:
        """Return what a span costs by this line; None where no energy is known, or the line has no price then."""
        wh = self.get_energy(span)
        if wh is None or span.end <= self.period.start or span.start >= self.period.end:
            return None
        units = self._price_all(span)
        if units == [None]:
            return None
        if isinstance(self.line, SupportLine) and self.line.cap is not None:
            wh = self._limit_to_cap(wh, self.line.cap, span)
        unit = units[0] if len(units) == 1 else None
        least = None if unit else _find_least([each.price if each else Fraction(0) for each in units])
        missing = wh and (unit.spot is None if unit else least is None)
        quality = "unknown" if missing else _judge_quality(span, len(units))
        return Charge(self.line, span.start, span.end, wh, unit, least, quality)

    def _price_all(self, span: Span) -> list[Unit | None]:
        """Return the different prices within a span, None where nothing is asked."""
        first, *others = list_quarters(span.start, span.end)
        return list(dict.fromkeys(map(self._price, (first, *others)))) if others else [self._price(first)]

    def _price(self, quarter: datetime) -> Unit | None:
        return self.pricing.price(quarter) if self.period.start <= quarter < self.period.end else None

    def _limit_to_cap(self, wh: Decimal, cap: Decimal, span: Span) -> Decimal:
        """Return the energy that gets a support, of which a month's first kWh do."""
        month = f"{self.line.clock.tell(span.start):%Y-%m}"
        if month != self.month or self.left is None:
            self.month, self.left = month, cap * WH
        wh = min(wh, self.left)
        self.left -= wh
        return wh


def is_export(line: KnownLine) -> bool:
    """Return whether a line is for energy that is sold."""
    return isinstance(line, EnergyLine) and line.direction == "export"


def _find_least(prices: Sequence[Fraction | None]) -> Fraction | None:
    """Return the least of several prices; None where one of them is missing."""
    known = [price for price in prices if price is not None]
    return min(known) if len(known) == len(prices) else None


def _judge_quality(span: Span, prices: int) -> Known:
    if span.quality == "partial":
        return "incomplete"
    return "measured" if prices == 1 else "at least"


def list_meters(tariff: Tariff, prices: SpotPrices, period: Period) -> list[LineMeter]:
    """Return what prices the energy of each energy line and support of a tariff, within a period."""
    return [
        LineMeter(line, find_pricing(line, prices), tariff.find_valid_time(line).clip(period))
        for line in list_lines(tariff)
    ]


def charge_all(tariff: Tariff, spans: Iterable[Span], prices: SpotPrices, period: Period = EVER) -> Iterator[Charge]:
    """Yield what each energy line and support of a tariff asks for each span, within a period.

    Spans come in the order of time; where a support has a cap, from the beginning of a month.
    """
    meters = list_meters(tariff, prices, period)
    for span in spans:
        for meter in meters:
            if charge := meter.charge(span):
                yield charge
