"""What a report says of costs: sums of bills, their lines, and the peaks that fees are of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hanlogger.humanize import round_to
from hanlogger.reports.facts import Facts
from hanlogger.reports.words import ReportSpeech
from hanlogger.tariffs.bill_lines import BillLine, find_worst
from hanlogger.tariffs.energy import Known

PLACES = 2


class CostRow(NamedTuple):
    """A line of the cost, its share of the greatest in per cent."""

    name: str
    quantity: str
    amount: str
    share: float


def sum_bills(facts: Facts) -> Decimal | None:
    """Return what is known of the bills of a term; None where there are none."""
    return sum((bill.known for bill in facts.bills), Decimal(0)) if facts.bills else None


def find_quality(facts: Facts) -> Known:
    """Return how well the sum of the bills is known."""
    return find_worst(bill.quality for bill in facts.bills)


def say_cost(facts: Facts, say: ReportSpeech) -> str:
    """Return the sum of the bills, or what is known of it; a dash where nothing of the term is known."""
    total = sum_bills(facts)
    if total is None or facts.total.quality == "unknown":
        return "–"
    return say.cost(find_quality(facts), total, facts.bills[0].currency)


def list_peaks(facts: Facts, say: ReportSpeech) -> Iterator[tuple[str, str, str, str]]:
    """Yield fee name, beginning, power and fee of each peak; only the first peak of a fee has the fee."""
    for bill in facts.bills:
        for cost in bill.powers:
            line = next((line for line in bill.lines if line.line == cost.line.name), None)
            fee = say.cost(line.quality, line.known, bill.currency) if line else ""
            for number, peak in enumerate(peak for peaks in cost.peaks for peak in peaks.chosen):
                power = say.known(peak.quality, say.amount(round_to(peak.kw, PLACES), "kW", PLACES))
                name = cost.line.name if not number else ""
                yield name, say.minute(peak.start), power, fee if not number else ""


def list_costs(facts: Facts, say: ReportSpeech) -> Iterator[CostRow]:
    """Yield the lines of a term's bills, those of one name as one, in the order of the bills."""
    by_name: dict[str, list[BillLine]] = {}
    for line in (line for bill in facts.bills for line in bill.lines):
        by_name.setdefault(line.name, []).append(line)
    sums = {name: sum((line.known for line in lines), Decimal(0)) for name, lines in by_name.items()}
    most = max(map(abs, sums.values()), default=Decimal(0))
    for name, lines in by_name.items():
        amount = say.cost(find_worst(line.quality for line in lines), sums[name], facts.bills[0].currency)
        share = float(100 * abs(sums[name]) / most) if most else 0.0
        yield CostRow(name, _say_quantity(lines, say), amount, share)


def _say_quantity(lines: Sequence[BillLine], say: ReportSpeech) -> str:
    """Return the quantity of lines of one name together; nothing for the powers of several months."""
    quantities = [line.quantity for line in lines if line.quantity is not None]
    unit = lines[0].unit
    if not quantities or (unit == "kW" and len(lines) > 1):
        return ""
    named = say(unit) if unit in ("month", "day") else unit
    return say.amount(round_to(sum(quantities, Fraction(0)), PLACES), named, PLACES)
