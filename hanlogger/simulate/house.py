"""A plausible three-phase Swedish house with solar panels, and the state of its meter at any time.

Power is constant over each step and a whole number of watts, so that energy is an exact sum of power times time; the
counters show whole watt-hours and carry the remainder. Active and reactive energy are counted on the sum of the three
phases, as Swedish meters do: power that one phase feeds in while another takes it is not counted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hanlogger.simulate.energy import HOUR, Counters, Sums
from hanlogger.simulate.weather import drift, make_noise
from hanlogger.simulate.wiring import Phases, find_local_hour, measure_phases, sum_active, sum_reactive

STEP = timedelta(seconds=10)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
FIVE_MINUTES = 300_000  # ms; the interval at which the gas meter is read


class HouseState(NamedTuple):
    """The state of the meter at `time`: powers, counters, and what it needs for its messages."""

    time: datetime  # UTC
    clock: datetime  # UTC, by the meter's own clock
    phases: Phases
    counters: Counters
    hour_phases: Phases  # at the last full hour
    hour_counters: Counters
    frequency: int  # hundredths of a hertz
    tariff: int  # 1 in the night and at week-ends, 2 else
    gas: int  # litres, at the last full five minutes
    meter: int = 1  # number of the meter; it changes when the meter is exchanged

    @property
    def active(self) -> int:
        """The active power in W, summed over the phases; negative: fed in."""
        return sum_active(self.phases)

    @property
    def reactive(self) -> int:
        """The reactive power in var, summed over the phases; negative: fed in."""
        return sum_reactive(self.phases)


class _Totals(NamedTuple):
    """The sums of energy and gas up to a time, and what the counters showed at the last full hour."""

    until: int  # ms since the epoch
    sums: Sums
    hour: Counters
    gas: int  # litres


class House:
    """The house of a seed, whose counters begin at `start`, rounded down to a whole step, with the sums `opening`.

    Without `opening` the counters begin with those of some years of use.

    >>> house = House(1, datetime(2025, 6, 1, tzinfo=UTC))
    >>> night, noon = (house.compute_state(datetime(2025, 6, 1, hour, tzinfo=UTC)) for hour in (2, 11))
    >>> night.active > 0 > noon.active
    True

    The result of `compute_state` does not depend on earlier calls; calls in order of time are quick: each goes on from
    the last.
    """

    def __init__(self, seed: int, start: datetime, step: timedelta = STEP, opening: Sums | None = None) -> None:
        self._seed = seed
        self._step = step // _MILLISECOND
        if FIVE_MINUTES % self._step:
            raise ValueError(f"a step of {step} does not divide five minutes")
        begin = _to_ms(start) // self._step * self._step
        sums = opening or _make_opening_sums(seed)
        self._begin = self._totals = _Totals(
            begin, sums, sums.compute_counters(), round(2_000_000 * make_noise(seed, "gas", 0))
        )

    def compute_state(self, time: datetime) -> HouseState:
        """Return the state at `time`, with the power of the step that contains it; ValueError before the start."""
        now = _to_ms(time)
        if now < self._begin.until:
            raise ValueError(f"the house begins later than {time}")
        if now < self._totals.until:
            self._totals = self._begin
        while self._totals.until + self._step <= now:
            self._totals = self._compute_totals(self._totals.until + self._step)
        totals = self._compute_totals(now) if now > self._totals.until else self._totals
        return HouseState(
            time,
            clock=time,
            phases=measure_phases(self._seed, self._end(now)),
            counters=totals.sums.compute_counters(),
            hour_phases=measure_phases(self._seed, now // HOUR * (HOUR // 1000)),
            hour_counters=totals.hour,
            frequency=5000 + round(6 * (drift(self._seed, "grid", now // 1000, 60) - 0.5)),
            tariff=_find_tariff(self._end(now)),
            gas=totals.gas,
        )

    def _end(self, now: int) -> int:
        """Return the epoch second in which the step of `now` ends."""
        return -(-now // self._step) * self._step // 1000

    def _compute_totals(self, until: int) -> _Totals:
        """Return the totals at `until`, which lies in the step after the last totals."""
        totals, end = self._totals, self._end(until)
        wires = measure_phases(self._seed, end)
        sums = totals.sums.add(sum_active(wires), sum_reactive(wires), _find_tariff(end), until - totals.until)
        gas = totals.gas + (_compute_gas(self._seed, until) if until % FIVE_MINUTES == 0 else 0)
        return _Totals(until, sums, sums.compute_counters() if until % HOUR == 0 else totals.hour, gas)


def _make_opening_sums(seed: int) -> Sums:
    """Return the sums of some years of use before the simulation."""

    def counted(name: str, most: float) -> int:
        return round(most * 1_000_000 * make_noise(seed, name, 0)) * HOUR

    imported, exported = (counted("night", 20), counted("day", 30)), (counted("week-end", 5), counted("noon", 15))
    return Sums(imported, exported, counted("coils", 3), counted("lamps", 6))


def _compute_gas(seed: int, until: int) -> int:
    return round(90 * make_noise(seed, "burner", until) ** 4)


def _find_tariff(second: int) -> int:
    local = find_local_hour(second // 3600)
    return 2 if local.weekday() < 5 and 6 <= local.hour < 22 else 1


def _to_ms(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND
