"""The values that the house's meter has, by OBIS code: all dialects take their registers from here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

from hanlogger.simulate.energy import Counters
from hanlogger.simulate.house import HouseState

PHASES = (20, 40, 60)  # added to C for L1, L2, L3


def quantities(state: HouseState) -> dict[str, Decimal]:
    """Return the values by C.D.E of their OBIS codes, in base units (W, var, V, A, 1, Hz, Wh, varh, m3), unrounded."""
    return {code: Decimal(number).scaleb(scaler) for code, number, scaler in _numbers(state)}


def hour_energies(state: HouseState) -> dict[str, Decimal]:
    """Return the energy totals at the last full hour, in Wh and varh, by C.D.E of their OBIS codes."""
    return {code: Decimal(number) for code, number in _energies(state.hour_counters)}


def _numbers(state: HouseState) -> Iterator[tuple[str, int, int]]:
    yield from _powers(0, state.active, state.reactive)
    for added, phase in zip(PHASES, state.phases, strict=True):
        yield from _powers(added, phase.active, phase.reactive)
        yield f"{11 + added}.7.0", phase.current, -3
        yield f"{12 + added}.7.0", phase.voltage, -1
    for code, number in _energies(state.counters):
        yield code, number, 0
    for tariff in (0, 1):
        yield f"1.8.{tariff + 1}", state.counters.import_by_tariff[tariff], 0
        yield f"2.8.{tariff + 1}", state.counters.export_by_tariff[tariff], 0
    apparent = math.hypot(state.active, state.reactive)
    yield "13.7.0", round(1000 * abs(state.active) / apparent) if apparent else 1000, -3
    yield "14.7.0", state.frequency, -2
    yield "24.2.1", state.gas, -3


def _powers(added: int, active: int, reactive: int) -> Iterator[tuple[str, int, int]]:
    for c, power in ((1, active), (2, -active), (3, reactive), (4, -reactive)):
        yield f"{c + added}.7.0", max(0, power), 0


def _energies(counters: Counters) -> Iterator[tuple[str, int]]:
    yield "1.8.0", counters.active_import
    yield "2.8.0", counters.active_export
    yield "3.8.0", counters.reactive_import
    yield "4.8.0", counters.reactive_export
