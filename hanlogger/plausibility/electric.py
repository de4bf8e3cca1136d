"""Compare voltage with the mains, and voltage times current with power, to powers of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hanlogger.model import PHASES

LOADED = 300.0  # VA; below it harmonics and standby make U · I more than P and Q
MAINS = (190.0, 260.0)  # V between phase and neutral, or between the phases of an IT net

Values = Mapping[tuple[int, int], float]
"""Values of a reading by groups C and D (E is 0), in base units."""


_PHASES = tuple(PHASES.values())


def find_voltage_decade(values: Values) -> int | None:
    """Return by how many powers of ten the first live phase is off; None where it is no mains voltage at all."""
    voltage = next((values[12 + phase, 7] for phase in _PHASES if values.get((12 + phase, 7))), 0.0)
    return next((decade for decade in (0, -1, 1, -2, 2) if MAINS[0] <= voltage * 10.0**decade <= MAINS[1]), None)


def find_current_decade(values: Values, voltage_decade: int) -> int | None:
    """Return by how many powers of ten U · I is off; None where the load is too small to tell.

    In an IT net (three wires) the product is √3 times too large, without all currents too small: neither is near ten.
    """
    pairs = [(values.get((12 + phase, 7), 0.0), values.get((11 + phase, 7), 0.0)) for phase in _PHASES]
    product = sum(abs(voltage * current) for voltage, current in pairs) * 10.0**voltage_decade
    power = _sum_apparent_power(values)
    return round(math.log10(power / product)) if product and power >= LOADED else None


def _sum_apparent_power(values: Values) -> float:
    """Return VA from P and Q, by phase where the meter sends them: in the total an exporting phase hides a load."""
    phases = sum(_find_apparent_power(values, phase) for phase in _PHASES)
    return max(phases, _find_apparent_power(values, 0))


def _find_apparent_power(values: Values, phase: int) -> float:
    power, back, inductive, capacitive = (values.get((group + phase, 7), 0.0) for group in (1, 2, 3, 4))
    return math.hypot(power - back, inductive - capacitive)
