"""Make all comparisons of one meter's scales."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from hanlogger.model import Reading
from hanlogger.plausibility.doubt import Doubt, Setting
from hanlogger.plausibility.electric import Values, find_current_decade, find_voltage_decade
from hanlogger.plausibility.energy import Energy

ENOUGH = 20  # readings
AGREE = 0.9  # share of the comparisons that must say the same


class ScaleWatch:
    """The comparisons of one meter. It is fed every reading, and made anew when a setting of the meter changes."""

    def __init__(self) -> None:
        self._energies = {1: Energy(), 2: Energy()}  # by group C: import, export
        self._currents: deque[int] = deque(maxlen=60)
        self._voltages: deque[int] = deque(maxlen=60)

    def feed(self, reading: Reading, at: datetime) -> None:
        """Compare the values of a reading; `at`: its arrival time, or its own time."""
        values = _collect_values(reading)
        for group, energy in self._energies.items():
            energy.feed(at, values.get((group, 7)), values.get((group, 8)))
        voltage = find_voltage_decade(values)
        if voltage is None:
            return
        self._voltages.append(voltage)
        current = find_current_decade(values, voltage)
        if current is not None:
            self._currents.append(current)

    @property
    def compared(self) -> bool:
        """Whether enough has been compared for the absence of a doubt to mean something."""
        return any(energy.compared for energy in self._energies.values())

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The scales that are probably wrong: those of which all comparisons say the same."""
        energies = (energy.doubt for energy in self._energies.values())
        found = (
            next((doubt for doubt in energies if doubt), None),
            _find_stable_doubt("scale.current", self._currents),
            _find_stable_doubt("scale.voltage", self._voltages),
        )
        return tuple(doubt for doubt in found if doubt)


def _find_stable_doubt(setting: Setting, decades: Collection[int]) -> Doubt | None:
    ((decade, seen),) = Counter(decades).most_common(1) or [(0, 0)]
    if decade == 0 or seen < ENOUGH or seen < AGREE * len(decades):
        return None
    return Doubt(setting, Decimal(1).scaleb(decade), seen)


def _collect_values(reading: Reading) -> Values:
    return {
        (row.obis.c, row.obis.d): float(row.value)
        for row in reading.registers
        if isinstance(row.value, Decimal) and row.obis.is_electricity and not row.obis.e
    }
