"""List the values of a meter: registers, the health of its port, costs. A new source is a row of `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hanlogger.homeassistant.entities import Entity, Sensor, find_entity, scale
from hanlogger.language import Language
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
        yield Value(_make_entity("last", _LAST, language), meter.last.isoformat(timespec="milliseconds"))
    yield Value(_make_entity("damaged", _DAMAGED, language), meter.damaged)
    if meter.clock_offset is not None:
        yield Value(_make_entity("clock_offset", _OFFSET, language), round(meter.clock_offset, 1))


def _make_entity(key: str, sensor: Sensor, language: Language) -> Entity:
    return Entity(key, _NAMES[key][language == "sv"], sensor)


_MONEY = Sensor("monetary", "", "", 0, 2)  # it begins at nought each month, which no state class allows
_POWER = Sensor("power", "measurement", "kW", 0, 2)
_FEE_NAMES = {
    "kw": ("power so far", "effekt hittills"),
    "forecast": ("this hour's forecast", "timmens prognos"),
    "allowed": ("power that keeps this hour at its limit", "effekt som håller timmen vid gränsen"),
}


def _list_costs(meter: MeterState, language: Language) -> Iterator[Value]:
    """Yield what the month costs so far and, of each fee for power, its power and the running hour's.

    A power that may be anything, and one of an hour that does not count, is not told: the entity is unknown then.
    """
    costs = meter.costs
    if costs is None or costs.known is None:
        return
    if costs.quality != "unknown":
        money = _MONEY._replace(unit=costs.currency)
        name = "Kostnad denna månad" if language == "sv" else "Cost this month"
        yield Value(Entity("cost_month", name, money), float(costs.known))
    for number, fee in enumerate(costs.fees, 1):
        found = {"kw": fee.kw}
        if fee.running:
            found |= {"forecast": fee.running.forecast}
            found |= {} if fee.running.allowed is None else {"allowed": fee.running.allowed}
        for key, value in found.items():
            title = f"{fee.line}: {_FEE_NAMES[key][language == 'sv']}"
            yield Value(Entity(f"fee_{number}_{key}", title, _POWER), float(value))


SOURCES: tuple[Callable[[MeterState, Language], Iterator[Value]], ...] = (
    _list_registers,
    _list_costs,
    _list_health,
)
"""In the order in which Home Assistant lists the entities. Each gives the same keys for the same meter."""
