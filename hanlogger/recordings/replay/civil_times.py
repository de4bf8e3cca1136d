"""Moving the times in recorded messages: in the text of a telegram, and in the octets of a notification.

The clock of the message and the times of the sub-meters' readings are moved; times in logs and of maxima stay.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import datetime

from hanlogger.decoding.axdr import OCTET_STRING
from hanlogger.decoding.clock import read_packed
from hanlogger.recordings.amend.apdu import find_leaves, is_time
from hanlogger.wire.date_time import NOT_SPECIFIED, DateTime
from hanlogger.wire.notification import find_header_date_time

Move = Callable[[datetime], datetime]
"""A function from the civil time in a recorded message to the civil time to be sent in its place."""

_PRINTED = rb"(?:20\d\d-?\d\d-?\d\d |\d\d-\d\d-\d\d |\d{6})[\d:]{6,8}"
_CLOCK_ROW = re.compile(rb"(?<=\n)(0-\d+:1\.0\.0\()(%b)([SW]?)\)" % _PRINTED)
_SUBMETER_ROW = re.compile(rb"(?<=\n)(0-\d+:24\.[23]\.\d\((?:[^()\r\n]*\)\()??)(%b)([SW]?)\)" % _PRINTED)
_TIME_ROW = re.compile(rb"(0\.9\.1\()([\d:]{6,8})(?=\))")
_DATE_ROW = re.compile(rb"(0\.9\.2\()([\d-]{6,10})(?=\))")


def move_telegram(text: bytes, move: Move) -> bytes:
    """Return a telegram with the time of its clock and those of its sub-meters moved."""
    text = _CLOCK_ROW.sub(lambda row: row[1] + _move_printed(row[2], row[3], move) + b")", text, count=1)
    text = _SUBMETER_ROW.sub(lambda row: row[1] + _move_printed(row[2], row[3], move) + b")", text)
    time, date = _TIME_ROW.search(text), _DATE_ROW.search(text)
    if not time or not date:
        return text
    old = _read_civil(_read_digits(date[2])[-6:] + _read_digits(time[2]))
    if old is None:
        return text
    new = move(old)
    text = _TIME_ROW.sub(lambda row: row[1] + _print_like(row[2], f"{new:%H%M%S}"), text, count=1)
    return _DATE_ROW.sub(lambda row: row[1] + _print_like(row[2], f"{new:%Y%m%d}"), text, count=1)


def _move_printed(text: bytes, letter: bytes, move: Move) -> bytes:
    """Return a printed time such as `250114150410W` or `20240111 09:35:00` moved; unchanged if it is not a time."""
    old = _read_civil(_read_digits(text)[-12:])
    if old is None:
        return text + letter
    new = move(old)
    if letter and new.tzinfo is not None:
        letter = b"S" if new.dst() else b"W"
    return _print_like(text, f"{new:%Y%m%d%H%M%S}") + letter


def _read_civil(digits: str) -> datetime | None:
    """Return the time that twelve digits state, year first; None if they are not a time."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(digits, "%y%m%d%H%M%S")  # noqa: DTZ007  civil times are naive
    return None


def _read_digits(text: bytes) -> str:
    return re.sub(rb"\D", b"", text).decode()


def _print_like(form: bytes, digits: str) -> bytes:
    """Return `form` with its digits replaced by the last of `digits`; unchanged if `form` has more digits."""
    missing = len(digits) - len(_read_digits(form))
    if missing < 0:
        return form
    places = iter(digits[missing:])
    return re.sub(rb"\d", lambda _: next(places).encode(), form)


def move_notification(apdu: bytes, move: Move) -> bytes:
    """Return a data-notification with every date-time in it moved."""
    new = bytearray(apdu)
    header = find_header_date_time(apdu)
    strings = [leaf for leaf in find_leaves(apdu) if leaf.tag == OCTET_STRING]
    times = [(leaf.start, leaf.end) for leaf in strings if is_time(apdu[leaf.start : leaf.end])]
    for start, end in [*times, *([(header.start, header.stop)] if header else [])]:
        new[start:end] = _move_packed(apdu[start:end], move)
    return bytes(new)


def _move_packed(octets: bytes, move: Move) -> bytes:
    """Return a COSEM date-time (docs/protocol.md C.5) moved; hundredths, deviation and status stay."""
    civil = read_packed(octets)
    if civil is None or civil.local == datetime.min:  # noqa: DTZ901
        return octets
    new = move(civil.local)
    sent = DateTime.unpack(octets)
    day_of_week = NOT_SPECIFIED if sent.day_of_week == NOT_SPECIFIED else new.isoweekday()
    second = NOT_SPECIFIED if sent.second == NOT_SPECIFIED else new.second
    date = DateTime(new.year, new.month, new.day, day_of_week, new.hour, new.minute, second, *sent[7:])
    return date.pack()
