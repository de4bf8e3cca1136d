"""Delivering a range of the journal once more, with the settings of that time or with the present ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.aggregate import Aggregator
from hanlogger.archive.erase import check_erasable, erase_each
from hanlogger.archive.readings import Readings, find_time_span
from hanlogger.deliver import WELL, Delivery
from hanlogger.deliver.drafts import Costs, list_no_costs
from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.journal.model import HIGHEST_ID
from hanlogger.model import Key, Meter

IN_FLIGHT = 60.0  # seconds in which a request that was sent has ended: longer than its time-outs
POLL_SECONDS = 0.2  # between two looks at what is left
BEFORE, AFTER = timedelta(hours=2), timedelta(hours=25)
"""How far outside a range a message may arrive whose points lie in it: wrong clocks, a gas meter's last hour."""


class OpenedJournal(NamedTuple):
    """A journal, and whether this process delivers from it (else a running logger does)."""

    journal: Journal
    ours: bool


class Remaining(NamedTuple):
    """What remains to be delivered to one destination."""

    name: str
    frames: int
    words: str  # the database's last error; "" while all is well


@contextmanager
def open_journal(path: Path) -> Iterator[OpenedJournal]:
    """Open the journal, for delivery by this process unless a logger is running."""
    try:
        journal, ours = Journal.open(path), True
    except JournalLocked:
        journal, ours = Journal.open(path, exclusive=False), False
    with journal:
        yield OpenedJournal(journal, ours)


def redeliver_with_new_settings(
    journal: Journal,
    to: Sequence[Destination],
    meter: Meter,
    keys: Mapping[str, Sequence[Key]],
    start: datetime | None,
    end: datetime | None,
) -> int:
    """Replace the old points of a meter's messages by points with the settings of `meter`; return how many messages.

    Only points that can be delivered again are deleted: those from the first to the last time of the messages
    themselves. Their redelivery is listed before, and no request is in flight meanwhile, so that nothing is lost
    whenever this process ends. HanloggerError if a database does not allow it: then the settings are unchanged.
    """
    readings = Readings(journal.records.read_frames(meter.name, start, end), keys, journal.records.get_previous)
    times = find_time_span(readings)
    check_erasable(to, meter.name)
    with journal.destinations.hold_requests_back(IN_FLIGHT) as held_back:
        if not held_back:
            raise JournalUnavailable(_NOT_HELD)
        for one in to:
            journal.redeliveries.request(
                one.name, meter.name, start and start - BEFORE, end and end + AFTER, passed_only=False
            )
        if times is not None:
            erase_each(to, meter.name, *times, _DELETED)
        journal.records.reconfigure(meter, start, end, times)
    return readings.frames


_NOT_HELD = "a request to a database does not come to its end: nothing has been changed; try again in a few minutes"
_DELETED = "what is deleted in {} is delivered there again as it was; then give the command again"


def deliver(
    opened: OpenedJournal,
    to: Sequence[Destination],
    keys: Mapping[str, Sequence[Key]],
    logger: str,
    stop: threading.Event,
    shown: Callable[[Sequence[Remaining]], None],
    *,
    costs: Costs = list_no_costs,
) -> bool:
    """Deliver until nothing remains for any destination, or `stop` is set; return whether nothing remains.

    What remains is delivered by the next logger. What comes meanwhile from a running one does not count, as something
    is always on its way. shown: is given the state of all destinations, five times a second.
    costs: returns the points of what announced intervals cost.
    """
    up_to = HIGHEST_ID if opened.ours else opened.journal.newest
    ours = to if opened.ours else ()  # else the running logger delivers, and makes intervals
    with _run_deliveries(opened.journal, ours, keys, logger, costs) as deliveries:
        if opened.ours:
            Aggregator(opened.journal, keys).catch_up()
        while True:
            state = _list_remaining(opened.journal, to, deliveries, up_to)
            shown(state)
            if not any(left.frames for left in state):
                return True
            if stop.wait(POLL_SECONDS):
                return False


@contextmanager
def _run_deliveries(
    journal: Journal, to: Sequence[Destination], keys: Mapping[str, Sequence[Key]], logger: str, costs: Costs
) -> Iterator[Mapping[str, Delivery]]:
    """Deliver in threads of their own meanwhile; yield them by the destination's name."""
    ending = threading.Event()
    deliveries = {one.name: Delivery(journal, one, keys, ending, logger, costs=costs) for one in to}
    for delivery in deliveries.values():
        delivery.start()
    try:
        yield deliveries
    finally:
        ending.set()
        _join(deliveries.values())


def _list_remaining(
    journal: Journal, to: Sequence[Destination], deliveries: Mapping[str, Delivery], up_to: int
) -> list[Remaining]:
    state, known = [], journal.destinations
    for one in to:
        # read first: when no frame remains, the last answer has come
        frames = known.count_waiting(one.name, up_to=up_to).frames or int(known.has_waiting(one.name, up_to))
        answer = deliveries[one.name].answer if one.name in deliveries else None
        words = answer.words if answer and answer.at and answer.words != WELL else ""
        state.append(Remaining(one.name, frames, words))
    return state


def _join(deliveries: Iterable[Delivery], seconds: float = 2.0) -> None:
    until = time.monotonic() + seconds
    for delivery in deliveries:
        delivery.join(max(0.0, until - time.monotonic()))
