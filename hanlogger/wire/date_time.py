"""The COSEM date-time (Blue Book, 4.1.6.1; docs/protocol.md C.5).

    year 2 | month | day | day of week | hour | minute | second | hundredths | deviation 2 | status

All ones mean "not specified"; the deviation says so with 8000.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

_LAYOUT = Struct(">HBBBBBBBhB")
OCTETS = _LAYOUT.size
SECOND_AT = 7
TICKING_OCTETS = 9
"""Octets that change from one message to the next; the deviation and the status behind them do not."""

NOT_SPECIFIED = 0xFF
YEAR_NOT_SPECIFIED = 0xFFFF
DEVIATION_NOT_SPECIFIED = -0x8000


class DateTime(NamedTuple):
    """The fields as sent, possible or not."""

    year: int
    month: int
    day: int
    day_of_week: int  # 1, Monday, to 7; Aidon sends 0 on Sundays
    hour: int
    minute: int
    second: int
    hundredths: int
    deviation: int  # minutes, UTC = local + deviation
    status: int

    @classmethod
    def unpack(cls, octets: bytes) -> DateTime:
        """Read the twelve octets; ValueError where they are not as many."""
        if len(octets) != OCTETS:
            raise ValueError(f"a date-time of {len(octets)} octets")
        return cls._make(_LAYOUT.unpack(octets))

    def pack(self) -> bytes:
        """Return the twelve octets of this date-time."""
        return _LAYOUT.pack(*self)
