"""The data-notification and what it carries (docs/protocol.md C.3).

    0F | long-invoke-id-and-priority 4 | date-time | one A-XDR value

The date-time has three forms in the field: `00`, none; `0C` and 12 octets; `09 0C` or `19` and 12 octets.
"""

from __future__ import annotations

from typing import NamedTuple

from hanlogger.decoding import axdr
from hanlogger.decoding.clock import PACKED_OCTETS
from hanlogger.errors import DecodeError

NOTIFICATION = 0x0F
BODIES = (0x01, 0x02)  # an array or a structure alone, as some gateways pass it on
_DATE_TIMES = (b"\x09\x0c", b"\x0c", b"\x19")
_NO_DATE_TIME = 0x00
_DATE_TIME_AT = 5


class Notification(NamedTuple):
    """The body of a push, and where the time in its header stands."""

    clock_at: int | None
    body: list[axdr.Value]
    left_over: bytes


def read(apdu: bytes, places: list[axdr.Place] | None = None) -> Notification:
    """A notification, or its bare body. `places` as in `axdr.read`."""
    if apdu[0] in BODIES:
        return _notification(None, apdu, 0, places)
    if apdu[0] != NOTIFICATION:
        raise DecodeError(f"an APDU with tag {apdu[0]:02x}")
    if apdu[_DATE_TIME_AT] == _NO_DATE_TIME:
        return _notification(None, apdu, _DATE_TIME_AT + 1, places)
    head = next((form for form in _DATE_TIMES if apdu.startswith(form, _DATE_TIME_AT)), None)
    if head is None:
        raise DecodeError("a notification with a date-time of unknown form")
    start = _DATE_TIME_AT + len(head)
    return _notification(start, apdu, start + PACKED_OCTETS, places)


def _notification(clock_at: int | None, apdu: bytes, at: int, places: list[axdr.Place] | None) -> Notification:
    body, end = axdr.read(apdu, at, places=places)
    if not isinstance(body, list):
        raise DecodeError("a notification whose body is no list")
    return Notification(clock_at, body, apdu[end:])
