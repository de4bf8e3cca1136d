"""Turn a reading into points. Measurements, tags and times are decided in this room only (docs/design.md section 4).

    active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000

The same reading and the same settings give the same points in the same order, so that writing twice is writing once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from hanlogger.model import Meter, Obis, Point, Reading, Register
from hanlogger.points.catalogue import UNKNOWN_MEDIUM
from hanlogger.points.derived import derive_registers
from hanlogger.points.lineprotocol import encode_number, is_number
from hanlogger.points.series import (
    MediumCodes,
    Series,
    assign_series,
    make_meter_tags,
    number_duplicates,
    states_medium,
)
from hanlogger.points.timestamp import Timestamp, resolve_register_time

_MICROSECOND = timedelta(microseconds=1)
_MESSAGE = (96, 13)  # C, D
_EMPTY_MEMORY = re.compile("[Ff]{2,}|\xff+|\x7f+|\ufffd+")  # 7F: read with seven data bits; FFFD: a text of DLMS


class Points(NamedTuple):
    """The points of a reading, and the registers that give none because their own time cannot be right."""

    points: list[Point]
    untimed: list[Register]  # to be counted


def make_points(reading: Reading, meter: Meter, timestamp: Timestamp) -> Points:
    """Return one point for each register, then the derived ones, then the offset of the meter's clock.

    `timestamp`: the reading's, from `resolve_timestamp`. An empty memory gives no point (see `is_empty_memory`), nor
    does a register whose own time cannot be right (see `resolve_register_time`).
    """
    points: list[Point] = []
    untimed: list[Register] = []
    for register, series in _find_series(reading, meter):
        time = _find_time(series, reading, timestamp)
        if register.time is not None:
            time = resolve_register_time(register, reading, meter, timestamp)
            if time is None:
                untimed.append(register)
                continue
        if series is not None and not is_empty_memory(register.obis, register.value):
            points.append(_make_point(register, series, time))
    return Points([*points, *_make_clock_offset(meter, timestamp)], untimed)


def make_health_points(fields: Mapping[str, float], meter: str | None, logger: str, at: datetime) -> list[Point]:
    """Return the point of a minute of the logger's health: about one meter, or the logger where `meter` is None."""
    numbers = ((name, Decimal(str(value))) for name, value in sorted(fields.items()))
    finite = tuple((name, value) for name, value in numbers if value.is_finite())
    about = () if meter is None else (("meter", meter),)
    return [Point("hanlogger", (("logger", logger), *about), finite, at)] if finite else []


def make_interval_point(
    meter: Meter, direction: str, quality: str, watt_hours: Decimal, length: timedelta, start: datetime
) -> Point:
    """Return the point of the energy of spans that begin in one quarter of an hour; start: its beginning.

    length: that they cover. Both fields are 0 where what was written before has been corrected to nothing.
    """
    tags = {**dict(make_meter_tags(meter)), "direction": direction, "quality": quality}
    fields = (("seconds", to_seconds(length)), ("value", watt_hours))
    return Point("energy_interval", tuple(sorted(tags.items())), fields, start)


def make_price_point(area: str, currency: str, price: Decimal, start: datetime) -> Point:
    """Return the point of the spot price of a kWh in one quarter of an hour; start: its beginning, also to come."""
    return Point("spot_price", (("area", area), ("currency", currency)), (("value", price),), start)


def to_seconds(length: timedelta) -> Decimal:
    """Return the exact number of seconds."""
    return Decimal(length // _MICROSECOND).scaleb(-6)


def is_empty_memory(obis: Obis, value: Decimal | str) -> bool:
    """Return whether a text message (0-0:96.13.n) is a memory that was never written to: octets FF, as hex or as such.

    Some meters send a thousand such octets in each telegram; they give no point.
    """
    return obis[2:4] == _MESSAGE and isinstance(value, str) and bool(_EMPTY_MEMORY.fullmatch(value))


def to_text(value: Decimal | str) -> str:
    """Return what the field `text` of a value holds."""
    return value if isinstance(value, str) else encode_number(value)


def _find_series(reading: Reading, meter: Meter) -> list[tuple[Register, Series | None]]:
    """Return each register, those derived included, and its series."""
    rows = (*reading.rows, *derive_registers(reading))
    shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in rows])
    numbers = number_duplicates([(str(row.obis), row.time or reading.clock) for row in rows])
    return list(zip(rows, assign_series(shape, numbers, find_media(reading), make_meter_tags(meter)), strict=True))


def _find_time(series: Series | None, reading: Reading, timestamp: Timestamp) -> datetime | None:
    """Return the time of a register that states none: the reading's, or the full hour of an hourly list's counter."""
    if timestamp.time is None or series is None or not (reading.hourly and series.is_counter):
        return timestamp.time
    return timestamp.time.replace(minute=0, second=0, microsecond=0)


def _make_point(register: Register, series: Series, time: datetime | None) -> Point:
    field = ("text", to_text(register.value)) if series.is_text else ("value", register.value)
    return Point(series.measurement, series.tags, (field,), time)


def _make_clock_offset(meter: Meter, timestamp: Timestamp) -> list[Point]:
    if timestamp.offset is None:
        return []
    fields = (("value", to_seconds(timestamp.offset)),)
    return [Point("clock_offset", make_meter_tags(meter), fields, timestamp.time)]


def find_media(reading: Reading) -> MediumCodes:
    """Return what each sub-meter measures, wherever the register stands; one that states two media states none."""
    rows = [row for row in reading.registers if states_medium(row.obis)]
    stated = {(row.obis.b, int(code)) for row in rows if (code := to_text(row.value)).isdecimal() and len(code) < 4}
    channels = Counter(channel for channel, _ in stated)
    return tuple(sorted({(channel, code if channels[channel] == 1 else UNKNOWN_MEDIUM) for channel, code in stated}))
