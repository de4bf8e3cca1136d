"""Delivering a range of the journal again: as it was, or with today's settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.archive.erase import check_erasable, erase_each
from hanlogger.archive.readings import Readings, span
from hanlogger.deliver import WELL, Delivery
from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.model import Key, Meter

IN_FLIGHT = 60.0  # seconds that requests under way may take to end: longer than their time-outs
LOOK = 0.2  # seconds between two looks at what is left
BEFORE, AFTER = timedelta(hours=2), timedelta(hours=25)
"""How far outside a range messages may be whose points are in it: a clock set wrong, a gas meter's last hour."""


class Opened(NamedTuple):
    """A journal, and whether this process is the one that delivers from it."""

    journal: Journal
    ours: bool


class Left(NamedTuple):
    """How it stands with one destination."""

    name: str
    frames: int  # that are still to be delivered
    words: str  # what is to be said of the database's answers; "" while all is well


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The journal, ours unless a logger is running."""
    try:
        journal, ours = Journal.open(path), True
    except JournalLocked:
        journal, ours = Journal.open(path, exclusive=False), False
    with journal:
        yield Opened(journal, ours)


def with_new_settings(
    journal: Journal,
    to: Sequence[Destination],
    meter: Meter,
    keys: Mapping[str, Sequence[Key]],
    start: datetime | None,
    end: datetime | None,
) -> int:
    """Have a meter's messages delivered with these settings in the place of their old points; the number of messages.

    Only what can be sent again is deleted: from the first to the last point of the messages themselves. What is deleted
    is listed to be sent again before, and no request is in flight meanwhile: whatever ends this process, nothing is
    lost. Raises HanloggerError where a database does not let it be deleted, and then the settings have not changed.
    """
    readings = Readings(journal.frames(meter.name, start, end), keys, journal.before)
    times = span(readings)
    check_erasable(to, meter.name)
    with journal.holding_requests_back(IN_FLIGHT) as held_back:
        if not held_back:
            raise JournalUnavailable(_NOT_HELD)
        for one in to:
            journal.send_again(one.name, meter.name, start and start - BEFORE, end and end + AFTER, passed_only=False)
        if times is not None:
            erase_each(to, meter.name, *times, _DELETED)
        journal.reconfigure(meter, start, end)
    return readings.frames


_NOT_HELD = "a request to a database does not come to its end: nothing has been changed; try it again in some minutes"
_DELETED = "what is deleted in {} is delivered there again as it was; then give the command again"


def deliver(
    opened: Opened,
    to: Sequence[Destination],
    keys: Mapping[str, Sequence[Key]],
    logger: str,
    stop: threading.Event,
    shown: Callable[[Sequence[Left]], None],
) -> bool:
    """Until nothing is left for any destination, or `stop` is set: then the next logger goes on. Whether all is done.

    shown: is given how it stands, five times a second.
    """
    ending = threading.Event()
    deliveries = {one.name: Delivery(opened.journal, one, keys, ending, logger) for one in to} if opened.ours else {}
    for delivery in deliveries.values():
        delivery.start()
    try:
        while True:
            state = _state(opened.journal, to, deliveries)
            shown(state)
            if not any(left.frames for left in state):
                return True
            if stop.wait(LOOK):
                return False
    finally:
        ending.set()
        _join(deliveries.values())


def _state(journal: Journal, to: Sequence[Destination], deliveries: Mapping[str, Delivery]) -> list[Left]:
    state = []
    for one in to:
        frames = journal.waiting(one.name).frames  # first: where nothing is left the last answer has been given
        answer = deliveries[one.name].answer if one.name in deliveries else None
        words = answer.words if answer and answer.at and answer.words != WELL else ""
        state.append(Left(one.name, frames, words))
    return state


def _join(deliveries: Iterable[Delivery], seconds: float = 2.0) -> None:
    until = time.monotonic() + seconds
    for delivery in deliveries:
        delivery.join(max(0.0, until - time.monotonic()))
