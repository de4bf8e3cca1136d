"""Collect a meter's newest values by their meaning instead of their OBIS codes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from hanlogger.model import Obis
from hanlogger.points.catalogue import look_up
from hanlogger.status.state import MeterState

NOMINAL, SAG, SWELL = 230, 207, 253  # V (docs/influxdb.md 5.3)

Values = Mapping[tuple[str, str, str], Decimal]
"""Values in base units by measurement, phase and direction: ("active_power", "total", "import")."""


def collect_values(meter: MeterState) -> Values:
    """Return a meter's values by meaning instead of code, without those whose unit is not that of the meaning."""
    values = {}
    for code, register in meter.registers.items():
        meaning = look_up(Obis.parse(code))
        if meaning is not None and meaning.unit == (register.unit or "1") and not meaning.tariff:
            with contextlib.suppress(InvalidOperation):  # a text where a number is expected
                values[meaning.measurement, meaning.phase, meaning.direction] = Decimal(register.value)
    return values


def compute_net_power(values: Values, phase: str = "total") -> Decimal | None:
    """Return the net active power in W, import positive; None where it is unknown.

    A meter without a register for export may show nought as import while it exports: that is nought here.
    """
    net, taken, given = (values.get(("active_power", phase, way)) for way in ("net", "import", "export"))
    if net is not None:
        return net
    return None if taken is None else taken - (given or 0)
