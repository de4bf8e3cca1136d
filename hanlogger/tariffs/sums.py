"""What lines ask for many spans together: energies of one price are added up, and multiplied once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import Period
from hanlogger.tariffs.energy import WH, Charge, Known, LineMeter, list_meters
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.rates import KnownLine, Linear, Unit
from hanlogger.tariffs.spot import EXACT, SpotPrices

Sums = dict[int | None, "Sum"]
"""By the number of a line's rate; None: it is not known at which the energy was used."""


class Priced(NamedTuple):
    """Energies (Wh) of one price, and where a share of the spot price is in it their products with that."""

    linear: Linear
    energies: list[Decimal]
    spots: list[Decimal]


class Sum:
    """What a line asks at one rate."""

    def __init__(self) -> None:
        self.qualities: set[Known] = set()
        self.unknown = Decimal(0)  # Wh without a price
        self.first_unknown: datetime | None = None
        self._priced: dict[int, Priced] = {}  # by the identity of the price
        self._others: list[Charge] = []  # without one price, of which the amount is known all the same

    def add(self, charge: Charge) -> None:
        """Add what a line asks for a span."""
        self.qualities.add(charge.quality)
        if charge.quality == "unknown":
            self.unknown = EXACT.add(self.unknown, charge.wh)
            self.first_unknown = self.first_unknown or charge.start
        elif charge.unit is None or charge.unit.spot is None:
            self._others.append(charge)
        else:
            self._count(charge.wh, charge.unit)

    def add_quarter(self, wh: Decimal, unit: Unit) -> None:
        """Add what a line asks for a known quarter with a known price."""
        self.qualities.add("measured")
        self._count(wh, unit)

    def _count(self, wh: Decimal, unit: Unit) -> None:
        priced = self._priced.get(id(unit.linear))
        if priced is None:
            priced = self._priced[id(unit.linear)] = Priced(unit.linear, [], [])
        priced.energies.append(wh)
        if unit.spot:
            priced.spots.append(EXACT.multiply(wh, unit.spot))

    @property
    def wh(self) -> Decimal:
        """The energy, with and without a price."""
        others = [charge.wh for charge in self._others]
        return _add([self.unknown, *others, *(_add(priced.energies) for priced in self._priced.values())])

    @property
    def amount(self) -> Fraction:
        """What is known of the sum, with value added tax."""
        others = sum((charge.amount or Fraction(0) for charge in self._others), Fraction(0))
        priced = (
            linear.base * Fraction(_add(energies)) + linear.share * Fraction(_add(spots))
            for linear, energies, spots in self._priced.values()
        )
        return others + sum(priced, Fraction(0)) / WH


def _add(numbers: Sequence[Decimal]) -> Decimal:
    return reduce(EXACT.add, numbers, Decimal(0))


def sum_charges(
    tariff: Tariff, spans: Sequence[Span], prices: SpotPrices, period: Period
) -> Iterator[tuple[KnownLine, Sums]]:
    """Yield each energy line and support of a tariff with its sums within a period; spans as for `charge_all`."""
    for meter in list_meters(tariff, prices, period):
        yield meter.line, _sum_line(meter, spans)


def _sum_line(meter: LineMeter, spans: Iterable[Span]) -> Sums:
    """Return the sums of a line. Nearly all spans are known quarters, of which no charge need be made."""
    sums: defaultdict[int | None, Sum] = defaultdict(Sum)
    for span in spans:
        if quarter := meter.price_quarter(span):
            sums[quarter[1].rate].add_quarter(*quarter)
        elif charge := meter.charge(span):
            sums[charge.unit.rate if charge.unit else None].add(charge)
    return sums
