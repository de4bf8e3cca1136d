"""Voltage against the mains, and voltage times current against power: by how many powers of ten they are off."""

from __future__ import annotations

import math
from collections.abc import Mapping

LOADED = 300.0  # VA; below it harmonics and standby make U · I more than P and Q
MAINS = (190.0, 260.0)  # V between phase and neutral, or between the phases of an IT net

Values = Mapping[tuple[int, int], float]
"""By groups C and D (E is 0), in base units."""


_PHASES = (20, 40, 60)  # added to group C of a total


def voltage_decade(values: Values) -> int | None:
    """By how many powers of ten the first phase that is under voltage is off; None: it is no mains voltage at all."""
    voltage = next((values[12 + phase, 7] for phase in _PHASES if values.get((12 + phase, 7))), 0.0)
    return next((decade for decade in (0, -1, 1, -2, 2) if MAINS[0] <= voltage * 10.0**decade <= MAINS[1]), None)


def current_decade(values: Values, voltage_decade: int) -> int | None:
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
