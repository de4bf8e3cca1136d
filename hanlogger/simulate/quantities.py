"""The values that the house's meter has, by OBIS code: all dialects take their registers from here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from hanlogger.model import PHASES
from hanlogger.simulate.energy import Counters
from hanlogger.simulate.house import HouseState

POWERS = ("1.7.0", "2.7.0", "3.7.0", "4.7.0")
CURRENTS = ("31.7.0", "51.7.0", "71.7.0")
VOLTAGES = ("32.7.0", "52.7.0", "72.7.0")
ENERGIES = ("1.8.0", "2.8.0", "3.8.0", "4.8.0")
BY_TARIFF = ("1.8.1", "1.8.2", "2.8.1", "2.8.2")
POWERS_OF_PHASES = tuple(f"{c + phase}.7.0" for phase in PHASES.values() for c in (1, 2, 3, 4))
"""Codes that lists have in common: import, export, inductive, capacitive; L1, L2, L3."""

_CODES = (*POWERS, *POWERS_OF_PHASES, *CURRENTS, *VOLTAGES, *ENERGIES, *BY_TARIFF, "13.7.0", "14.7.0", "24.2.1")

SCALERS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(CURRENTS, -3),
        **dict.fromkeys(VOLTAGES, -1),
        "13.7.0": -3,
        "14.7.0": -2,
        "24.2.1": -3,
    }
)
"""The power of ten of the base unit in which a value is counted, where that is not the base unit itself."""


def compute_quantities(state: HouseState) -> dict[str, int]:
    """Return the values by C.D.E of their OBIS codes: W, var, Wh, varh, mA, 0.1 V, thousandths, 0.01 Hz, l."""
    active, reactive, counters = state.active, state.reactive, state.counters
    one, two, three = state.phases
    values = (
        *_split(active, reactive),
        *_split(one.active, one.reactive),
        *_split(two.active, two.reactive),
        *_split(three.active, three.reactive),
        *(one.current, two.current, three.current, one.voltage, two.voltage, three.voltage),
        *(*_list_totals(counters), *counters.import_by_tariff, *counters.export_by_tariff),
        *(_find_power_factor(active, reactive), state.frequency, state.gas),
    )
    return dict(zip(_CODES, values, strict=True))


def compute_hour_energies(state: HouseState) -> dict[str, int]:
    """Return the energy totals at the last full hour, in Wh and varh, by C.D.E of their OBIS codes."""
    return dict(zip(ENERGIES, _list_totals(state.hour_counters), strict=True))


def _split(active: int, reactive: int) -> tuple[int, int, int, int]:
    """Return what is taken and what is fed in of both, as a meter tells them apart."""
    if active > 0:
        return (active, 0, reactive, 0) if reactive > 0 else (active, 0, 0, -reactive)
    return (0, -active, reactive, 0) if reactive > 0 else (0, -active, 0, -reactive)


def _list_totals(counters: Counters) -> tuple[int, int, int, int]:
    return counters.active_import, counters.active_export, counters.reactive_import, counters.reactive_export


def _find_power_factor(active: int, reactive: int) -> int:
    apparent = math.hypot(active, reactive)
    return round(1000 * abs(active) / apparent) if apparent else 1000
