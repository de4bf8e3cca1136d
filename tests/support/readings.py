"""What a reading says, in words that a test can compare."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hanlogger.decoding import decode, link
from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.model import BadFrame, Frame, Key, Meter, Reading
from hanlogger.points.timestamp import convert_meter_clock, convert_register_clock
from tests.support.octets import RECEIVED_AT, telegram

METER = Meter()


def read(data: bytes, meter: Meter = METER, keys: Sequence[Key] = ()) -> Reading:
    """The one message in these octets."""
    [event] = find_all(data, RECEIVED_AT)
    assert isinstance(event, Frame), event
    return decode(event, meter, keys)


def said(reading: Reading, meter: Meter = METER) -> dict[str, str]:
    """Code -> value, unit, and the time of its own in UTC; of a code that stands twice the last."""
    rows = {}
    for row in reading.registers:
        time = convert_register_clock(row, reading, meter) if row.time else None
        value = format(row.value, "f") if isinstance(row.value, Decimal) else row.value
        rows[str(row.obis)] = f"{value} {row.unit}".strip() + (f" at {time:%Y-%m-%d %H:%M:%S}" if time else "")
    return rows


def when(reading: Reading, meter: Meter = METER) -> str | None:
    time = convert_meter_clock(reading, meter)
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else None


def rows(*lines: str, meter: Meter = METER) -> dict[str, str]:
    """What a telegram of these rows says."""
    return said(read(telegram(*lines), meter), meter)


def complete(event: Frame | BadFrame) -> bool:
    """Whether it is a message, whatever it says, and no part of one."""
    try:
        return isinstance(event, Frame) and bool(link.extract_content(event))
    except (DecodeError, IndexError):
        return False


def bare(body: bytes) -> Frame:
    return Frame("dlms", body, RECEIVED_AT, verified=False)
