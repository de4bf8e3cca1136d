"""The appliances of the house: one row for each load, whose power is a pure function of seed and time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from hanlogger.simulate.weather import compute_temperature, drift, make_noise

Watts = Callable[["Now"], float]


class Now(NamedTuple):
    """A time as the appliances need it: seed of the house, UTC second, local day and hour."""

    seed: int
    second: int  # UTC epoch
    day: int  # local date as an ordinal, Monday where day % 7 == 1
    hour: float  # local legal time, 0 to 24
    sunshine: float  # W/m²


ALL_PHASES = (1 / 3, 1 / 3, 1 / 3)
L1, L2, L3 = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


class Habit(NamedTuple):
    """Something that is done once a day, on some days: when, for how long, and how often."""

    name: str
    hour: float  # local hour at which it begins; may pass midnight
    spread: float  # hours by which it begins earlier or later
    hours: float  # its duration at most
    chance: float  # the probability that it is done on a day


class Appliance(NamedTuple):
    """One load of the house; a negative power is fed into the grid."""

    power: Watts  # W, all phases together
    share: tuple[float, float, float]  # of L1, L2, L3
    tan_phi: float  # reactive over active power; positive: inductive
    habit: Habit | None = None  # when it is on; None: at any time


@lru_cache(maxsize=8192)
def _find_spans(habit: Habit, seed: int, day: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the spans of the habit that begin on that day and on the day before."""
    return _find_span(habit, seed, day), _find_span(habit, seed, day - 1)


def _find_span(habit: Habit, seed: int, day: int) -> tuple[float, float]:
    """Return the local hours at which the habit begins and ends that day; an empty span if it is not done."""
    if make_noise(seed, habit.name, 3 * day) >= habit.chance:
        return (0.0, 0.0)
    begin = habit.hour + habit.spread * (2 * make_noise(seed, habit.name, 3 * day + 1) - 1)
    return (begin, begin + habit.hours * (0.5 + 0.5 * make_noise(seed, habit.name, 3 * day + 2)))


def may_go_on(habit: Habit, seed: int, day: int, hour: int) -> bool:
    """Return whether the habit goes on at some time within a local hour of a day."""
    today, yesterday = _find_spans(habit, seed, day)
    return any(begin < at + 1 and at < end for (begin, end), at in ((today, hour), (yesterday, hour + 24)))


def _compute_elapsed(habit: Habit, now: Now) -> float | None:
    """Return the seconds since the habit began; None while it is not going on."""
    today, yesterday = _find_spans(habit, now.seed, now.day)
    for (begin, end), hour in ((today, now.hour), (yesterday, now.hour + 24)):
        if begin <= hour < end:
            return (hour - begin) * 3600
    return None


def _make_steady(watts: float, habit: Habit) -> Watts:
    return lambda now: watts if _compute_elapsed(habit, now) is not None else 0.0


def _make_pulsed(watts: float, on: int, period: int, habit: Habit) -> Watts:
    """Return the power of a thermostat: full for two periods, then for `on` of every `period` seconds."""

    def power(now: Now) -> float:
        since = _compute_elapsed(habit, now)
        return watts if since is not None and (since < 2 * period or since % period < on) else 0.0

    return power


def _make_cycling(watts: float, on: int, period: int) -> Watts:
    """Return the power of a compressor that runs day and night, its cycle shifted by the seed."""
    return lambda now: watts if (now.second + now.seed * 977) % period < on else 0.0


def _compute_standby(now: Now) -> float:
    return 140 + 90 * drift(now.seed, "standby", now.second, 900) + 12 * make_noise(now.seed, "flicker", now.second)


def _compute_evening(now: Now) -> float:
    """Return the power in watts of lamps and screens: a little in the morning, most between 18 and 23 o'clock."""
    awake = max(0.0, 1 - abs(now.hour - 7) / 1.5) * 0.4 + max(0.0, 1 - abs(now.hour - 20.5) / 3)
    return 420 * awake * (0.8 + 0.4 * drift(now.seed, "evening", now.second, 600))


def _compute_heat_pump(now: Now) -> float:
    """Return the power in watts of a heat pump: more in the cold, cycling when it is mild, defrosting in frost."""
    need = 17 - compute_temperature(now.seed, now.second)
    running = (now.second + now.seed * 601) % 3000 < 3000 * min(1.0, 0.15 + need / 12)
    if not running or (need > 12 and now.second % 5400 < 300):
        return 35.0
    return 650 + 95 * max(0.0, need) + 60 * drift(now.seed, "inverter", now.second, 120)


def _compute_solar(now: Now) -> float:
    """Return the power in watts of 9 kWp on the roof, negative by day; at night the inverter itself takes 8 W."""
    fed_in = min(8000.0, 8.2 * now.sunshine)
    return -fed_in if fed_in > 40 else 8.0


KETTLE = Habit("kettle", 6.8, 0.4, 0.08, 0.95)
DINNER = Habit("dinner", 17.6, 0.8, 1.0, 0.9)
OVEN = Habit("oven", 17.3, 0.7, 1.2, 0.4)
DISHES = Habit("dishes", 20.5, 1.0, 0.5, 0.8)
LAUNDRY = Habit("laundry", 10.5, 3.0, 0.6, 0.35)
CAR = Habit("car", 23.2, 1.0, 5.0, 0.7)

APPLIANCES = (
    Appliance(_compute_standby, (0.5, 0.3, 0.2), -0.25),
    Appliance(_compute_evening, (0.2, 0.6, 0.2), -0.15),
    Appliance(_make_cycling(85, 900, 2700), L2, 0.6),  # refrigerator
    Appliance(_make_cycling(110, 1300, 3900), L3, 0.6),  # freezer
    Appliance(_compute_heat_pump, ALL_PHASES, 0.2),
    Appliance(_make_steady(2000, KETTLE), L2, 0.0, KETTLE),
    Appliance(_make_pulsed(1800, 25, 40, DINNER), L1, 0.0, DINNER),  # hob
    Appliance(_make_pulsed(1400, 15, 45, DINNER), L2, 0.0, DINNER),  # hob, the other side
    Appliance(_make_pulsed(2300, 60, 240, OVEN), L3, 0.0, OVEN),
    Appliance(_make_steady(2100, DISHES), L1, 0.0, DISHES),
    Appliance(_make_steady(2000, LAUNDRY), L3, 0.05, LAUNDRY),
    Appliance(_compute_solar, ALL_PHASES, 0.02),
)


def is_car_plugged(now: Now) -> bool:
    """Return whether the car is to be charged; the main fuse decides how fast."""
    return _compute_elapsed(CAR, now) is not None
