"""What is told of a meter: its registers, and the health of its port. What else is to be told is a row of `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hanlogger.homeassistant.entities import Entity, Sensor, find_entity, scale
from hanlogger.homeassistant.target import Language
from hanlogger.status.state import MeterState


class Value(NamedTuple):
    """An entity of a meter and what it says now."""

    entity: Entity
    value: float | int | str


def list_values(meter: MeterState, language: Language) -> list[Value]:
    """Return all that is told of a meter now."""
    return [value for source in SOURCES for value in source(meter, language)]


def _list_registers(meter: MeterState, language: Language) -> Iterator[Value]:
    for code, register in meter.registers.items():
        entity = find_entity(code, register, language)
        number = scale(register.value, entity.sensor.scaler) if entity else None
        if entity and number is not None:
            yield Value(entity, number)


_LAST = Sensor("timestamp", diagnostic=True)
_DAMAGED = Sensor("", "total_increasing", "", 0, 0, diagnostic=True)
_OFFSET = Sensor("duration", "measurement", "s", 0, 0, diagnostic=True, enabled=False)
_NAMES = {
    "last": ("Last telegram", "Senaste telegram"),
    "damaged": ("Damaged telegrams", "Skadade telegram"),
    "clock_offset": ("Clock, ahead of the logger's", "Klockan, före loggerns"),
}


def _list_health(meter: MeterState, language: Language) -> Iterator[Value]:
    if meter.last is not None:
        yield Value(_own("last", _LAST, language), meter.last.isoformat(timespec="milliseconds"))
    yield Value(_own("damaged", _DAMAGED, language), meter.damaged)
    if meter.clock_offset is not None:
        yield Value(_own("clock_offset", _OFFSET, language), round(meter.clock_offset, 1))


def _own(key: str, sensor: Sensor, language: Language) -> Entity:
    return Entity(key, _NAMES[key][language == "sv"], sensor)


SOURCES: tuple[Callable[[MeterState, Language], Iterator[Value]], ...] = (_list_registers, _list_health)
"""In the order in which Home Assistant lists the entities. Each gives the same keys for the same meter."""
