"""Convert a meter's civil time to UTC by the clock rule of docs/design.md section 4 (docs/protocol.md A.7 and C.5).

This module asks no clock. The arrival time is an argument, and it settles two things only: which of the two hours is
meant that have the same legal time in an autumn night, and whether the meter's clock can be right at all.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.model import Civil, ClockRule, Meter, Reading, Register

Replaced = Literal["", "none", "impossible", "limit"]
"""Why the arrival time replaces the meter's: it does not · no clock in the message · impossible · too far off."""

CLOCKS = ("auto", "normal-time", "flag", "local", "utc", "receive")
"""The words that the setting `clock` takes, beside an offset from UTC such as +02:00."""

POSSIBLE_YEARS = range(2010, 2100)
"""The years that a clock can show which was ever set; the two digits of a P1 year reach to 2099."""

STANDARD_TIME = timedelta(hours=1)
SUMMER_TIME = timedelta(hours=2)
OLDEST_REGISTER = timedelta(days=3 * 366)
"""How old a register's own time may be: meters send the months of two years, and sub-meters a year that has ended."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CIVIL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (civil times are naive)
_OFFSET_OF_FLAG = {"S": SUMMER_TIME, "W": STANDARD_TIME}


class Timestamp(NamedTuple):
    """The time of a reading, and how it was decided. It is computed once for each frame."""

    time: datetime | None  # UTC; the meter's, or the arrival time (None without one) where it is replaced
    offset: timedelta | None = None  # the meter's time less the arrival time, where both are known
    replaced: Replaced = ""
    arrival: datetime | None = None  # UTC
    judged: bool = True  # False: the arrival time says nothing about the meter's clock
    ambiguous: bool = False  # the legal time occurs twice, and only the message before could tell which is meant


class _Utc(NamedTuple):
    time: datetime | None  # None: no clock that was ever set shows this
    ambiguous: bool = False


def resolve_timestamp(
    reading: Reading,
    meter: Meter,
    received_at: datetime | None,
    *,
    judge: bool = True,
    after: datetime | None = None,
) -> Timestamp:
    """Return when `reading` was taken: by its own clock, else by the arrival time, and why.

    `received_at`: the frame's arrival time in UTC; None where there is none.
    `judge`: False where `received_at` says nothing about the meter's clock (a file; a host clock not known to be set).
    `after`: the UTC time of the meter's message before this one, which settles the doubled hour where the arrival time
    cannot.
    """
    if meter.clock == "receive":
        return Timestamp(received_at, None, "", received_at, judge)
    if reading.clock is None:
        return Timestamp(received_at, None, "none", received_at, judge)
    judged_by = received_at if judge else None
    time, ambiguous = _convert(reading.clock, reading, meter, judged_by, after)
    if time is None:
        return Timestamp(received_at, None, "impossible", received_at, judge)
    offset = None if judged_by is None else time - judged_by
    if offset is not None and meter.clock_limit is not None and abs(offset).total_seconds() > meter.clock_limit:
        return Timestamp(received_at, offset, "limit", received_at, judge)
    return Timestamp(time, offset, "", received_at, judge, ambiguous)


def convert_meter_clock(reading: Reading, meter: Meter, *, after: datetime | None = None) -> datetime | None:
    """Return the message's own clock in UTC; None where it has none, was never set, or is not to be used.

    `after`: as in `resolve_timestamp`.
    """
    if reading.clock is None or meter.clock == "receive":
        return None
    return _convert(reading.clock, reading, meter, None, after).time


def convert_register_clock(register: Register, reading: Reading, meter: Meter) -> datetime | None:
    """Return the time that a sub-meter's register states, in UTC; None where it states none, or no time.

    Its letter counts only where it differs from the telegram's: then the register was read in the other season.
    Otherwise it follows the telegram's clock, whatever that letter is worth (docs/protocol.md A.7).
    """
    own = register.time
    if own is None:
        return None
    letter = reading.clock.flag if reading.clock else ""
    if own.flag in _OFFSET_OF_FLAG and letter in _OFFSET_OF_FLAG and own.flag != letter:
        return _subtract(own.local, _OFFSET_OF_FLAG[own.flag])
    if own.deviation is None and reading.clock is not None and reading.clock.deviation is not None:
        own = own._replace(deviation=reading.clock.deviation)
    return _convert(own, reading, meter, None, None).time


def resolve_register_time(register: Register, reading: Reading, meter: Meter, timestamp: Timestamp) -> datetime | None:
    """Return a sub-meter register's own time in UTC; None where it is no time, or cannot be right.

    `timestamp`: the reading's. The register may be ahead of it and of the arrival time by `clock_limit`, as the
    message's own clock may; it may be three years behind the message's time, where that is believed. Nothing is judged
    without a `clock_limit`, or where there is no time to judge by.
    """
    own = convert_register_clock(register, reading, meter)
    unjudged = timestamp.replaced and not timestamp.judged
    if own is None or timestamp.time is None or meter.clock_limit is None or unjudged:
        return own
    ahead = own - max(timestamp.time, timestamp.arrival or timestamp.time)
    too_old = timestamp.time - own > OLDEST_REGISTER and not timestamp.replaced
    return None if too_old or ahead.total_seconds() > meter.clock_limit else own


@lru_cache(maxsize=64)
def read_fixed_offset(clock: str) -> timedelta | None:
    """Return the offset from UTC of the setting `clock` where that is `+HH:MM` or `utc`; None for the rest of CLOCKS.

    Raise ValueError for anything else.
    """
    if clock in CLOCKS:
        return timedelta() if clock == "utc" else None
    match = re.fullmatch(r"([+-])(0\d|1[0-4]):([0-5]\d)", clock)
    if match is None:
        raise ValueError(f"not a clock: {clock!r}; allowed: {', '.join(CLOCKS)} or an offset like +02:00")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def _convert(
    civil: Civil, reading: Reading, meter: Meter, received_at: datetime | None, after: datetime | None
) -> _Utc:
    offset = _find_offset(civil.deviation, civil.flag, reading.clock_rule, meter.clock)
    if offset is not None:
        return _Utc(_subtract(civil.local, offset))
    return _convert_legal_time(civil.local, meter.zone, received_at, after)


@lru_cache(maxsize=256)
def _find_offset(deviation: int | None, flag: str, clock_rule: ClockRule, clock: str) -> timedelta | None:
    """Return local time less UTC; None where the legal time of the zone decides. `clock`: the setting."""
    fixed = read_fixed_offset(clock)
    if fixed is not None:
        return fixed
    rule = clock_rule if clock in ("auto", "receive") else clock
    if rule == "stated" and deviation is not None:
        return -timedelta(minutes=deviation)
    if rule in ("local", "flag"):
        return _OFFSET_OF_FLAG.get(flag) if rule == "flag" else None
    return STANDARD_TIME


def _subtract(local: datetime, offset: timedelta) -> datetime | None:
    if local.year not in POSSIBLE_YEARS:
        return None
    return _EPOCH + (local - _CIVIL_EPOCH - offset)


def _convert_legal_time(local: datetime, zone: str, received_at: datetime | None, after: datetime | None) -> _Utc:
    """Convert legal time to UTC. The hour that the night of spring skips is read as standard time."""
    if local.year not in POSSIBLE_YEARS:
        return _Utc(None)
    earlier, later = _find_legal_offsets(zone, local.replace(second=0, microsecond=0))
    first = _EPOCH + (local - _CIVIL_EPOCH - earlier)
    if earlier <= later:
        return _Utc(first)
    second = first + (earlier - later)
    if received_at is not None:
        return _Utc(min(first, second, key=lambda time: abs(time - received_at)))
    return _Utc(second if after is not None and first < after <= second else first, ambiguous=True)


@lru_cache(maxsize=256)  # a meter sends several messages a minute
def _find_legal_offsets(zone: str, minute: datetime) -> list[timedelta]:
    """Return legal time less UTC in a minute: before a change of the clocks in that hour, and after it."""
    times = [minute.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1)]
    return [time.utcoffset() or timedelta() for time in times]
