"""Reading -> points. Measurements, tags and times are decided here and nowhere else (design.md section 4).

    active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000

Same reading and same settings in, same points out, in the same order: writing twice is writing once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from hanlogger.derived import derived
from hanlogger.lineprotocol import is_number, lines, number
from hanlogger.model import Meter, Obis, Point, Reading, Register
from hanlogger.moment import Moment, moment, register_time
from hanlogger.registers import CLOCK, REGISTER, TEXT, Entry, entry, is_electricity, is_submeter_reading

__all__ = ["OUR_TAGS", "REFUSED_TAGS", "derived", "health_points", "lines", "points", "untimed"]

OUR_TAGS = frozenset({"meter", "obis", "phase", "direction", "tariff", "channel", "unit", "row", "logger"})
"""Tags that a user's own never override."""

REFUSED_TAGS = OUR_TAGS | {"time", "_field", "_measurement"}
"""Names that a user's tag must not have: ours, and those that InfluxDB answers with 400."""

_COUNTER = 8  # group D

Tags = tuple[tuple[str, str], ...]


def points(
    reading: Reading,
    meter: Meter,
    received_at: datetime | None,
    *,
    judge: bool = True,
    after: datetime | None = None,
) -> list[Point]:
    """One point per register, then what is derived, then the clock's offset; `judge` and `after` as in `moment`.

    A row whose own time is impossible gives no point: see `untimed`.
    """
    when = moment(reading, meter, received_at, judge=judge, after=after)
    return [*_of_registers(reading, meter, when), *_clock_offset(meter, when)]


def untimed(reading: Reading, meter: Meter) -> list[Register]:
    """The rows that give no point because their own time is impossible. They are to be counted."""
    return [row for row in reading.registers if row.time is not None and register_time(row, reading, meter) is None]


def health_points(fields: Mapping[str, float], meter: str | None, logger: str, at: datetime) -> list[Point]:
    """A minute of the logger's own health: about one meter, or about the logger where `meter` is None."""
    numbers = ((name, Decimal(str(value))) for name, value in sorted(fields.items()))
    finite = tuple((name, value) for name, value in numbers if value.is_finite())
    about = () if meter is None else (("meter", meter),)
    return [Point("hanlogger", (("logger", logger), *about), finite, at)] if finite else []


class _Series(NamedTuple):
    """Where the values of a register go."""

    measurement: str
    tags: Tags
    text: bool  # field `text`, not `value`
    counter: bool  # of the hour, in an hourly list


def _of_registers(reading: Reading, meter: Meter, when: Moment) -> Iterator[Point]:
    rows = (*reading.registers, *derived(reading))
    shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in rows])
    hour = when.time and when.time.replace(minute=0, second=0, microsecond=0)
    for row, series in zip(rows, _layout(shape, _device_types(reading), _own_tags(meter)), strict=True):
        if series is None:
            continue
        time = hour if reading.hourly and series.counter else when.time
        if row.time is not None:
            time = register_time(row, reading, meter)
            if time is None:
                continue
        field = ("text", _text(row.value)) if series.text else ("value", row.value)
        yield Point(series.measurement, series.tags, (field,), time)


def _clock_offset(meter: Meter, when: Moment) -> Iterator[Point]:
    if when.offset is not None:
        seconds = Decimal(when.offset // timedelta(microseconds=1)).scaleb(-6)
        yield Point("clock_offset", _own_tags(meter), (("value", seconds),), when.time)


def _own_tags(meter: Meter) -> Tags:
    own = {key: value for key, value in meter.tags.items() if value and key not in REFUSED_TAGS}
    return tuple(sorted({**own, "meter": meter.name}.items()))


def _device_types(reading: Reading) -> tuple[tuple[int | None, int], ...]:
    """Channel and EN 13757 medium of each sub-meter that tells it (0-n:24.1.0)."""
    rows = [row for row in reading.registers if row.obis.c == 24 and row.obis[2:5] == (24, 1, 0)]
    return tuple((row.obis.b, int(text)) for row in rows if (text := _text(row.value)).isdecimal() and len(text) < 4)


def _text(value: Decimal | str) -> str:
    return value if isinstance(value, str) else number(value)


# --- the layout of a message: decided once for each shape of message and meter

_Shape = tuple[tuple[Obis, str, bool], ...]


@lru_cache(maxsize=1024)
def _layout(
    shape: _Shape, device_types: tuple[tuple[int | None, int], ...], own_tags: Tags
) -> tuple[_Series | None, ...]:
    media = dict(device_types)
    times = Counter(str(obis) for obis, _, _ in shape)
    seen: Counter[str] = Counter()
    layout = []
    for obis, unit, numeric in shape:
        code = str(obis)
        seen[code] += 1
        row = str(seen[code]) if times[code] > 1 else ""
        known = entry(obis, media.get(obis.b) if obis.a == 0 else None)
        layout.append(_series(obis, unit, numeric, known, row, own_tags))
    return tuple(layout)


def _series(obis: Obis, unit: str, numeric: bool, known: Entry | None, row: str, own_tags: Tags) -> _Series | None:
    """None for a clock's row: it is the time of the others."""
    if known is not None and known.measurement == CLOCK:
        return None
    measurement = _measurement(unit, numeric, known)
    tags = {"obis": str(obis), "row": row}
    if measurement == REGISTER:
        tags["unit"] = unit
    elif measurement != TEXT and known is not None:
        channel = str(obis.b) if is_submeter_reading(obis) else ""
        tags |= {"phase": known.phase, "direction": known.direction, "tariff": known.tariff, "channel": channel}
    ours = {key: value for key, value in tags.items() if value}
    return _Series(
        measurement, tuple(sorted({**dict(own_tags), **ours}.items())), measurement == TEXT, _is_counter(obis)
    )


def _measurement(unit: str, numeric: bool, known: Entry | None) -> str:
    """The catalogue's, if the value is in its unit; a number in another unit (gas in GJ) is kept as sent."""
    if not numeric or (known is not None and known.measurement == TEXT):
        return TEXT
    if known is None or known.measurement == REGISTER:
        return REGISTER
    return known.measurement if (unit or "1") == known.unit else REGISTER


def _is_counter(obis: Obis) -> bool:
    return is_electricity(obis) and obis.d == _COUNTER
