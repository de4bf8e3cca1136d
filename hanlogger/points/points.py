"""Reading -> points. Measurements, tags and times are decided here and nowhere else (docs/design.md section 4).

    active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000

Same reading and same settings in, same points out, in the same order: writing twice is writing once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from hanlogger.model import Meter, Obis, Point, Reading, Register
from hanlogger.points.catalogue import UNKNOWN_MEDIUM
from hanlogger.points.derived import derived
from hanlogger.points.lineprotocol import is_number, lines, number
from hanlogger.points.series import OUR_TAGS, REFUSED_TAGS, Kinds, layout, numbered, own_tags, tells_its_kind
from hanlogger.points.timestamp import Moment, believed_time, moment

__all__ = ["OUR_TAGS", "REFUSED_TAGS", "derived", "health_points", "lines", "points", "untimed"]

_MICROSECOND = timedelta(microseconds=1)
_MESSAGE = (96, 13)  # C, D
_EMPTY_MEMORY = re.compile("[Ff]{2,}|\xff+|\x7f+|\ufffd+")  # 7F: read with seven data bits; FFFD: a text of DLMS


def points(
    reading: Reading,
    meter: Meter,
    received_at: datetime | None,
    *,
    judge: bool = True,
    after: datetime | None = None,
) -> list[Point]:
    """One point per register, then what is derived, then the clock's offset; `judge` and `after` as in `moment`.

    A row whose own time cannot be right gives no point: see `untimed`; nor does an empty memory: see `is_empty_memory`.
    """
    when = moment(reading, meter, received_at, judge=judge, after=after)
    return [*_of_registers(reading, meter, when, received_at, judge=judge), *_clock_offset(meter, when)]


def untimed(
    reading: Reading, meter: Meter, when: Moment, received_at: datetime | None, *, judge: bool = True
) -> list[Register]:
    """List the rows that give no point because their own time cannot be right; `when`: the reading's own.

    They are to be counted. `judge` as in `moment`.
    """
    timed = (row for row in reading.rows if row.time is not None)
    return [row for row in timed if believed_time(row, reading, meter, when, received_at, judge=judge) is None]


def health_points(fields: Mapping[str, float], meter: str | None, logger: str, at: datetime) -> list[Point]:
    """A minute of the logger's own health: about one meter, or about the logger where `meter` is None."""
    numbers = ((name, Decimal(str(value))) for name, value in sorted(fields.items()))
    finite = tuple((name, value) for name, value in numbers if value.is_finite())
    about = () if meter is None else (("meter", meter),)
    return [Point("hanlogger", (("logger", logger), *about), finite, at)] if finite else []


def _of_registers(
    reading: Reading, meter: Meter, when: Moment, received_at: datetime | None, *, judge: bool
) -> Iterator[Point]:
    rows = (*reading.rows, *derived(reading))
    shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in rows])
    numbers = numbered([(str(row.obis), row.time or reading.clock) for row in rows])
    hour = when.time and when.time.replace(minute=0, second=0, microsecond=0)
    for row, series in zip(rows, layout(shape, numbers, _kinds(reading), own_tags(meter)), strict=True):
        if series is None or is_empty_memory(row.obis, row.value):
            continue
        time = hour if reading.hourly and series.counter else when.time
        if row.time is not None:
            time = believed_time(row, reading, meter, when, received_at, judge=judge)
            if time is None:
                continue
        field = ("text", text(row.value)) if series.text else ("value", row.value)
        yield Point(series.measurement, series.tags, (field,), time)


def _clock_offset(meter: Meter, when: Moment) -> Iterator[Point]:
    if when.offset is not None:
        yield Point("clock_offset", own_tags(meter), (("value", seconds(when.offset)),), when.time)


def seconds(length: timedelta) -> Decimal:
    """Exactly."""
    return Decimal(length // _MICROSECOND).scaleb(-6)


def _kinds(reading: Reading) -> Kinds:
    """Read what each sub-meter measures, wherever the row stands; one that says two things says nothing."""
    rows = [row for row in reading.registers if tells_its_kind(row.obis)]
    told = {(row.obis.b, int(said)) for row in rows if (said := text(row.value)).isdecimal() and len(said) < 4}
    channels = Counter(channel for channel, _ in told)
    return tuple(sorted({(channel, kind if channels[channel] == 1 else UNKNOWN_MEDIUM) for channel, kind in told}))


def is_empty_memory(obis: Obis, value: Decimal | str) -> bool:
    """Tell whether a message (0-0:96.13.n) is a memory that was never written to: octets FF, in hex or as they are.

    It is a thousand of them in each telegram of some meters, and no message; it gives no point.
    """
    return obis[2:4] == _MESSAGE and isinstance(value, str) and bool(_EMPTY_MEMORY.fullmatch(value))


def text(value: Decimal | str) -> str:
    """What stands in a field `text`."""
    return value if isinstance(value, str) else number(value)
