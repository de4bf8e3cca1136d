"""Decoding clocks, as telegrams print them and as COSEM packs them, to civil times.

What a civil time means in UTC is decided in `points/timestamp.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from hanlogger.model import Civil, Obis
from hanlogger.wire import date_time
from hanlogger.wire.date_time import NOT_SPECIFIED, DateTime

IMPOSSIBLE = Civil(datetime.min)  # noqa: DTZ901  (civil times are naive)
"""The civil time that stands for an impossible one, such as month 25 of a register that was never written."""

OBIS = Obis(0, 0, 1, 0, 0)
"""The code of the clock; at Kamstrup with B = 1."""

_STAMP = r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW]?)"
_DASHED = r"(?:20)?(\d\d)-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?([SW]?)"
_COLONS = r"(?:20)?(\d\d)(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)([SW]?)"
_OWN = re.compile(rf"{_STAMP}|{_DASHED}", re.ASCII)
_PRINTED = re.compile(rf"{_STAMP}|{_DASHED}|{_COLONS}", re.ASCII)
_TIME_OF_DAY = re.compile(r"(\d\d):?(\d\d):?(\d\d)", re.ASCII)
_DATE = re.compile(r"(?:20)?(\d\d)-?(\d\d)-?(\d\d)", re.ASCII)

_FIRST_OF_LAST_CENTURY = 70  # two digits: 1970 is what a clock says that was never set
_LARGEST_DEVIATION = 720  # minutes
_LAST_CENTURY = str(_FIRST_OF_LAST_CENTURY)
_SECONDS = [timedelta(seconds=second) for second in range(60)]
_PRINTED_SECONDS = {f"{second:02}": seconds for second, seconds in enumerate(_SECONDS)}


def is_clock(obis: Obis) -> bool:
    """Tell whether a row with this code is the time of the other rows."""
    return obis.a == 0 and obis[2:5] == OBIS[2:5]


def is_stamp(text: str) -> bool:
    """Tell whether a group has the form of a value's time, possible or not."""
    return bool(_OWN.fullmatch(text))


@lru_cache(maxsize=64)
def read_printed(text: str) -> Civil:
    """Read a printed time (docs/protocol.md A.7); IMPOSSIBLE where it is none.

    `YYMMDDhhmmss` or `24-01-11 09:35:00`, each with or without S or W and the century; `20240111 09:35:00`.
    """
    match = _PRINTED.fullmatch(text)
    if not match:
        return IMPOSSIBLE
    at = next(at for at in (0, 7, 14) if match[at + 1])
    *numbers, flag = match.groups()[at : at + 7]
    return make_civil_time([int(number or 0) for number in numbers], flag)


def read_stamp(text: str) -> Civil:
    """Read a printed time of twelve digits, with a letter or without; IMPOSSIBLE where it is none."""
    minute, seconds = _read_stamped_minute(text[:10]), _PRINTED_SECONDS.get(text[10:12])
    return IMPOSSIBLE if minute is None or seconds is None else Civil(minute + seconds, None, text[12:])


@lru_cache(maxsize=64)  # a meter sends several messages a minute
def _read_stamped_minute(digits: str) -> datetime | None:
    century = "20" if digits < _LAST_CENTURY else "19"
    try:
        return datetime.fromisoformat(f"{century}{digits[:6]}T{digits[6:]}")
    except ValueError:
        return None


def read_two_rows(time_of_day: str, date: str) -> Civil:
    """Read rows 0.9.1 and 0.9.2: `203805` and `220910`, or `21:10:29` and `24-03-21`; IMPOSSIBLE for no time."""
    time_match, date_match = _TIME_OF_DAY.fullmatch(time_of_day), _DATE.fullmatch(date)
    if not time_match or not date_match:
        return IMPOSSIBLE
    return make_civil_time([int(number) for number in (*date_match.groups(), *time_match.groups())], "")


def make_civil_time(numbers: Sequence[int], flag: str) -> Civil:
    """Make a civil time of year (two digits), month, day, hour, minute and second; IMPOSSIBLE where it is none."""
    year, month, day, hour, minute, second = numbers
    century = 1900 if year >= _FIRST_OF_LAST_CENTURY else 2000
    try:
        return Civil(datetime(century + year, month, day, hour, minute, second), None, flag)  # noqa: DTZ001
    except ValueError:
        return IMPOSSIBLE


def read_packed(octets: bytes) -> Civil | None:
    """Return the civil time of a COSEM date-time of 12 octets (docs/protocol.md C.5).

    None where year, month, day, hour or minute are not specified; IMPOSSIBLE where they are no time. Day of week,
    hundredths and status are not looked at: real meters send anything there. ValueError for another number of octets.
    """
    civil = _read_packed_minute(octets[: date_time.SECOND_AT], octets[date_time.SECOND_AT + 1 :])
    second = octets[date_time.SECOND_AT]
    if civil is None or civil is IMPOSSIBLE or second == NOT_SPECIFIED:
        return civil
    return Civil(civil.local + _SECONDS[second], civil.deviation) if second < len(_SECONDS) else IMPOSSIBLE


@lru_cache(maxsize=64)  # a meter sends several messages a minute
def _read_packed_minute(before: bytes, behind: bytes) -> Civil | None:
    """Read a date-time of which the octets before its second are given, and those behind it."""
    year, month, day, _, hour, minute, _, _, deviation, _ = DateTime.unpack(before + b"\0" + behind)
    if year == date_time.YEAR_NOT_SPECIFIED or NOT_SPECIFIED in (month, day, hour, minute):
        return None
    try:
        local = datetime(year, month, day, hour, minute)  # noqa: DTZ001
    except ValueError:
        return IMPOSSIBLE
    return Civil(local, deviation if abs(deviation) <= _LARGEST_DEVIATION else None)
