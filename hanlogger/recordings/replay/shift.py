"""Moving the clocks of recorded messages to the time at which they are played, with new checksums.

A clock on standard time stays on it; one on legal time gets the hour and the flag of the season in which it is played.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.decoding import decode
from hanlogger.errors import CaptureError, DecodeError
from hanlogger.model import Chunk, ClockRule, Frame, Meter
from hanlogger.recordings.amend import Edit, amend, find, make_edits, replace
from hanlogger.recordings.replay.civil_times import Move, move_notification, move_telegram

SECOND = timedelta(seconds=1)
LEGAL_TIME = ZoneInfo("Europe/Oslo")
"""The legal time of all meters that follow it: UTC+1, in summer UTC+2."""

_UNREADABLE = (DecodeError, LookupError, ValueError)
"""Errors of `decode`, or of the search for times in a list that it can decode."""


class Shifted(NamedTuple):
    """The reads, and how many messages had their clock moved, have none, or could not be decoded and keep theirs."""

    chunks: Sequence[Chunk]
    moved: int
    without: int
    unreadable: int


def shift_clocks(chunks: Sequence[Chunk], begin: datetime, speed: float, meter: Meter | None = None) -> Shifted:
    """Return the reads with their clocks moved to the time at which they will be played.

    begin: the time at which the first read is played. speed: how many times as fast as they came the reads are played.
    meter: its settings decide how its clock is read. Each clock is as far ahead or behind then as it was.
    """
    changes: list[Edit] = []
    moved = without = unreadable = 0
    first = chunks[0].received_at
    for found in find(chunks):
        came = found.frame.received_at
        played = _compute_played(begin, came - first, speed)
        try:
            new = _move(found.frame, round((played - came) / SECOND) * SECOND, meter or Meter())
        except _UNREADABLE:
            unreadable += 1
            continue
        moved, without = (moved + 1, without) if new != found.frame.data else (moved, without + 1)
        changes += make_edits(found, new)
    return Shifted(replace(chunks, changes), moved, without, unreadable)


def _compute_played(begin: datetime, passed: timedelta, speed: float) -> datetime:
    try:
        return begin + passed / speed
    except OverflowError:
        raise CaptureError("its messages lie too far apart to be moved to now: replay it without --now") from None


def _move(frame: Frame, by: timedelta, meter: Meter) -> bytes:
    rule = decode(frame, meter).clock_rule
    if frame.format == "p1":
        return amend(frame, lambda text: move_telegram(text, _make_mover(rule, by)))
    return amend(frame, lambda apdu: move_notification(apdu, _make_mover(rule, by)))


def _make_mover(rule: ClockRule, by: timedelta) -> Move:
    """Return the function that moves a civil time by `by`, by the season when the clock follows legal time.

    The hour that occurs twice is taken for the first. A time that would leave the years 1 to 9999 is not moved.
    """

    def move(local: datetime) -> datetime:
        try:
            if rule not in ("flag", "local"):
                return local + by
            return (local.replace(tzinfo=LEGAL_TIME).astimezone(UTC) + by).astimezone(LEGAL_TIME)
        except OverflowError:
            return local

    return move
