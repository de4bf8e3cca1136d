"""Find where the numbers stand in notifications: all octets but those of numbers and of times are constant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hanlogger.decoding import clock, dlms
from hanlogger.decoding.axdr import OCTET_STRING, PlacedInteger
from hanlogger.decoding.plans.memory import Varying
from hanlogger.decoding.plans.places import Bound, Number, Places, choose_letter, make_ticking
from hanlogger.decoding.rows import Row
from hanlogger.model import Meter, Reading
from hanlogger.wire import date_time, notification

_DATE_TIME_HEAD = bytes((OCTET_STRING, date_time.OCTETS))
_INVOKE_ID = Varying(1, 4)


def find_places(octets: bytes, reading: Reading, meter: Meter) -> Places | None:
    """Return where the numbers stand in an APDU that was decoded; None where a plan could not be relied on.

    There is none where a number is no integer (BCD, floats), nor where objects that measure nothing stand among others.
    """
    message = dlms.read_rows(octets, meter, placed=True)
    clocks, shown = _find_clocks(octets, message), message.shown
    numbers = _find_numbers(message, shown)
    in_order = [number.at for number in numbers] == sorted(number.at for number in numbers)
    if clocks is None or not numbers or reading.unread or len(shown) != len(reading.rows) or not in_order:
        return None
    hourly = message.family.hourly(message.rows) and clocks
    others = [make_ticking(at) for at in clocks] + [_INVOKE_ID] * (octets[0] == notification.TAG)
    return Places(
        numbers,
        clock=(clocks[0], date_time.OCTETS) if clocks else None,
        others=others,
        bounds=_find_bounds(message, shown, numbers),
        hourly_at=message.family.at_full_hour if hourly else None,
        scale=None if all(row.scaler is not None for row in shown if isinstance(row.value, int)) else meter.scale,
    )


def _find_numbers(message: dlms.Message, shown: Sequence[Row]) -> list[Number]:
    """Return the numbers of rows; none at all where one is no integer."""
    numbers = []
    for index, row in enumerate(shown):
        if isinstance(row.value, PlacedInteger):
            at, size, signed = row.value.place
            factor, _ = dlms.find_scale(message, row)
            numbers.append(Number(index, at, size, choose_letter(size, signed=signed), factor))
        elif not isinstance(row.value, (bytes, str)):
            return []
    return numbers


def _find_bounds(message: dlms.Message, shown: Sequence[Row], numbers: Sequence[Number]) -> list[Bound]:
    """Return the numbers by which the family tells scales apart."""
    return [
        Bound(at, limit.highest, int(value) > limit.highest)
        for limit in message.family.limits
        for at, number in enumerate(numbers)
        if (obis := shown[number.row].obis) and obis.c in limit.c and obis.d == limit.d
        if isinstance(value := shown[number.row].value, int)
    ]


def _find_clocks(octets: bytes, message: dlms.Message) -> list[int] | None:
    """Return where the times stand, the header's first; None where that is not certain, or the first was never set.

    The deviation of a clock that was never set says nothing of later messages.
    """
    rows = [row.value for row in message.rows if dlms.is_clock(row) and isinstance(row.value, bytes)]
    header = [] if message.clock_at is None else [message.clock_at]
    packed = {_DATE_TIME_HEAD + time for time in rows}
    found = {match.start() + len(_DATE_TIME_HEAD) for time in packed for match in re.finditer(re.escape(time), octets)}
    if len(found - set(header)) != len(rows):
        return None
    clocks = header + sorted(found - set(header))
    is_set = all(
        clock.read_packed(octets[at : at + date_time.OCTETS]) not in (None, clock.IMPOSSIBLE) for at in clocks[:1]
    )
    return clocks if is_set else None
