"""Serve `/api/now.json`: the present values for evcc and other programs. Its names are stable (docs/web.md)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from hanlogger.model import PHASES
from hanlogger.status.state import MeterState, State
from hanlogger.status.values import Values, collect_values, compute_net_power
from hanlogger.web.now import is_live

VERSION = 1
"""Rises when a name goes away or changes its meaning; added names do not raise it."""

NOTHING: Values = {}


def make_now(state: State | None, now: datetime, wanted: str | None) -> dict[str, Any]:
    """Return the values of all meters, or of the one that is wanted, as JSON has them.

    What a meter does not send is null, and so is each power, voltage and current while the meter is silent: a program
    must not take an old value for a present one. Counters stay.
    """
    meters = state.meters if state else ()
    return {
        "version": VERSION,
        "time": now.isoformat(timespec="seconds"),
        "meters": [_describe_meter(meter, now) for meter in meters if wanted in (None, meter.name)],
    }


def _describe_meter(meter: MeterState, now: datetime) -> dict[str, Any]:
    live = is_live(meter, now)
    values = collect_values(meter)
    current = values if live else NOTHING
    return {
        "name": meter.name,
        "label": meter.label,
        "live": live,
        "last_telegram": meter.last.isoformat(timespec="seconds") if meter.last else None,
        "power_w": _to_number(compute_net_power(current)),
        "import_w": _to_number(current.get(("active_power", "total", "import"))),
        "export_w": _to_number(current.get(("active_power", "total", "export"))),
        "import_kwh": _to_kwh(values.get(("active_energy", "total", "import"))),
        "export_kwh": _to_kwh(values.get(("active_energy", "total", "export"))),
        "phases": {
            phase: {
                "power_w": _to_number(compute_net_power(current, phase)),
                "voltage_v": _to_number(current.get(("voltage", phase, ""))),
                "current_a": _to_number(current.get(("current", phase, ""))),
            }
            for phase in PHASES
        },
        "fuse_a": meter.fuse,
    }


def _to_number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _to_kwh(value: Decimal | None) -> float | None:
    return None if value is None else float(value / 1000)
