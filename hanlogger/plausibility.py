"""Whether a meter's values agree with each other: some meters do not state a scale, and a wrong one looks right.
Energy is compared with the power over time, U · I with P and Q, voltage with the mains (corpus quirks S1 to S7).

Pure, and of constant size. What it finds is told, never applied.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from hanlogger.model import Reading

Setting = Literal["scale.energy", "scale.current", "scale.voltage"]


class Doubt(NamedTuple):
    """A scale that is probably wrong."""

    setting: Setting
    factor: Decimal  # by which all its values should probably be multiplied: 0.1 of those that are ten times too large
    seen: int  # how many comparisons say so


LONGEST_GAP = timedelta(seconds=90)  # without a power: what was used meanwhile is not known
SPAN = timedelta(minutes=10)
ENOUGH = 200.0  # Wh by power in a span: a counter in steps of 10 Wh is then known to 5 %
LOADED = 300.0  # VA; below it harmonics and standby make U · I more than P and Q
MAINS = (190.0, 260.0)  # V between phase and neutral, or between the phases of an IT net

Values = Mapping[tuple[int, int], float]
"""By groups C and D (E is 0), in base units."""


class ScaleWatch:
    """Of one meter. Feed it every reading; when a setting of the meter changes, begin with a new one."""

    def __init__(self) -> None:
        self._energies = {1: _Energy(), 2: _Energy()}  # by group C: import, export
        self._currents: deque[int] = deque(maxlen=60)
        self._voltages: deque[int] = deque(maxlen=60)

    def feed(self, reading: Reading, at: datetime) -> None:
        """`at`: when it was received, or its own time."""
        values = _values(reading)
        for group, energy in self._energies.items():
            energy.feed(at, values.get((group, 7)), values.get((group, 8)))
        voltage = _voltage_decade(values)
        if voltage is None:
            return
        self._voltages.append(voltage)
        current = _current_decade(values, voltage)
        if current is not None:
            self._currents.append(current)

    @property
    def compared(self) -> bool:
        """Whether enough has been compared for the absence of a doubt to mean something."""
        return any(energy.compared for energy in self._energies.values())

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is stable over all that was compared."""
        energies = (energy.doubt for energy in self._energies.values())
        found = (
            next((doubt for doubt in energies if doubt), None),
            _stable("scale.current", self._currents),
            _stable("scale.voltage", self._voltages),
        )
        return tuple(doubt for doubt in found if doubt)


class _Energy:
    """One direction: power summed up from one step of the counter to another, against what the counter says.

    A span begins and ends where the counter steps, so that one that steps once an hour is compared as exactly.
    """

    def __init__(self) -> None:
        self._power: tuple[datetime, float] | None = None  # the last
        self._used = 0.0  # Wh in this span
        self._start: tuple[datetime, float] | None = None  # of this span: time, counter
        self._counter: float | None = None  # the last
        self._factors: deque[float] = deque(maxlen=12)
        self._jump: Doubt | None = None

    def feed(self, at: datetime, power: float | None, counter: float | None) -> None:
        if power is not None:
            self._sum_up(at, power)
        if counter is not None and counter != self._counter:
            if self._counter is not None:
                self._step(at, self._counter, counter)
            self._counter = counter

    def _sum_up(self, at: datetime, power: float) -> None:
        before, self._power = self._power, (at, power)
        if before is None or not timedelta() <= at - before[0] <= LONGEST_GAP:
            self._start = None
        else:
            self._used += (power + before[1]) / 2 * ((at - before[0]) / timedelta(hours=1))

    def _step(self, at: datetime, before: float, counter: float) -> None:
        if _is_jump(before, counter):
            self._jump = Doubt("scale.energy", _rounded(before / counter), 1)
        if self._start is None or counter < before or self._jump:
            self._start, self._used = (at, counter), 0.0
        elif at - self._start[0] >= SPAN and self._used >= ENOUGH:
            self._factors.append(self._used / (counter - self._start[1]))
            self._start, self._used = (at, counter), 0.0

    @property
    def compared(self) -> bool:
        """Whether there are two comparisons or more."""
        return len(self._factors) > 1

    @property
    def doubt(self) -> Doubt | None:
        """Two comparisons or more, within a tenth of each other and far from 1."""
        if self._jump or not self.compared:
            return self._jump
        middle = statistics.median(self._factors)
        near = sum(abs(factor / middle - 1) < 0.1 for factor in self._factors)
        if near < 0.8 * len(self._factors) or 0.75 < middle < 1.33:
            return None
        return Doubt("scale.energy", _rounded(middle), near)


def _is_jump(before: float, counter: float) -> bool:
    """A grid company that changes the meter's decimals makes its counter ten times larger or smaller overnight."""
    return before > 1000 and any(abs(counter / before / factor - 1) < 0.01 for factor in (0.1, 10))


def _rounded(factor: float) -> Decimal:
    """The power of ten that is near, else two digits."""
    decade = Decimal(1).scaleb(round(math.log10(factor)))
    return decade if abs(factor / float(decade) - 1) < 0.15 else Decimal(f"{factor:.2g}")


def _stable(setting: Setting, decades: Iterable[int]) -> Doubt | None:
    ((decade, seen),) = Counter(decades).most_common(1) or [(0, 0)]
    total = sum(1 for _ in decades)
    if decade == 0 or seen < 20 or seen < 0.9 * total:
        return None
    return Doubt(setting, Decimal(1).scaleb(decade), seen)


def _values(reading: Reading) -> Values:
    return {
        (row.obis.c, row.obis.d): float(row.value)
        for row in reading.registers
        if isinstance(row.value, Decimal) and row.obis.a in (1, None) and not row.obis.e
    }


_PHASES = (20, 40, 60)  # added to group C of a total


def _voltage_decade(values: Values) -> int | None:
    """By how many powers of ten the first phase that is under voltage is off; None: it is no mains voltage at all."""
    voltage = next((values[12 + phase, 7] for phase in _PHASES if values.get((12 + phase, 7))), 0.0)
    return next((decade for decade in (0, -1, 1, -2, 2) if MAINS[0] <= voltage * 10.0**decade <= MAINS[1]), None)


def _current_decade(values: Values, voltage_decade: int) -> int | None:
    """By how many powers of ten U · I is off; None where there is too little to tell.

    Three wires (IT nets) give √3 times too much, currents that are not measured too little: neither comes near ten.
    """
    pairs = [(values.get((12 + phase, 7), 0.0), values.get((11 + phase, 7), 0.0)) for phase in _PHASES]
    product = sum(abs(voltage * current) for voltage, current in pairs) * 10.0**voltage_decade
    power = _apparent(values)
    return round(math.log10(power / product)) if product and power >= LOADED else None


def _apparent(values: Values) -> float:
    """VA from P and Q: by phase where they are told, since a phase that feeds in hides another's load in the total."""
    phases = sum(_apparent_of(values, phase) for phase in _PHASES)
    return max(phases, _apparent_of(values, 0))


def _apparent_of(values: Values, phase: int) -> float:
    power, back, inductive, capacitive = (values.get((group + phase, 7), 0.0) for group in (1, 2, 3, 4))
    return math.hypot(power - back, inductive - capacitive)
