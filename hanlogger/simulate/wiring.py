"""Power, current and voltage of the house's three phases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.simulate.appliances import APPLIANCES, CAR, Now, Watts, is_car_plugged, may_go_on
from hanlogger.simulate.weather import compute_sunshine, drift, make_noise

ZONE = ZoneInfo("Europe/Stockholm")
FUSE = 20  # A
CAR_CURRENT = (6, 16)  # A per phase, least and most (IEC 61851)

_NAMES = ("L1", "L2", "L3")
_VARS = {name: f"{name}var" for name in _NAMES}
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


class _Load(NamedTuple):
    power: Watts
    tan_phi: float
    shares: Sequence[tuple[int, float]]  # of the phases that it is connected to


class _Loads(NamedTuple):
    """What may be on within an hour."""

    appliances: Sequence[_Load]
    car: bool


@lru_cache(maxsize=4096)  # of a few hundred houses the last hours
def _find_loads(seed: int, day: int, hour: int) -> _Loads:
    """Return what may be on within a local hour of a day."""
    found = [each for each in APPLIANCES if each.habit is None or may_go_on(each.habit, seed, day, hour)]
    loads = [
        _Load(each.power, each.tan_phi, [(phase, share) for phase, share in enumerate(each.share) if share])
        for each in found
    ]
    return _Loads(loads, may_go_on(CAR, seed, day, hour))


@lru_cache(maxsize=2048)  # of each house the last full hour comes again each time
def measure_phases(seed: int, second: int) -> Phases:
    """Return power, voltage and current of L1, L2, L3 at a UTC epoch second."""
    now = _make_now(seed, second)
    active, reactive = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    loads = _find_loads(seed, now.day, int(now.hour))
    for power_of, tan_phi, shares in loads.appliances:
        if power := power_of(now):
            for phase, share in shares:
                active[phase] += power * share
                reactive[phase] += abs(power) * share * tan_phi
    charging = _compute_charging(max(active)) if loads.car and is_car_plugged(now) else 0.0
    street = _compute_street_voltage(now)
    one, two, three = [
        _measure_phase(now, name, power + charging, idle, street)
        for name, power, idle in zip(_NAMES, active, reactive, strict=True)
    ]
    return one, two, three


def _make_now(seed: int, second: int) -> Now:
    hour, (minutes, seconds) = second // 3600, divmod(second % 3600, 60)
    local = find_local_hour(hour)
    return Now(
        seed, second, local.toordinal(), local.hour + minutes / 60 + seconds / 3600, compute_sunshine(seed, second)
    )


@lru_cache(maxsize=64)
def find_local_hour(hour: int) -> datetime:
    """Return the beginning of a UTC hour, counted from 1970, by the clock on the wall."""
    return datetime.fromtimestamp(hour * 3600, ZONE)


def _compute_charging(busiest: float) -> float:
    """Return the W per phase for the car: what the main fuse leaves for it, or 0 if that is below the least current."""
    least, most = CAR_CURRENT
    left = min(most, int(0.95 * FUSE - busiest / 230))
    return 230.0 * left if left >= least else 0.0


def _compute_street_voltage(now: Now) -> float:
    """Return the voltage of the street in tenths of a volt: low in the evening, high when neighbours feed in."""
    evening = max(0.0, 1 - abs(now.hour - 18.5) / 4)
    return 2312 - 28 * evening + 30 * (now.sunshine / 1000)


def _measure_phase(now: Now, name: str, active: float, reactive: float, street: float) -> Phase:
    seed, second = now.seed, now.second
    watts, vars_ = round(active), round(reactive + 25 * (drift(seed, _VARS[name], second, 300) - 0.5))
    idle = street + 24 * (drift(seed, name, second, 1200) - 0.5) + 4 * make_noise(seed, name, second)
    voltage = round(idle - _SAG * watts)
    return Phase(watts, vars_, voltage, round(10_000 * math.hypot(watts, vars_) / voltage))
