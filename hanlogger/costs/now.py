"""What a meter's month costs now, with the hour or quarter that runs. One thread asks, every ten seconds or so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hanlogger.costs.contracts import Contracts
from hanlogger.costs.months import Prices, find_month, read_month
from hanlogger.costs.registers import Registers
from hanlogger.humanize import round_to
from hanlogger.journal import Journal
from hanlogger.model import Key
from hanlogger.status.costs import CostState, FeeState, PeakState, RunningState
from hanlogger.status.state import MeterState
from hanlogger.status.values import collect_values, compute_net_power
from hanlogger.tariffs.bill import Bill
from hanlogger.tariffs.model import Direction
from hanlogger.tariffs.power import PowerCost
from hanlogger.tariffs.running import Running, find_next_kw, look_ahead
from hanlogger.tariffs.spot import find_beginning

PLACES, CENTS = 3, 2
FRESH = timedelta(minutes=2)  # a power that is not older is of now

Wanted = tuple[object, ...]


class NowCosts:
    """Works out what a meter costs now. The month's bill is made anew only when its energy may have changed."""

    def __init__(
        self, journal: Journal, contracts: Contracts, keys: Mapping[str, Sequence[Key]], prices: Prices
    ) -> None:
        self._journal, self._contracts, self._prices = journal, contracts, prices
        self._registers = Registers(journal, keys)
        self._bills: dict[str, tuple[Wanted, Bill]] = {}

    def compute(self, meter: MeterState, now: datetime) -> CostState | None:
        """Return what a meter costs; None where it has no tariff. Raises JournalUnavailable and ConfigError."""
        tariffs = self._contracts.load(meter.name)
        if not tariffs:
            return None
        month = find_month(tariffs, now)
        wanted = (tariffs, month, find_beginning(now, 15), self._journal.intervals.get_cursor())
        known = self._bills.get(meter.name)
        if known is None or known[0] != wanted:
            bill = read_month(self._journal, meter.name, tariffs, self._prices, month, now)
            known = self._bills[meter.name] = (wanted, bill)
        return to_state(known[1], lambda cost: self._look_ahead(meter, cost, now))

    def _look_ahead(self, meter: MeterState, cost: PowerCost, now: datetime) -> tuple[int, Running] | None:
        """Return the running piece of the component that raises the fee most, else that allows least."""
        found = [
            (number, ahead) for number in range(len(cost.peaks)) if (ahead := self._look_at(meter, cost, number, now))
        ]
        return max(found, key=lambda each: _rank(each[1]), default=None)

    def _look_at(self, meter: MeterState, cost: PowerCost, number: int, now: datetime) -> Running | None:
        component = cost.peaks[number].component
        power = find_power(meter, component.direction, now)
        used = self._registers.measure(meter, component.direction, find_beginning(now, component.minutes), now)
        if power is None or used is None:
            return None
        return look_ahead(cost, number, now, used.wh, power, whole=used.whole)


def _rank(ahead: Running) -> tuple[Fraction, bool, Fraction]:
    allowed = ahead.allowed
    return (ahead.extra, allowed is not None, -(allowed or Fraction(0)))


def find_power(meter: MeterState, direction: Direction, now: datetime) -> Decimal | None:
    """Return the power (W) that a meter takes, or gives, now; None where it is not known, or is of before."""
    net = compute_net_power(collect_values(meter))
    if net is None or meter.last is None or now - meter.last > FRESH:
        return None
    return max(net if direction == "import" else -net, Decimal(0))


LookAhead = Callable[[PowerCost], "tuple[int, Running] | None"]


def to_state(bill: Bill, look: LookAhead) -> CostState:
    """Return a month's bill as the state tells it. look: returns the running piece of a fee with its component."""
    fees = tuple(_to_fee(cost, look(cost)) for cost in bill.powers)
    return CostState(f"{bill.month:%Y-%m}", bill.currency, bill.known, bill.quality, fees)


def _to_fee(cost: PowerCost, ahead: tuple[int, Running] | None) -> FeeState:
    peaks = tuple(
        PeakState(peak.start, round_to(peak.kw, PLACES), peak.quality) for each in cost.peaks for peak in each.chosen
    )
    adds = find_next_kw(cost, ahead[0], ahead[1].start) if ahead else None
    return FeeState(
        cost.line.name,
        round_to(cost.kw, PLACES),
        round_to(cost.fee, CENTS),
        cost.quality,
        peaks,
        None if adds is None else round_to(adds, CENTS),
        _to_running(ahead[1]) if ahead else None,
    )


def _to_running(ahead: Running) -> RunningState:
    return RunningState(
        ahead.start,
        ahead.end,
        round_to(ahead.so_far, PLACES),
        round_to(ahead.least, PLACES),
        round_to(ahead.forecast, PLACES),
        None if ahead.limit is None else round_to(ahead.limit, PLACES),
        None if ahead.allowed is None else round_to(ahead.allowed, PLACES),
        round_to(ahead.extra, CENTS),
        ahead.quality,
    )
