"""The points and lines of a reading that came at a given time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hanlogger.model import Meter, Point, Reading, Register
from hanlogger.points.encoder import encode
from hanlogger.points.lineprotocol import encode_points
from hanlogger.points.points import make_points
from hanlogger.points.timestamp import resolve_timestamp


def points(reading: Reading, meter: Meter, at: datetime | None, *, judge: bool = True) -> list[Point]:
    return make_points(reading, meter, resolve_timestamp(reading, meter, at, judge=judge)).points


def untimed(reading: Reading, meter: Meter, at: datetime | None) -> list[Register]:
    return make_points(reading, meter, resolve_timestamp(reading, meter, at)).untimed


def lines(points: Iterable[Point]) -> bytes:
    return b"".join(encode_points(points))


def encoded(reading: Reading, meter: Meter, at: datetime | None, *, judge: bool = True) -> bytes:
    """The lines as the quick way gives them, where it is one."""
    return b"".join(encode(reading, meter, resolve_timestamp(reading, meter, at, judge=judge)).lines)
