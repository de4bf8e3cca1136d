"""Power, current and voltage of the house's three phases."""

from __future__ import annotations

import math
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.simulate.appliances import APPLIANCES, Now, car_is_plugged
from hanlogger.simulate.weather import drift, noise, sunshine

ZONE = ZoneInfo("Europe/Stockholm")
FUSE = 20  # A
CAR_CURRENT = (6, 16)  # A per phase, least and most (IEC 61851)

_NAMES = ("L1", "L2", "L3")
_SAG = 0.0109  # tenths of a volt per watt of the phase: a grid of 0.25 ohm


class Phase(NamedTuple):
    """One phase as the meter measures it."""

    active: int  # W; negative: fed in
    reactive: int  # var; negative: fed in (capacitive)
    voltage: int  # tenths of a volt
    current: int  # mA, without a sign


Phases = tuple[Phase, Phase, Phase]


def sum_active(wires: Phases) -> int:
    """Return the active power in W of all phases; negative: fed in."""
    one, two, three = wires
    return one.active + two.active + three.active


def sum_reactive(wires: Phases) -> int:
    """Return the reactive power in var of all phases; negative: fed in."""
    one, two, three = wires
    return one.reactive + two.reactive + three.reactive


_LOADS = [
    (load.power, load.tan_phi, [(phase, share) for phase, share in enumerate(load.share) if share])
    for load in APPLIANCES
]


@lru_cache(maxsize=2048)  # of each house the last full hour comes again each time
def phases(seed: int, second: int) -> Phases:
    """Return power, voltage and current of L1, L2, L3 at a UTC epoch second."""
    now = _now(seed, second)
    active, reactive = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for power_of, tan_phi, shares in _LOADS:
        if power := power_of(now):
            for phase, share in shares:
                active[phase] += power * share
                reactive[phase] += abs(power) * share * tan_phi
    charging = _charging(max(active)) if car_is_plugged(now) else 0.0
    one, two, three = [
        _phase(now, name, power + charging, idle) for name, power, idle in zip(_NAMES, active, reactive, strict=True)
    ]
    return one, two, three


def _now(seed: int, second: int) -> Now:
    hour, (minutes, seconds) = second // 3600, divmod(second % 3600, 60)
    local = find_local_hour(hour)
    return Now(seed, second, local.toordinal(), local.hour + minutes / 60 + seconds / 3600, sunshine(seed, second))


@lru_cache(maxsize=64)
def find_local_hour(hour: int) -> datetime:
    """Return the beginning of a UTC hour, counted from 1970, by the clock on the wall."""
    return datetime.fromtimestamp(hour * 3600, ZONE)


def _charging(busiest: float) -> float:
    """Return the W per phase for the car: what the main fuse leaves for it, or 0 if that is below the least current."""
    least, most = CAR_CURRENT
    left = min(most, int(0.95 * FUSE - busiest / 230))
    return 230.0 * left if left >= least else 0.0


def _phase(now: Now, name: str, active: float, reactive: float) -> Phase:
    watts, vars_ = round(active), round(reactive + 25 * (drift(now.seed, name + "var", now.second, 300) - 0.5))
    voltage = round(_grid(now, name) - _SAG * watts)
    current = round(10_000 * math.hypot(watts, vars_) / voltage)
    return Phase(watts, vars_, voltage, current)


def _grid(now: Now, name: str) -> float:
    """Return the voltage in tenths of a volt with this house idle: low in the evening, high when neighbours feed in."""
    evening = max(0.0, 1 - abs(now.hour - 18.5) / 4)
    street = now.sunshine / 1000
    wander = drift(now.seed, name, now.second, 1200) - 0.5
    return 2312 - 28 * evening + 30 * street + 24 * wander + 4 * noise(now.seed, name, now.second)
