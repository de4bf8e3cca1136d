"""The meter's clock against this computer's, if that can be believed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.doctor.case import Case, Host
from hanlogger.doctor.finding import Finding, note, warning, well, wrong
from hanlogger.errors import DecodeError
from hanlogger.model import Frame, Meter, Reading
from hanlogger.points.timestamp import moment

SETTINGS = ("auto", "normal-time", "flag", "local", "utc", "+02:00")
"""What `clock` may have to be, in this order."""

NEAR = 120.0  # seconds: so near to a whole hour it is the hour that is wrong
DRIFTS = 60.0  # seconds
HOUR = 3600.0


class Judged(NamedTuple):
    """A reading and when it was received."""

    reading: Reading
    received_at: datetime


def check_host_clock(host: Host) -> Iterator[Finding]:
    """Nothing can be judged by a clock that nobody has set."""
    now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}"
    yield (well if host.clock.is_set else warning)("host-clock" if host.clock.is_set else "host-clock-unset", time=now)


def check_clock(case: Case) -> Iterator[Finding]:
    """Off by whole hours, which a setting mends; or by less, which none does."""
    judged = [one for frame in case.frames[-20:] if (one := _judged(frame, case)) and not one.reading.hourly]
    if not judged:
        return
    if all(one.reading.clock is None for one in judged) or case.port.meter.clock == "receive":
        yield note("clock-none", case.name)
    elif case.host.clock.is_set:
        yield _judge(case, judged)


def _judged(frame: Frame, case: Case) -> Judged | None:
    try:
        return Judged(decode(frame, case.port.meter, case.port.keys), frame.received_at)
    except DecodeError:
        return None


def _judge(case: Case, judged: Sequence[Judged]) -> Finding:
    offset = _offset(judged, case.port.meter)
    if offset is None:
        return warning("clock-never-set", case.name)
    hours = round(offset / HOUR)
    if hours and abs(offset - hours * HOUR) < NEAR:
        right = _right_setting(judged, case.port.meter)
        facts = {"hours": f"{hours:+d}", "now": case.port.meter.clock, "setting": right}
        return wrong("clock-hours" if right else "clock-hours-unknown", case.name, **facts)
    facts = {"seconds": f"{abs(offset):.0f}", "span": _span(offset)}
    if abs(offset) > DRIFTS:
        return warning("clock-ahead" if offset > 0 else "clock-behind", case.name, **facts)
    return well("clock", case.name, **facts)


def _offset(judged: Sequence[Judged], meter: Meter) -> float | None:
    """Seconds that the meter's clock is ahead, in the middle; None where it shows no possible time."""
    unlimited = replace(meter, clock_limit=None)
    moments = (moment(one.reading, unlimited, one.received_at) for one in judged)
    offsets = [when.offset.total_seconds() for when in moments if when.offset is not None]
    return statistics.median(offsets) if offsets else None


def _right_setting(judged: Sequence[Judged], meter: Meter) -> str:
    """The setting under which the clock is right; "" where none is."""
    offsets = ((clock, _offset(judged, replace(meter, clock=clock))) for clock in SETTINGS)
    return next((clock for clock, offset in offsets if offset is not None and abs(offset) < NEAR), "")


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(abs(seconds))))
