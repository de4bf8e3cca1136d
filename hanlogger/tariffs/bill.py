"""The bill of a month, of all contracts of a meter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter

from hanlogger.intervals import Span
from hanlogger.language import Text
from hanlogger.tariffs import said
from hanlogger.tariffs.bill_lines import BillLine, bill_energy, bill_fixed, find_worst, make_power_line
from hanlogger.tariffs.calendar import Period
from hanlogger.tariffs.contracts import list_missing, refuse_overlaps
from hanlogger.tariffs.coverage import find_missing, join_known
from hanlogger.tariffs.energy import Known
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.power import PowerCost, find_power_cost
from hanlogger.tariffs.spot import SpotPrices


@dataclass(frozen=True)
class Bill:
    """What a month costs. `until`: up to where one that runs is judged; `missing`: when no energy is known."""

    month: date
    until: datetime | None
    currency: str
    lines: tuple[BillLine, ...]
    powers: tuple[PowerCost, ...]
    missing: tuple[Period, ...]
    notes: tuple[Text, ...]

    @property
    def total(self) -> Decimal | None:
        """The sum of the rounded lines; None where one of them is unknown."""
        return None if self.quality == "unknown" else self.known

    @property
    def known(self) -> Decimal:
        """The sum of what is known of the rounded lines."""
        return sum((line.known for line in self.lines), Decimal(0))

    @property
    def quality(self) -> Known:
        """How well the sum is known: as the worst of its lines."""
        return find_worst(line.quality for line in self.lines)


def make_bill(
    contracts: Sequence[Tariff],
    spans: Iterable[Span],
    prices: Mapping[datetime, Decimal],
    month: date,
    until: datetime | None = None,
) -> Bill:
    """Return the bill of a month, by its first day, of all contracts that are valid in it.

    `spans`: the meter's energy, in any order; those of other months matter to fees over 12 months only. `prices`: for
    a kWh without tax, by instant (UTC). `until`: in a running month, what comes after is not missing. ConfigError
    where two contracts of one part are valid at one time.
    """
    refuse_overlaps(contracts)
    every, spot = list(spans), SpotPrices(prices)
    lines: list[BillLine] = []
    powers: list[PowerCost] = []
    for tariff in contracts:
        inside = _select(every, tariff.clock.find_month(month))
        costs = [
            find_power_cost(line, tariff, inside if line.over == "month" else every, month, until)
            for line in tariff.power
        ]
        powers += [cost for cost in costs if cost]
        lines += bill_fixed(tariff, month)
        lines += bill_energy(tariff, inside, spot, month, until)
        lines += [make_power_line(tariff, cost) for cost in costs if cost]
    missing = _list_missing(contracts[0], every, month, until) if contracts else ()
    notes = [said.explain_no_tariff(part, period) for part, period in list_missing(contracts, month)]
    currency = contracts[0].currency if contracts else ""
    return Bill(month, until, currency, tuple(lines), tuple(powers), missing, tuple(notes))


def _list_missing(tariff: Tariff, spans: Iterable[Span], month: date, until: datetime | None) -> tuple[Period, ...]:
    whole = tariff.clock.find_month(month)
    known = whole.clip(Period(whole.start, until)) if until else whole
    return tuple(find_missing(join_known(_select(spans, whole), exported=False), known))


def _select(spans: Iterable[Span], period: Period) -> list[Span]:
    """Return the spans that reach into a period, in the order of time."""
    inside = (span for span in spans if span.end > period.start and span.start < period.end)
    return sorted(inside, key=attrgetter("start", "end"))
