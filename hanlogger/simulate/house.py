"""A believable three-phase Swedish house with solar panels: what its meter shows at any moment.

Power is constant over each step and a whole number of watts, so energy is an exact sum of power times time; counters
show whole watt-hours and carry the rest. Active and reactive energy are counted on the sum of the three phases, as
Swedish meters do: what one phase feeds in while another takes is neither bought nor sold.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hanlogger.simulate.energy import HOUR, Counters, Sums
from hanlogger.simulate.weather import drift, noise
from hanlogger.simulate.wiring import ZONE, Phases, phases

STEP = timedelta(seconds=10)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
FIVE_MINUTES = 300_000  # ms; how often the gas meter is asked


class HouseState(NamedTuple):
    """What the meter knows at `time`."""

    time: datetime  # UTC
    clock: datetime  # UTC, as the meter's own clock has it
    phases: Phases
    counters: Counters
    hour_phases: Phases  # at the last full hour
    hour_counters: Counters
    frequency: int  # hundredths of a hertz
    tariff: int  # 1 in the night and at week-ends, 2 else
    gas: int  # litres, at the last full five minutes
    meter: int = 1  # which one hangs on the wall: an exchanged meter has another number

    @property
    def active(self) -> int:
        """W, the sum of the phases; negative: fed in."""
        return sum(phase.active for phase in self.phases)

    @property
    def reactive(self) -> int:
        """var, the sum of the phases; negative: fed in."""
        return sum(phase.reactive for phase in self.phases)


class _Books(NamedTuple):
    """What the meter has counted."""

    until: int  # ms since the epoch
    sums: Sums
    hour: Sums  # at the last full hour
    gas: int  # litres


class House:
    """The house of a seed. Its counters begin at `start`, rounded down to a whole step, with `opening`.

    Without an opening they have those of some years of use.

    >>> house = House(1, datetime(2025, 6, 1, tzinfo=UTC))
    >>> house.at(datetime(2025, 6, 1, 2, tzinfo=UTC)).active > 0 > house.at(datetime(2025, 6, 1, 11, tzinfo=UTC)).active
    True

    `at` answers the same whatever was asked before; it counts on from the last answer, so it is quick in order of time.
    """

    def __init__(self, seed: int, start: datetime, step: timedelta = STEP, opening: Sums | None = None) -> None:
        self._seed = seed
        self._step = step // _MILLISECOND
        if FIVE_MINUTES % self._step:
            raise ValueError(f"a step of {step} does not divide five minutes")
        begin = _milliseconds(start) // self._step * self._step
        sums = opening or _years_of_use(seed)
        self._begin = self._books = _Books(begin, sums, sums, round(2_000_000 * noise(seed, "gas", 0)))

    def at(self, time: datetime) -> HouseState:
        """The state at `time`, with the power of the step that ends there or goes on. ValueError before the start."""
        now = _milliseconds(time)
        if now < self._begin.until:
            raise ValueError(f"the house begins later than {time}")
        if now <= self._books.until:
            self._books = self._begin
        while self._books.until + self._step < now:
            self._books = self._counted(self._books.until + self._step)
        books = self._counted(now) if now > self._books.until else self._books
        return HouseState(
            time,
            clock=time,
            phases=phases(self._seed, self._end(now)),
            counters=books.sums.counters(),
            hour_phases=phases(self._seed, now // HOUR * (HOUR // 1000)),
            hour_counters=books.hour.counters(),
            frequency=5000 + round(6 * (drift(self._seed, "grid", now // 1000, 60) - 0.5)),
            tariff=_tariff(self._end(now)),
            gas=books.gas,
        )

    def _end(self, now: int) -> int:
        """The epoch second in which the step of `now` ends."""
        return -(-now // self._step) * self._step // 1000

    def _counted(self, until: int) -> _Books:
        """The books carried on to `until`, which lies in the step after them."""
        books, end = self._books, self._end(until)
        wires = phases(self._seed, end)
        active, reactive = sum(phase.active for phase in wires), sum(phase.reactive for phase in wires)
        sums = books.sums.plus(active, reactive, _tariff(end), until - books.until)
        gas = books.gas + (_burnt(self._seed, until) if until % FIVE_MINUTES == 0 else 0)
        return _Books(until, sums, sums if until % HOUR == 0 else books.hour, gas)


def _years_of_use(seed: int) -> Sums:
    """Some years of use before the simulation."""

    def counted(name: str, most: float) -> int:
        return round(most * 1_000_000 * noise(seed, name, 0)) * HOUR

    imported, exported = (counted("night", 20), counted("day", 30)), (counted("week-end", 5), counted("noon", 15))
    return Sums(imported, exported, counted("coils", 3), counted("lamps", 6))


def _burnt(seed: int, until: int) -> int:
    return round(90 * noise(seed, "burner", until) ** 4)


def _tariff(second: int) -> int:
    local = datetime.fromtimestamp(second, ZONE)
    return 2 if local.weekday() < 5 and 6 <= local.hour < 22 else 1


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND
