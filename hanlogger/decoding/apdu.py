"""The body of a data-notification, and where the time in its header stands (docs/protocol.md C.3)."""

from __future__ import annotations

from typing import NamedTuple

from hanlogger.decoding import axdr
from hanlogger.errors import DecodeError
from hanlogger.wire import notification


class Notification(NamedTuple):
    """The parts of a notification: its body, and octets after it that belong to nothing."""

    clock_at: int | None  # where the date-time of its header stands
    body: list[axdr.Value]
    left_over: bytes


def decode_notification(apdu: bytes, *, placed: bool = False) -> Notification:
    """Read a notification, or its bare body; `placed` as in `axdr.decode_value`.

    DecodeError where the APDU is of another kind, IndexError where it ends too early.
    """
    if apdu[0] not in (notification.TAG, *notification.BODIES):
        raise DecodeError(f"an APDU with tag {apdu[0]:02x}")
    header = notification.find_header_date_time(apdu)
    if header is None and apdu[0] == notification.TAG and apdu[notification.DATE_TIME_AT] != notification.NO_DATE_TIME:
        raise DecodeError("a notification with a date-time of unknown form")
    body, end = axdr.decode_value(apdu, notification.find_body(apdu), placed=placed)
    if not isinstance(body, list):
        raise DecodeError("a notification whose body is no list")
    return Notification(header.start if header else None, body, apdu[end:])
