"""The data-notification and what it carries (protocol.md C.3).

    0F | long-invoke-id-and-priority 4 | date-time | one A-XDR value

The date-time has three forms in the field: `00`, none; `0C` and 12 octets; `09 0C` or `19` and 12 octets.
"""

from __future__ import annotations

from typing import NamedTuple

from hanlogger.decoding import axdr, clock
from hanlogger.errors import DecodeError
from hanlogger.model import Civil

NOTIFICATION = 0x0F
BODIES = (0x01, 0x02)  # an array or a structure alone, as some gateways pass it on
_DATE_TIMES = (b"\x09\x0c", b"\x0c", b"\x19")
_NO_DATE_TIME = 0x00
_DATE_TIME_AT = 5


class Notification(NamedTuple):
    """The body of a push, and the time in its header."""

    clock: Civil | None
    body: list[axdr.Value]
    left_over: bytes


def read(apdu: bytes) -> Notification:
    """A notification, or its bare body."""
    if apdu[0] in BODIES:
        return _notification(None, apdu, 0)
    if apdu[0] != NOTIFICATION:
        raise DecodeError(f"an APDU with tag {apdu[0]:02x}")
    if apdu[_DATE_TIME_AT] == _NO_DATE_TIME:
        return _notification(None, apdu, _DATE_TIME_AT + 1)
    head = next((form for form in _DATE_TIMES if apdu.startswith(form, _DATE_TIME_AT)), None)
    if head is None:
        raise DecodeError("a notification with a date-time of unknown form")
    start = _DATE_TIME_AT + len(head)
    return _notification(clock.packed(apdu[start : start + 12]), apdu, start + 12)


def _notification(civil: Civil | None, apdu: bytes, at: int) -> Notification:
    body, end = axdr.read(apdu, at)
    if not isinstance(body, list):
        raise DecodeError("a notification whose body is no list")
    return Notification(civil, body, apdu[end:])
