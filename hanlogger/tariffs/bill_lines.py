"""The lines of a bill: fixed ones, of energy by rate, and of power, each with how well it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from hanlogger.humanize import round_to
from hanlogger.intervals import Span
from hanlogger.language import Text
from hanlogger.tariffs import said
from hanlogger.tariffs.calendar import Period, count_days_of_month, count_days_of_year
from hanlogger.tariffs.coverage import find_missing, join_known
from hanlogger.tariffs.energy import WH, Known, is_export
from hanlogger.tariffs.model import FixedLine, Tariff
from hanlogger.tariffs.power import PowerCost
from hanlogger.tariffs.rates import KnownLine
from hanlogger.tariffs.spot import SpotPrices
from hanlogger.tariffs.sums import Sum, sum_charges

ORDER: tuple[Known, ...] = ("measured", "at least", "incomplete", "unknown")
"""How well a sum is known, the best first: a sum of several is known as well as the worst of them."""

CENTS = 2  # places to which a bill rounds each line


@dataclass(frozen=True)
class BillLine:
    """A line of a bill. Money has value added tax in it, and is below zero where it is paid to the customer."""

    tariff: str
    line: str  # the name of the tariff's line
    rate: str  # of several rates, which; `time unknown` for energy of which it is not known when it was used
    quantity: Fraction | None
    unit: str  # kWh, kW, month or day
    price: Fraction | None  # for a unit: of several in one line, their mean
    exact: Fraction  # the sum, or what is known of it
    how: Text
    quality: Known

    @property
    def amount(self) -> Decimal | None:
        """The sum, rounded; None where it is unknown, of which `known` is a part."""
        return None if self.quality == "unknown" else self.known

    @property
    def known(self) -> Decimal:
        """What is known of the sum, rounded."""
        return round_to(self.exact, CENTS)

    @property
    def name(self) -> str:
        """What the line is called: its name, and that of its rate."""
        return name_line(self.line, self.rate)


def name_line(line: str, rate: str) -> str:
    """Return what a bill calls a line of a tariff and its rate, "" where it has one alone."""
    return f"{line}: {rate}" if rate else line


def find_worst(qualities: Iterable[Known]) -> Known:
    """Return the worst of several qualities."""
    return max(qualities, key=ORDER.index, default="measured")


# --- fixed lines


def bill_fixed(tariff: Tariff, month: date) -> Iterator[BillLine]:
    """Yield the fixed lines of a month, by its first day."""
    for line in tariff.fixed:
        days = _count_valid_days(tariff, line, month)
        if days:
            quantity, unit, price = _compute_fixed(line, days, month)
            exact = quantity * price
            how = said.explain_fixed(line, days, month)
            yield BillLine(tariff.name, line.name, "", quantity, unit, price, exact, how, "measured")


def _count_valid_days(tariff: Tariff, line: FixedLine, month: date) -> int:
    valid = tariff.clock.find_month(month).clip(tariff.find_valid_time(line))
    first, last = (tariff.clock.tell(instant).date() for instant in valid)
    return (last - first).days if valid.length else 0


def _compute_fixed(line: FixedLine, days: int, month: date) -> tuple[Fraction, str, Fraction]:
    """Return quantity, unit and price for a unit of a fixed line that is valid on so many days of a month."""
    price = line.price.gross
    if line.per == "day":
        return Fraction(days), "day", price
    if line.per == "year" and line.year_by == "days":
        return Fraction(days), "day", price / count_days_of_year(month.year)
    return Fraction(days, count_days_of_month(month)), "month", price / 12 if line.per == "year" else price


# --- energy


def bill_energy(
    tariff: Tariff, spans: Sequence[Span], prices: SpotPrices, month: date, until: datetime | None
) -> Iterator[BillLine]:
    """Yield the lines of energy of a month, by its first day; `spans`: those that reach into it, in order of time.

    `until`: in a running month, what comes after is not missing.
    """
    whole = tariff.clock.find_month(month)
    past = whole.clip(Period(whole.start, until)) if until else whole
    known = {exported: join_known(spans, exported=exported) for exported in (False, True)}
    for line, sums in sum_charges(tariff, spans, prices, whole):
        missing = find_missing(known[is_export(line)], past.clip(tariff.find_valid_time(line)))
        complete = not any(missing)
        by_rate = sums or ({} if complete else {0: Sum()})
        for rate in sorted(by_rate, key=lambda each: (each is None, each or 0)):
            yield _make_energy_line(tariff, line, rate, by_rate[rate], complete=complete)


def _make_energy_line(tariff: Tariff, line: KnownLine, rate: int | None, sum_: Sum, *, complete: bool) -> BillLine:
    quality = find_worst((*sum_.qualities, *(() if complete else ("incomplete",))))
    kwh, unknown, amount = Fraction(sum_.wh) / WH, Fraction(sum_.unknown) / WH, sum_.amount
    price = amount / (kwh - unknown) if kwh != unknown else None
    how = said.explain_energy(line, rate, unknown, sum_.first_unknown)
    return BillLine(tariff.name, line.name, said.name_rate(line, rate), kwh, "kWh", price, amount, how, quality)


# --- power


def make_power_line(tariff: Tariff, cost: PowerCost) -> BillLine:
    """Return the line of a fee for power."""
    linear = cost.line.billing == "linear" and not cost.line.base
    price = cost.price_net * cost.factor / (12 if cost.line.per == "year" else 1) if linear else None
    return BillLine(
        tariff.name, cost.line.name, "", cost.kw, "kW", price, cost.fee, said.explain_power(cost), cost.quality
    )
