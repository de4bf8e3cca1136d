"""What lines ask for many spans together: energies of one price are added up, and multiplied once."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from operator import mul
from typing import NamedTuple

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import Period
from hanlogger.tariffs.energy import WH, Charge, Known, LineMeter, list_meters
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.rates import NOTHING, KnownLine, LineRate
from hanlogger.tariffs.spot import EXACT, QUARTER, SpotPrices

Sums = dict[int | None, "Sum"]
"""By the number of a line's rate; None: it is not known at which the energy was used."""


class Priced(NamedTuple):
    """Energies (Wh) of quarters of an hour at one rate, and where a share of the spot price is in it those prices."""

    rate: LineRate
    energies: list[Decimal]
    spots: list[Decimal]

    @property
    def amount(self) -> Fraction:
        """What they cost together, with value added tax, as an exact number."""
        base, share = self.rate.linear
        with localcontext(EXACT):
            products = sum(map(mul, self.energies, self.spots), Decimal(0))
        return (base * Fraction(_add(self.energies)) + share * Fraction(products)) / WH


class Sum:
    """What a line asks at one rate."""

    def __init__(self) -> None:
        self.qualities: set[Known] = set()
        self._unknown: list[Charge] = []  # of which a price is missing
        self._others: list[Charge] = []  # of which the amount is known
        self._priced: list[Priced] = []

    def add(self, charge: Charge) -> None:
        """Add what a line asks for a span."""
        self.qualities.add(charge.quality)
        (self._unknown if charge.quality == "unknown" else self._others).append(charge)

    def add_priced(self, priced: Priced) -> None:
        """Add what a line asks for known quarters of an hour of one price."""
        self.qualities.add("measured")
        self._priced.append(priced)

    @property
    def unknown(self) -> Decimal:
        """The energy of which a price is missing."""
        return _add(charge.wh for charge in self._unknown)

    @property
    def first_unknown(self) -> datetime | None:
        """From when on a price is missing first."""
        return min((charge.start for charge in self._unknown), default=None)

    @property
    def wh(self) -> Decimal:
        """The energy, with and without a price."""
        charged = (charge.wh for charge in (*self._unknown, *self._others))
        return _add([*charged, *(_add(priced.energies) for priced in self._priced)])

    @property
    def amount(self) -> Fraction:
        """What is known of the sum, with value added tax."""
        known = (charge.amount or Fraction(0) for charge in self._others)
        return sum((*known, *(priced.amount for priced in self._priced)), Fraction(0))


def _add(numbers: Iterable[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(numbers, Decimal(0))


def sum_charges(
    tariff: Tariff, spans: Sequence[Span], prices: SpotPrices, period: Period
) -> Iterator[tuple[KnownLine, Sums]]:
    """Yield each energy line and support of a tariff with its sums within a period; spans as for `charge_all`."""
    quarters: list[Span] = []
    others: list[Span] = []
    for span in spans:
        start, end, _, _, quality = span
        (quarters if quality == "measured" and end - start == QUARTER else others).append(span)
    for meter in list_meters(tariff, prices, period):
        yield meter.line, _sum_line(meter, [], spans) if meter.is_capped else _sum_line(meter, quarters, others)


def _sum_line(meter: LineMeter, quarters: Sequence[Span], others: Sequence[Span]) -> Sums:
    """Return the sums of a line. Nearly all spans are known quarters with a price, of which no charge need be made."""
    sums: defaultdict[int | None, Sum] = defaultdict(Sum)
    priced, unpriced = _price_quarters(meter, quarters)
    for each in priced:
        sums[each.rate.number].add_priced(each)
    for span in (*others, *unpriced):
        if charge := meter.charge(span):
            sums[charge.unit.rate if charge.unit else None].add(charge)
    return sums


def _price_quarters(meter: LineMeter, quarters: Sequence[Span]) -> tuple[Iterable[Priced], list[Span]]:
    """Return the energies of known quarters by their price, and the quarters of which energy or price is missing."""
    first, last = (bisect_left(quarters, (instant,)) for instant in meter.period)
    by_rate: dict[int, Priced] = {}  # by the identity of a rate
    missing: list[Span] = []
    get_energy, (find_rate, find_spot) = meter.get_energy, meter.pricing
    for span in quarters[first:last]:
        wh, rate = get_energy(span), find_rate(span.start)
        spot = find_spot(span.start) if rate and rate.by_spot else NOTHING
        if wh is None or rate is None or spot is None:
            missing.append(span)
            continue
        priced = by_rate.get(id(rate))
        if priced is None:
            priced = by_rate[id(rate)] = Priced(rate, [], [])
        priced.energies.append(wh)
        if rate.by_spot:
            priced.spots.append(spot)
    return by_rate.values(), missing
