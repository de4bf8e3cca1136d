"""What announced intervals cost, as points: by quarter and line, and the months that they are in."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from hanlogger.costs.contracts import Contracts
from hanlogger.costs.month_points import NOTHING, PLACES, make_bill_points, make_former_points, make_peak_points
from hanlogger.costs.months import MARGIN, Prices, find_month, list_affected, read_month
from hanlogger.costs.names import find_direction, from_texts, list_names, list_rated, make_tariff_key, read_last_quarter
from hanlogger.errors import ConfigError
from hanlogger.humanize import round_to
from hanlogger.intervals import QUARTER
from hanlogger.intervals.levels import QUARTER_MS
from hanlogger.journal import Journal
from hanlogger.journal.energy.quarters import Amount, Change
from hanlogger.journal.model import DIRECTIONS, HIGHEST_ID, from_ms, to_ms
from hanlogger.model import Meter, Point
from hanlogger.points.costs import make_cost_point, make_month_point
from hanlogger.tariffs.energy import Charge, charge_all
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.rates import list_lines
from hanlogger.tariffs.spot import SpotPrices
from hanlogger.tariffs.sums import Sum

Key = tuple[str, str, int, str]
"""Line, direction, quarter and quality: what one point is of."""

log = logging.getLogger(__name__)


class CostPoints:
    """Makes points of costs for delivery. Any thread may ask; what is wrong with a tariff is logged once."""

    def __init__(self, journal: Journal, contracts: Contracts, prices: Prices) -> None:
        self._journal, self._contracts, self._prices = journal, contracts, prices
        self._told: set[str] = set()

    def make(self, meter: Meter, change: Change, amounts: Sequence[Amount], record: int = HIGHEST_ID) -> list[Point]:
        """Return what announced quarters of a meter cost, and their months; amounts: the energy of these quarters.

        record: the id of what announces them; a month that the next announcement touches too is left to that.
        What has been corrected to nothing costs 0. Nothing where a tariff is wrong now. Raises JournalUnavailable.
        """
        try:
            tariffs = self._contracts.load(meter.name)
            if not tariffs or not change.quarters:
                return []
            gone = {DIRECTIONS[each.direction] for each in amounts if not each.milliseconds}
            months = self._list_made(meter.name, tariffs, change, record, alone=not gone)
            return [
                *self._make_costs(meter, tariffs, amounts),
                *(point for month in months for point in self._make_month(meter, tariffs, month, gone)),
                *self._make_former(meter, tariffs, amounts, months),
            ]
        except ConfigError as error:
            if str(error) not in self._told:
                log.warning("meter %s: no cost is delivered: %s; then: hanlogger backfill", meter.name, error)
            self._told.add(str(error))
            return []

    def _make_costs(self, meter: Meter, tariffs: Sequence[Tariff], amounts: Sequence[Amount]) -> Iterator[Point]:
        sums: defaultdict[Key, Sum] = defaultdict(Sum)
        wanted = {(DIRECTIONS[each.direction], each.quarter, each.quality) for each in amounts if each.milliseconds}
        for tariff in tariffs if wanted else ():
            first, last = (from_ms(pick(key[1] for key in wanted) * QUARTER_MS) for pick in (min, max))
            for charge, quality in self._charge(meter.name, tariff, first, last):
                of = (find_direction(charge.line), to_ms(charge.start) // QUARTER_MS, quality)
                if of in wanted:
                    sums[charge.line.name, *of].add(charge)
        for key in _list_gone(tariffs, amounts):
            sums.setdefault(key, Sum())
        for (line, direction, quarter, quality), found in sorted(sums.items()):
            known = round_to(found.amount, PLACES)
            yield make_cost_point(meter, line, direction, quality, from_ms(quarter * QUARTER_MS), known, found.unknown)

    def _charge(self, meter: str, tariff: Tariff, first: datetime, last: datetime) -> Iterator[tuple[Charge, str]]:
        """Yield what each line asks for each span from that of a quarter to that of another, with its quality.

        Where a support has a cap it matters what came before in the month.
        """
        capped = any(line.cap is not None for line in tariff.support)
        start = min(tariff.clock.find_month(find_month([tariff], first)).start, first) if capped else first
        spans = self._journal.intervals.read_spans(meter, start, last + QUARTER)
        if not spans:
            return
        first, last = min(span.start for span in spans), max(span.end for span in spans)
        prices = SpotPrices(self._prices(first - MARGIN, last + MARGIN, tariff.currency))
        by_ends = {(span.start, span.end): span for span in spans}
        for charge in charge_all(tariff, spans, prices):
            yield charge, by_ends[charge.start, charge.end].quality

    def _list_made(
        self, meter: str, tariffs: Sequence[Tariff], change: Change, record: int, *, alone: bool
    ) -> list[date]:
        """Return the months that are made for an announcement.

        alone: without those that the next announcement touches, which makes them.
        """
        months = self._list_months(meter, tariffs, change)
        if alone:
            months -= self._list_months(meter, tariffs, self._journal.intervals.read_next(meter, record))
        return sorted(months)

    def _list_months(self, meter: str, tariffs: Sequence[Tariff], change: Change) -> set[date]:
        """Return the first days of the months whose bills depend on quarters."""
        touched = {find_month(tariffs, from_ms(quarter * QUARTER_MS)) for quarter in change.quarters}
        ends = self._journal.intervals.get_ends(meter)
        return list_affected(tariffs, touched, find_month(tariffs, ends[1])) if ends else touched

    def _make_former(
        self, meter: Meter, tariffs: Sequence[Tariff], amounts: Sequence[Amount], months: Iterable[date]
    ) -> Iterator[Point]:
        kept = self._journal.learnt.get(make_tariff_key(meter.name))
        former = from_texts(kept).leave_out(list_names(tariffs))
        begins = (tariffs[0].clock.find_month(month).start for month in months)
        return make_former_points(meter, former, read_last_quarter(kept), amounts, begins)

    def _make_month(
        self, meter: Meter, tariffs: Sequence[Tariff], month: date, gone: Collection[str]
    ) -> Iterator[Point]:
        bill = read_month(self._journal, meter.name, tariffs, self._prices, month, datetime.now(UTC))
        begin = tariffs[0].clock.find_month(month).start
        yield from make_bill_points(meter, bill, begin)
        for name in sorted(list_rated(tariffs, gone) - {line.name for line in bill.lines}):
            yield make_month_point(meter, name, begin, NOTHING)
        for cost in bill.powers:
            yield from make_peak_points(meter, cost, begin)


def _list_gone(tariffs: Sequence[Tariff], amounts: Iterable[Amount]) -> Iterator[Key]:
    """Yield, for each line, the quarters and qualities of which there is nothing any more."""
    for each in amounts:
        if not each.milliseconds:
            way = DIRECTIONS[each.direction]
            lines = [line for tariff in tariffs for line in list_lines(tariff)]
            yield from ((line.name, way, each.quarter, each.quality) for line in lines if find_direction(line) == way)
