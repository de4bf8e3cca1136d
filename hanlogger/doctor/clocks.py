"""Checks of the clocks: this computer's own, and the meter's against it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.doctor.context import Host, PortContext
from hanlogger.doctor.finding import Finding, note, note_warning, note_well, note_wrong
from hanlogger.errors import DecodeError
from hanlogger.model import Frame, Meter, Reading
from hanlogger.points.timestamp import resolve_timestamp

SETTINGS = ("auto", "normal-time", "flag", "local", "utc", "+02:00")
"""Values of the setting `clock` that are tried, in this order, to find the one that makes the meter's clock right."""

NEAR = 120.0  # seconds from a whole hour within which an offset is taken for a wrong setting, not for a drifting clock
DRIFTS = 60.0  # seconds of offset above which a warning is given
HOUR = 3600.0  # seconds


class ReceivedReading(NamedTuple):
    """A reading and the arrival time of its frame."""

    reading: Reading
    received_at: datetime


def check_host_clock(host: Host) -> Iterator[Finding]:
    """Yield whether this computer's clock is known to be set: without it the meter's clock cannot be judged."""
    now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}"
    yield note_well("host-clock", time=now) if host.clock.is_set else note_warning("host-clock-unset", time=now)


def check_clock(context: PortContext) -> Iterator[Finding]:
    """Yield how far the meter's clock is off: by whole hours, which a setting corrects, or by drift."""
    judged = [one for frame in context.frames[-20:] if (one := _judge(frame, context)) and not one.reading.hourly]
    if not judged:
        return
    if all(one.reading.clock is None for one in judged) or context.port.meter.clock == "receive":
        yield note("clock-none", context.name)
    elif context.host.clock.is_set:
        yield _compare(context, judged)


def _judge(frame: Frame, context: PortContext) -> ReceivedReading | None:
    try:
        return ReceivedReading(decode(frame, context.port.meter, context.port.keys), frame.received_at)
    except DecodeError:
        return None


def _compare(context: PortContext, judged: Sequence[ReceivedReading]) -> Finding:
    offset = _compute_offset(judged, context.port.meter)
    if offset is None:
        return note_warning("clock-never-set", context.name)
    hours = round(offset / HOUR)
    if hours and abs(offset - hours * HOUR) < NEAR:
        right = _find_right_setting(judged, context.port.meter)
        facts = {"hours": f"{hours:+d}", "now": context.port.meter.clock, "setting": right}
        return note_wrong("clock-hours" if right else "clock-hours-unknown", context.name, **facts)
    facts = {"seconds": f"{abs(offset):.0f}", "span": _format_span(offset)}
    if abs(offset) > DRIFTS:
        return note_warning("clock-ahead" if offset > 0 else "clock-behind", context.name, **facts)
    return note_well("clock", context.name, **facts)


def _compute_offset(judged: Sequence[ReceivedReading], meter: Meter) -> float | None:
    """Return the median of the seconds that the meter's clock is ahead; None if it shows no possible time."""
    unlimited = replace(meter, clock_limit=None)
    timestamps = (resolve_timestamp(one.reading, unlimited, one.received_at) for one in judged)
    offsets = [when.offset.total_seconds() for when in timestamps if when.offset is not None]
    return statistics.median(offsets) if offsets else None


def _find_right_setting(judged: Sequence[ReceivedReading], meter: Meter) -> str:
    """Return the value of the setting `clock` under which the meter's clock is right; "" if there is none."""
    offsets = ((clock, _compute_offset(judged, replace(meter, clock=clock))) for clock in SETTINGS)
    return next((clock for clock, offset in offsets if offset is not None and abs(offset) < NEAR), "")


def _format_span(seconds: float) -> str:
    return str(timedelta(seconds=round(abs(seconds))))
