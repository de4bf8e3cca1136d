"""Clocks in recorded messages moved to the time at which they are played, checksums made anew.

Moved are the message's own clock and the times of sub-meters' readings; times in logs and of maxima stay. A clock that
keeps normal time goes on keeping it; one of legal time gets the letter and the hour of the season it is played in.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.decoding import decode
from hanlogger.decoding.axdr import OCTET_STRING
from hanlogger.decoding.clock import packed
from hanlogger.errors import CaptureError, DecodeError
from hanlogger.model import Chunk, ClockRule, Frame, Meter
from hanlogger.recordings.amend import Edit, amend, edits, find, replace
from hanlogger.recordings.amend.apdu import is_time, leaves
from hanlogger.wire.date_time import NOT_SPECIFIED, DateTime
from hanlogger.wire.notification import header_date_time

SECOND = timedelta(seconds=1)
LEGAL_TIME = ZoneInfo("Europe/Oslo")
"""Of all meters that keep it: one hour ahead of UTC, in summer two."""

_PRINTED = rb"(?:20\d\d-?\d\d-?\d\d |\d\d-\d\d-\d\d |\d{6})[\d:]{6,8}"
_CLOCK_ROW = re.compile(rb"(?<=\n)(0-\d+:1\.0\.0\()(%b)([SW]?)\)" % _PRINTED)
_SUBMETER_ROW = re.compile(rb"(?<=\n)(0-\d+:24\.[23]\.\d\((?:[^()\r\n]*\)\()??)(%b)([SW]?)\)" % _PRINTED)
_TIME_ROW = re.compile(rb"(0\.9\.1\()([\d:]{6,8})(?=\))")
_DATE_ROW = re.compile(rb"(0\.9\.2\()([\d-]{6,10})(?=\))")

_UNREADABLE = (DecodeError, LookupError, ValueError)
"""What `decode`, or the search for the places of times in a list that it reads, raises."""

Move = Callable[[datetime], datetime]
"""A civil time as the meter has it -> the civil time to be sent."""


class Moved(NamedTuple):
    """The reads, and how many messages had their clock moved, have none, or keep it because they cannot be read."""

    chunks: Sequence[Chunk]
    moved: int
    without: int
    unreadable: int


def at_play_time(chunks: Sequence[Chunk], begin: datetime, speed: float, meter: Meter | None = None) -> Moved:
    """As if played from `begin` on, `speed` times as fast as they came: each clock is as far off then as it was."""
    changes: list[Edit] = []
    moved = without = unreadable = 0
    first = chunks[0].received_at
    for found in find(chunks):
        came = found.frame.received_at
        played = _played(begin, came - first, speed)
        try:
            new = _moved(found.frame, round((played - came) / SECOND) * SECOND, meter or Meter())
        except _UNREADABLE:
            unreadable += 1
            continue
        moved, without = (moved + 1, without) if new != found.frame.data else (moved, without + 1)
        changes += edits(found, new)
    return Moved(replace(chunks, changes), moved, without, unreadable)


def _played(begin: datetime, passed: timedelta, speed: float) -> datetime:
    try:
        return begin + passed / speed
    except OverflowError:
        raise CaptureError("its messages lie too far apart to be moved to now: replay it without --now") from None


def _moved(frame: Frame, by: timedelta, meter: Meter) -> bytes:
    rule = decode(frame, meter).clock_rule
    if frame.format == "p1":
        return amend(frame, lambda text: _telegram(text, _by(rule, by)))
    return amend(frame, lambda apdu: _notification(apdu, _by(rule, by)))


def _by(rule: ClockRule, by: timedelta) -> Move:
    """Under legal time the hours of the two seasons differ; the hour that comes twice is taken for the first.

    A time that would leave the years 1 to 9999 stays as it is.
    """

    def move(local: datetime) -> datetime:
        try:
            if rule not in ("flag", "local"):
                return local + by
            return (local.replace(tzinfo=LEGAL_TIME).astimezone(UTC) + by).astimezone(LEGAL_TIME)
        except OverflowError:
            return local

    return move


def _telegram(text: bytes, move: Move) -> bytes:
    text = _CLOCK_ROW.sub(lambda row: row[1] + _stamp(row[2], row[3], move) + b")", text, count=1)
    text = _SUBMETER_ROW.sub(lambda row: row[1] + _stamp(row[2], row[3], move) + b")", text)
    time, date = _TIME_ROW.search(text), _DATE_ROW.search(text)
    if not time or not date:
        return text
    old = _civil(_digits(date[2])[-6:] + _digits(time[2]))
    if old is None:
        return text
    new = move(old)
    text = _TIME_ROW.sub(lambda row: row[1] + _printed(row[2], f"{new:%H%M%S}"), text, count=1)
    return _DATE_ROW.sub(lambda row: row[1] + _printed(row[2], f"{new:%Y%m%d}"), text, count=1)


def _stamp(text: bytes, letter: bytes, move: Move) -> bytes:
    """`250114150410W`, `20240111 09:35:00`; as it is where it is no time."""
    old = _civil(_digits(text)[-12:])
    if old is None:
        return text + letter
    new = move(old)
    if letter and new.tzinfo is not None:
        letter = b"S" if new.dst() else b"W"
    return _printed(text, f"{new:%Y%m%d%H%M%S}") + letter


def _civil(digits: str) -> datetime | None:
    """The time that twelve digits say; None where they say none."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(digits, "%y%m%d%H%M%S")  # noqa: DTZ007  civil times are naive
    return None


def _digits(text: bytes) -> str:
    return re.sub(rb"\D", b"", text).decode()


def _printed(form: bytes, digits: str) -> bytes:
    """The last digits in the places where the form has digits; the form itself where it has more of them."""
    missing = len(digits) - len(_digits(form))
    if missing < 0:
        return form
    places = iter(digits[missing:])
    return re.sub(rb"\d", lambda _: next(places).encode(), form)


def _notification(apdu: bytes, move: Move) -> bytes:
    new = bytearray(apdu)
    header = header_date_time(apdu)
    strings = [leaf for leaf in leaves(apdu) if leaf.tag == OCTET_STRING]
    times = [(leaf.start, leaf.end) for leaf in strings if is_time(apdu[leaf.start : leaf.end])]
    for start, end in [*times, *([(header.start, header.stop)] if header else [])]:
        new[start:end] = _packed(apdu[start:end], move)
    return bytes(new)


def _packed(octets: bytes, move: Move) -> bytes:
    """A COSEM date-time (docs/protocol.md C.5): hundredths, deviation and status stay."""
    civil = packed(octets)
    if civil is None or civil.local == datetime.min:  # noqa: DTZ901
        return octets
    new = move(civil.local)
    sent = DateTime.unpack(octets)
    day_of_week = NOT_SPECIFIED if sent.day_of_week == NOT_SPECIFIED else new.isoweekday()
    second = NOT_SPECIFIED if sent.second == NOT_SPECIFIED else new.second
    date = DateTime(new.year, new.month, new.day, day_of_week, new.hour, new.minute, second, *sent[7:])
    return date.pack()
