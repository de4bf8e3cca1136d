"""Points of a month: the lines of its bill, its peaks, and nothing of what a tariff had before it was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from hanlogger.costs.names import Names, name_component
from hanlogger.humanize import round_to
from hanlogger.intervals.levels import QUARTER_MS
from hanlogger.journal.energy.quarters import Amount
from hanlogger.journal.model import DIRECTIONS, from_ms, to_ms
from hanlogger.model import Meter, Point
from hanlogger.points.costs import Fields, make_cost_point, make_month_point, make_peak_point
from hanlogger.tariffs.bill import Bill
from hanlogger.tariffs.bill_lines import find_worst
from hanlogger.tariffs.peaks import Peak
from hanlogger.tariffs.power import PowerCost

PLACES = 9
"""Of a quarter's cost: what a year's 35 000 of them are rounded by together is far below an öre."""

NOTHING = {name: Decimal(0) for name in ("known", "unknown", "quantity")} | {"quality": "measured"}
"""Of a line that a month's bill may have had, and has no more, such as the energy of a gap that has been filled."""

NO_PEAK: Fields = {"value": Decimal(0), "at": Decimal(0), "quality": "measured"}
"""Of a peak that a month may have had, and has no more, such as that of energy that was forgotten."""


def make_bill_points(meter: Meter, bill: Bill, begin: datetime) -> Iterator[Point]:
    """Yield a point for each line of a bill; lines of one name are one. begin: of the month."""
    for name in dict.fromkeys(line.name for line in bill.lines):
        lines = [line for line in bill.lines if line.name == name]
        fields: dict[str, Decimal | str | None] = {
            "known": sum((line.known for line in lines), Decimal(0)),
            "unknown": Decimal(sum(line.quality == "unknown" for line in lines)),
            "quality": find_worst(line.quality for line in lines),
        }
        if len(lines) == 1 and lines[0].quantity is not None:
            fields["quantity"] = round_to(lines[0].quantity, PLACES)
        yield make_month_point(meter, name, begin, fields)


def make_peak_points(meter: Meter, cost: PowerCost, begin: datetime) -> Iterator[Point]:
    """Yield a point for each peak that a fee is of, in W, and 0 for each that is missing; begin: of the month."""
    for number, peaks in enumerate(cost.peaks):
        component = name_component(cost.line, number)
        for rank in range(1, peaks.component.count + 1):
            fields = _describe_peak(peaks.chosen[rank - 1]) if rank <= len(peaks.chosen) else NO_PEAK
            yield make_peak_point(meter, cost.line.name, component, rank, begin, fields)


def make_former_points(
    meter: Meter, former: Names, last: int, amounts: Iterable[Amount], months: Iterable[datetime]
) -> Iterator[Point]:
    """Yield points of nothing of what former tariffs had, for the quarters and months that are delivered anew.

    last: the number of the last quarter that may have been delivered by them; months: their beginnings.
    """
    for each in amounts:
        way, start = DIRECTIONS[each.direction], from_ms(each.quarter * QUARTER_MS)
        for line, direction in sorted(former.lines) if each.quarter <= last else ():
            if direction == way:
                yield make_cost_point(meter, line, way, each.quality, start, Decimal(0), Decimal(0))
    for month in (each for each in months if to_ms(each) // QUARTER_MS <= last):
        for (line,) in sorted(former.months):
            yield make_month_point(meter, line, month, NOTHING)
        for line, component, rank in sorted(former.peaks):
            yield make_peak_point(meter, line, component, int(rank), month, NO_PEAK)


def _describe_peak(peak: Peak) -> Fields:
    """Return the fields of a peak's point."""
    power = round_to(peak.kw * 1000, PLACES)
    return {"value": power, "at": Decimal(to_ms(peak.start)), "quality": peak.quality}
