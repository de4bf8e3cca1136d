"""A meter's civil time -> UTC, under the clock rule of docs/design.md section 4 (evidence: docs/protocol.md A.7, C.5).

Pure: it looks at no clock. The time of receipt is an argument, and it settles two things only: the hour that comes
twice on the autumn night under legal time, and whether the meter's clock can be right at all.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.model import Civil, Meter, Reading, Register

Replaced = Literal["", "none", "impossible", "limit"]
"""Why the time of receipt stands for the meter's: it does not · no clock in the message · impossible · too far off."""

CLOCKS = ("auto", "normal-time", "flag", "local", "utc", "receive")
"""The words that `Meter.clock` takes, beside an offset from UTC like +02:00."""

POSSIBLE_YEARS = range(2010, 2100)
"""A clock outside has never been set; two digits of a P1 year reach to 2099."""

NORMAL_TIME = timedelta(hours=1)
SUMMER_TIME = timedelta(hours=2)
FURTHEST_BACK = timedelta(days=3 * 366)
"""How old a row's own time may be: months of the last two years are told, and a sub-meter's year ends once a year."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CIVIL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (civil times are naive)
_BY_FLAG = {"S": SUMMER_TIME, "W": NORMAL_TIME}


class Moment(NamedTuple):
    """When a reading was taken."""

    time: datetime | None  # UTC; the meter's, or the time of receipt (None without one) where it is replaced
    offset: timedelta | None  # the meter's time less the time of receipt, where both are known
    replaced: Replaced


def moment(
    reading: Reading,
    meter: Meter,
    received_at: datetime | None,
    *,
    judge: bool = True,
    after: datetime | None = None,
) -> Moment:
    """When `reading` was taken: by its own clock, else by the time of receipt and why.

    `judge` False: `received_at` says nothing about the meter's clock (a file; a host clock not known to be set).
    `after`: the UTC time of the meter's message before this one, which settles the doubled hour where receipt cannot.
    """
    if meter.clock == "receive":
        return Moment(received_at, None, "")
    if reading.clock is None:
        return Moment(received_at, None, "none")
    judged_by = received_at if judge else None
    time = _utc(reading.clock, reading, meter, judged_by, after)
    if time is None:
        return Moment(received_at, None, "impossible")
    offset = None if judged_by is None else time - judged_by
    if offset is not None and meter.clock_limit is not None and abs(offset).total_seconds() > meter.clock_limit:
        return Moment(received_at, offset, "limit")
    return Moment(time, offset, "")


def meter_time(reading: Reading, meter: Meter, *, after: datetime | None = None) -> datetime | None:
    """The message's own clock in UTC; None where it has none, has never been set, or is not to be used."""
    if reading.clock is None or meter.clock == "receive":
        return None
    return _utc(reading.clock, reading, meter, None, after)


def register_time(register: Register, reading: Reading, meter: Meter) -> datetime | None:
    """A sub-meter row's own time in UTC; None where it has none or it is no time.

    Its letter counts only where it differs from the telegram's: a row stamped in the other season. Else the row runs on
    the telegram's clock, whatever that letter is worth (docs/protocol.md A.7).
    """
    own = register.time
    if own is None:
        return None
    letter = reading.clock.flag if reading.clock else ""
    if own.flag in _BY_FLAG and letter in _BY_FLAG and own.flag != letter:
        return _possible(own.local, _BY_FLAG[own.flag])
    if own.deviation is None and reading.clock is not None:
        own = own._replace(deviation=reading.clock.deviation)
    return _utc(own, reading, meter, None, None)


def believed_time(
    register: Register,
    reading: Reading,
    meter: Meter,
    when: Moment,
    received_at: datetime | None,
    *,
    judge: bool = True,
) -> datetime | None:
    """A sub-meter row's own time in UTC; None where it is no time, or cannot be right beside the message's.

    It may be ahead of the message's time and of that of receipt by `clock_limit`, as the message's own may; behind the
    message's own time, where that is believed, by three years. Nothing is judged without a `clock_limit`, or where
    there is no time to judge by: none of the message, and `judge` False as in `moment`.
    """
    own = register_time(register, reading, meter)
    if own is None or when.time is None or meter.clock_limit is None or (when.replaced and not judge):
        return own
    ahead = own - max(when.time, received_at or when.time)
    too_old = when.time - own > FURTHEST_BACK and not when.replaced
    return None if too_old or ahead.total_seconds() > meter.clock_limit else own


@lru_cache(maxsize=64)
def fixed_offset(clock: str) -> timedelta | None:
    """The offset of a `+HH:MM` setting, None for one of CLOCKS; ValueError for anything else."""
    if clock in CLOCKS:
        return timedelta() if clock == "utc" else None
    match = re.fullmatch(r"([+-])(0\d|1[0-4]):([0-5]\d)", clock)
    if match is None:
        raise ValueError(f"not a clock: {clock!r}; allowed: {', '.join(CLOCKS)} or an offset like +02:00")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def _utc(
    civil: Civil, reading: Reading, meter: Meter, received_at: datetime | None, after: datetime | None
) -> datetime | None:
    offset = _stated_offset(civil, reading, meter.clock)
    if offset is not None:
        return _possible(civil.local, offset)
    return _settled(civil.local, ZoneInfo(meter.zone), received_at, after)


def _stated_offset(civil: Civil, reading: Reading, clock: str) -> timedelta | None:
    """Local time less UTC; None: by the legal time of the zone."""
    fixed = fixed_offset(clock)
    if fixed is not None:
        return fixed
    rule = reading.clock_rule if clock in ("auto", "receive") else clock
    if rule == "stated" and civil.deviation is not None:
        return -timedelta(minutes=civil.deviation)
    if rule in ("local", "flag"):
        return _BY_FLAG.get(civil.flag) if rule == "flag" else None
    return NORMAL_TIME


def _possible(local: datetime, offset: timedelta) -> datetime | None:
    if local.year not in POSSIBLE_YEARS:
        return None
    return _EPOCH + (local - _CIVIL_EPOCH - offset)


def _settled(local: datetime, zone: ZoneInfo, received_at: datetime | None, after: datetime | None) -> datetime | None:
    """Legal time in UTC. The hour that the spring night skips is read as normal time."""
    if local.year not in POSSIBLE_YEARS:
        return None
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first >= second:
        return first
    if received_at is not None:
        return min(first, second, key=lambda time: abs(time - received_at))
    return second if after is not None and first < after <= second else first
