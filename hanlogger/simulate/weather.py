"""Sun, clouds and temperature near Stockholm: plausible, and the same for the same seed."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache

LATITUDE = math.radians(59.33)
LONGITUDE_HOURS = 18.07 / 15
DAY = 86_400
_MASK = (1 << 64) - 1
_MOST = 16_384  # of what is remembered: a few hundred houses take as much in a quarter of an hour


def make_noise(seed: int, name: str, index: int) -> float:
    """Return a number in [0, 1) that looks random and depends on the arguments alone (the finaliser of SplitMix64)."""
    x = (_compute_beginning(seed, name) + index) & _MASK
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _MASK
    return (x ^ (x >> 31)) / (1 << 64)


@lru_cache(maxsize=_MOST)
def _compute_beginning(seed: int, name: str) -> int:
    return seed * 0x9E3779B97F4A7C15 + int.from_bytes(name.encode()[:16]) * 0xD1B54A32D192ED03 & _MASK


def drift(seed: int, name: str, second: int, period: int) -> float:
    """Return a number in [0, 1) that moves from one random value to the next in `period` seconds."""
    knot, part = divmod(second, period)
    before, change = _compute_knot(seed, name, knot)
    return before + change * part / period


@lru_cache(maxsize=_MOST)
def _compute_knot(seed: int, name: str, number: int) -> tuple[float, float]:
    """Return the random value of a knot of `drift`, and by how much the next one is greater."""
    before = make_noise(seed, name, number)
    return before, make_noise(seed, name, number + 1) - before


def compute_sun_height(second: int) -> float:
    """Return the sine of the sun's elevation at a UTC epoch second (Spencer's declination, rounded)."""
    mean, swing = _find_heights(second // DAY)
    solar_hour = second % DAY / 3600 + LONGITUDE_HOURS
    return mean + swing * math.cos(math.tau * (solar_hour - 12) / 24)


@lru_cache(maxsize=64)
def _find_heights(day: int) -> tuple[float, float]:
    """Return the mean sine of the sun's elevation on a day, counted from 1970, and how far noon is above it."""
    day_of_year = datetime.fromtimestamp(day * DAY, UTC).timetuple().tm_yday
    declination = -0.4093 * math.cos(math.tau * (day_of_year + 10) / 365.25)
    return math.sin(LATITUDE) * math.sin(declination), math.cos(LATITUDE) * math.cos(declination)


def compute_sunshine(seed: int, second: int) -> float:
    """Return the global irradiance in W/m²: Haurwitz's clear sky, dimmed by the day's weather and by passing clouds."""
    height = compute_sun_height(second)
    if height <= 0:
        return 0.0
    clear = 1098 * height * math.exp(-0.057 / height)
    overcast = drift(seed, "weather", second, DAY // 2)
    passing = drift(seed, "cloud", second, 240) if drift(seed, "clouds", second, 7200) < overcast else 0.0
    return clear * (1 - 0.75 * overcast**2) * (1 - 0.6 * passing)


def compute_temperature(seed: int, second: int) -> float:
    """Return the outdoor temperature in °C: -4 in January, 18 in July, highest at three in the afternoon."""
    year = math.tau * (second / DAY % 365.25 - 20) / 365.25
    day = math.tau * (second % DAY / 3600 - 14) / 24
    return 7 - 11 * math.cos(year) + 3 * math.cos(day) + 8 * (drift(seed, "air", second, 3 * DAY) - 0.5)
