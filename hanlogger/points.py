"""Reading -> points. Measurements, tags and times are decided here and nowhere else (design.md section 4).

    active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000

Same reading and same settings in, same points out, in the same order: writing twice is writing once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache, reduce
from typing import NamedTuple

from hanlogger.lineprotocol import lines, number
from hanlogger.model import Meter, Obis, Point, Reading, Register
from hanlogger.moment import Moment, moment, register_time
from hanlogger.registers import CLOCK, REGISTER, TEXT, Entry, entry, is_submeter_reading

__all__ = ["OUR_TAGS", "REFUSED_TAGS", "derived", "health_points", "lines", "points", "untimed"]

OUR_TAGS = frozenset({"meter", "obis", "phase", "direction", "tariff", "channel", "unit", "row", "logger"})
"""Tags that a user's own never override."""

REFUSED_TAGS = OUR_TAGS | {"time", "_field", "_measurement"}
"""Names that a user's tag must not have: ours, and those that InfluxDB answers with 400."""

_NET_POWER = Obis(1, 0, 16, 7, 0)
_SUMS = (Obis(1, 0, 1, 8, 0), Obis(1, 0, 2, 8, 0))
_TARIFFS = (1, 2, 3, 4)
_COUNTER = 8  # group D
_LARGEST_EXPONENT = 307  # a larger number is no IEEE 754 double, and InfluxDB answers 400

_EXACT = Context(prec=1000)  # digits: more than any two doubles need

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


def derived(reading: Reading) -> list[Register]:
    """Net active power and sums of tariffs, each only where the meter does not send it itself."""
    rows: dict[_Groups, list[Register]] = {}
    for row in reading.registers:
        if row.obis.a != 0:
            rows.setdefault(_groups(row.obis), []).append(row)
    wanted = (_net_power(rows), *(_sum_of_tariffs(total, rows, reading.unread) for total in _SUMS))
    return [row for row in wanted if row is not None]


_Groups = tuple[int, int, int, int]  # C, D, E, F
_Rows = Mapping[_Groups, Sequence[Register]]


def _groups(obis: Obis) -> _Groups:
    return (obis.c, obis.d, obis.e or 0, 255 if obis.f is None else obis.f)


def _net_power(rows: _Rows) -> Register | None:
    taken, given = (_numbers(rows, "W", (c, 7, 0, 255)) for c in (1, 2))
    if _groups(_NET_POWER) in rows or not taken or not given:
        return None
    return Register(_NET_POWER, _EXACT.subtract(taken[0], given[0]), "W")


def _sum_of_tariffs(total: Obis, rows: _Rows, unread: Sequence[str]) -> Register | None:
    """None also where a tariff's row could not be read: a counter must not fall because a row is missing."""
    tariffs = _numbers(rows, "Wh", *((total.c, total.d, tariff, 255) for tariff in _TARIFFS))
    if _groups(total) in rows or not tariffs or any(f"{total.c}.{total.d}." in row for row in unread):
        return None
    return Register(total, reduce(_EXACT.add, tariffs), "Wh")


def _numbers(rows: _Rows, unit: str, *codes: _Groups) -> list[Decimal]:
    """The values of those codes that stand in the reading; none at all where one stands twice or is no such number."""
    found = [rows[code] for code in codes if code in rows]
    plain = [row.value for (row, *more) in found if not more and row.unit == unit and not _is_text(row.value)]
    return [value for value in plain if isinstance(value, Decimal)] if len(plain) == len(found) else []


class _Series(NamedTuple):
    """Where the values of a register go."""

    measurement: str
    tags: Tags
    text: bool  # field `text`, not `value`
    counter: bool  # of the hour, in an hourly list


def _of_registers(reading: Reading, meter: Meter, when: Moment) -> Iterator[Point]:
    rows = (*reading.registers, *derived(reading))
    shape = tuple([(row.obis, row.unit, _is_text(row.value)) for row in rows])
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


def _is_text(value: Decimal | str) -> bool:
    """Whether it can only be stored as text: it is one, or no finite double."""
    return isinstance(value, str) or not value.is_finite() or value.adjusted() > _LARGEST_EXPONENT


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
    for obis, unit, is_text in shape:
        code = str(obis)
        seen[code] += 1
        row = str(seen[code]) if times[code] > 1 else ""
        known = entry(obis, media.get(obis.b) if obis.a == 0 else None)
        layout.append(_series(obis, unit, is_text, known, row, own_tags))
    return tuple(layout)


def _series(obis: Obis, unit: str, is_text: bool, known: Entry | None, row: str, own_tags: Tags) -> _Series | None:
    """None for a clock's row: it is the time of the others."""
    if known is not None and known.measurement == CLOCK:
        return None
    measurement = _measurement(unit, is_text, known)
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


def _measurement(unit: str, is_text: bool, known: Entry | None) -> str:
    """The catalogue's, if the value is in its unit; a number in another unit (gas in GJ) is kept as sent."""
    if is_text or (known is not None and known.measurement == TEXT):
        return TEXT
    if known is None or known.measurement == REGISTER:
        return REGISTER
    return known.measurement if (unit or "1") == known.unit else REGISTER


def _is_counter(obis: Obis) -> bool:
    return obis.a != 0 and obis.d == _COUNTER
