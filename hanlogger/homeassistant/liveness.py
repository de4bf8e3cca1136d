"""Decide whether a meter's newest telegram is recent, since Home Assistant takes every value for a present one."""

from __future__ import annotations

from datetime import datetime, timedelta

from hanlogger.status.state import MeterState

YOUNG = timedelta(seconds=60)
"""A telegram that is older says nothing of now."""

SILENT_INTERVALS = 6
LONGEST_SILENCE = timedelta(hours=2)

PASSED_ON = ("mqtt:", "mqtts:", "kafka:", "kafkas:", "via:")
"""Ports that pass on what they have kept: there the arrival time does not tell when the meter sent it."""

LATE = -300.0  # seconds that the meter's clock is behind, on such a port


def is_live(meter: MeterState, started: datetime, now: datetime) -> bool:
    """Return whether a meter's newest telegram came from the meter just now; `started`: when the logger began."""
    if meter.state == "ended" or meter.last is None or not started <= meter.last:
        return False
    passed_on_late = meter.port.startswith(PASSED_ON) and (meter.clock_offset or 0.0) < LATE
    return now - meter.last < YOUNG and not passed_on_late


def is_available(meter: MeterState, started: datetime, now: datetime) -> bool:
    """Return whether telegrams of a meter come, as often as it sends them."""
    if meter.state == "ended" or meter.last is None or not started <= meter.last:
        return False
    own = timedelta(seconds=SILENT_INTERVALS * meter.interval) if meter.interval else timedelta()
    return now - meter.last < min(max(YOUNG, own), LONGEST_SILENCE)
