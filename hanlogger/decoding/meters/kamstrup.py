"""Kamstrup Omnipower (docs/protocol.md D.6): pairs behind a lone name, no scalers, no units, standard time all year.

    "Kamstrup_V0001", 1-1:0.0.5, meter, 1-1:96.1.1, type, 1-1:1.7.0, P+, …

Currents are in 0.01 A, energies in 10 Wh, also of single phases, power factors in hundredths. Transformer types (685…)
send currents in 0.001 A, firmware of 2025 voltages in 0.01 V. That some Swedish grid companies have energies in 1 Wh
cannot be told from the message: it is a setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hanlogger.decoding.meters.family import Factors, Family, Limit, exceeds, get_raw_values, match_names
from hanlogger.decoding.rows import Row

_HUNDREDTH, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")
_TYPE = (96, 1, 1)
_TRANSFORMER = "685"
_PHASE_VOLTAGES, _PHASE_POWERS = (32, 52, 72), (21, 41, 61)
_WHOLE_VOLTS = Limit(_PHASE_VOLTAGES, 7, 1000)


def _find_factors(rows: Sequence[Row]) -> Factors:
    transformer = any(row.obis and row.obis[2:5] == _TYPE and str(row.value).startswith(_TRANSFORMER) for row in rows)
    return {
        "energy": Decimal(10),
        "current": _THOUSANDTH if transformer else _HUNDREDTH,
        "voltage": _HUNDREDTH if exceeds(rows, _WHOLE_VOLTS) else Decimal(1),
        "power factor": _HUNDREDTH,
    }


def _is_hourly(rows: Sequence[Row]) -> bool:
    """Tell whether a list is the Norwegian hour list: Danish ones have phase powers besides."""
    codes = {row.obis[2:5] for row in rows if row.obis}
    return {(1, 0, 0), (1, 8, 0)} <= codes and not get_raw_values(rows, _PHASE_POWERS, 7)


FAMILY = Family("kamstrup", match_names("Kamstrup"), factors=_find_factors, limits=(_WHOLE_VOLTS,), hourly=_is_hourly)
