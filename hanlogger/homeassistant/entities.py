"""Which of a meter's registers are entities of Home Assistant, and what each of those is (Home Assistant 2024.11 on).

A unit that does not fit its device class makes Home Assistant reject the entity, and a sum that falls counts as a new
meter: so only numbers in the unit that the catalogue states become entities, and nothing is ever sent for "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import NamedTuple

from hanlogger.language import Language
from hanlogger.model import Obis
from hanlogger.points.catalogue import REGISTER, Entry, look_up
from hanlogger.status.state import RegisterState


class Sensor(NamedTuple):
    """What kind of entity a value is; an empty text stands for none."""

    device_class: str = ""
    state_class: str = ""
    unit: str = ""
    scaler: int = 0  # what is sent is the value times ten to this
    precision: int | None = None  # decimals that are shown
    diagnostic: bool = False
    enabled: bool = True  # False: the user may enable it


_ENERGY = Sensor("energy", "total_increasing", "kWh", -3, 1)
_REACTIVE_ENERGY = Sensor("", "total_increasing", "kvarh", -3, 1, enabled=False)  # old versions know no device class
_VOLUME = Sensor("water", "total_increasing", "m³", 0, 3)
_COUNT = Sensor("", "total_increasing", "", 0, 0, diagnostic=True)

SENSORS: Mapping[str, Sensor] = MappingProxyType(
    {
        "active_energy": _ENERGY,
        "active_energy_tariff": _ENERGY,
        "reactive_energy": _REACTIVE_ENERGY,
        "reactive_energy_tariff": _REACTIVE_ENERGY,
        "active_power": Sensor("power", "measurement", "W", 0, 0),
        "reactive_power": Sensor("reactive_power", "measurement", "var", 0, 0, enabled=False),
        "apparent_power": Sensor("apparent_power", "measurement", "VA", 0, 0, enabled=False),
        "voltage": Sensor("voltage", "measurement", "V", 0, 1),
        "current": Sensor("current", "measurement", "A", 0, 2),
        "power_factor": Sensor("power_factor", "measurement", "", 0, 3),
        "frequency": Sensor("frequency", "measurement", "Hz", 0, 2),
        "gas": _VOLUME._replace(device_class="gas"),
        "water": _VOLUME,
        "cold_water": _VOLUME,
        "hot_water": _VOLUME,
        "heat": _ENERGY,
        "cooling": _ENERGY,
    }
)
"""By measurement of the catalogue."""

_OTHERS: tuple[tuple[str, str, Sensor], ...] = (
    (r"1-0:[12]\.[456]\.0", "W", Sensor("power", "measurement", "W", 0, 0)),
    (r"1-0:(32|52|72)\.(32|36)\.0", "", _COUNT),
    (r"0-0:96\.7\.(21|9)", "", _COUNT),
)
"""Registers that the catalogue keeps under their codes alone: code, unit, entity."""


class Entity(NamedTuple):
    """One entity of a meter: the key of its value in the state, its names and its kind."""

    key: str
    name: str
    sensor: Sensor


def find_entity(code: str, register: RegisterState, language: Language) -> Entity | None:
    """Return the entity of a register, by its code as the meter sends it; None for one that is none."""
    try:
        obis = Obis.parse(code)
    except ValueError:
        return None
    known = look_up(obis)
    sensor = _choose(code, register.unit, known) if known and scale(register.value, 0) is not None else None
    return Entity(make_key(code), _name(obis, known, language), sensor) if known and sensor else None


def make_key(code: str) -> str:
    """Return a code as Home Assistant allows it in ids: `1-0_1_8_0` for `1-0:1.8.0`."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", code)


def scale(value: str, scaler: int) -> float | int | None:
    """Return a number as it is sent, times ten to `scaler`; None for a text that is no number."""
    try:
        number = Decimal(value).scaleb(scaler)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _choose(code: str, unit: str, known: Entry) -> Sensor | None:
    if known.measurement == REGISTER:
        return next((it for form, of_unit, it in _OTHERS if re.fullmatch(form, code) and unit == of_unit), None)
    return SENSORS.get(known.measurement) if (unit or "1") == known.unit else None


def _name(obis: Obis, known: Entry, language: Language) -> str:
    name = known.swedish if language == "sv" else known.english
    name = name.removeprefix("mätarställning ")
    channel = f" {obis.b}" if obis.a == 0 and obis.b else ""
    return name[:1].upper() + name[1:] + channel
