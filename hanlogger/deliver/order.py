"""When a reading was taken, where only the order of the readings tells: the hour that comes twice in an autumn night.

A frame from a file has no time of receipt that could settle it. The reading before does, which may need the one before
that, back to the last one outside that hour. Looked up in the journal, so that a frame gets the same time whenever and
wherever it is delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from hanlogger.errors import DecodeError
from hanlogger.journal import Record
from hanlogger.model import Reading
from hanlogger.points.timestamp import Moment, moment

LONGEST = 4000  # readings of one hour, one a second and some


class Taken(NamedTuple):
    """A reading's moment, and the time of the reading before where that was needed to tell it."""

    moment: Moment
    after: datetime | None = None


class Order:
    """before: the frame of the same meter that was recorded before one. read: decodes, DecodeError."""

    def __init__(self, before: Callable[[Record], Record | None], read: Callable[[Record], Reading]) -> None:
        self._before = before
        self._read = read
        self._told: dict[str, tuple[int, datetime | None]] = {}  # by meter: the last record told, and its time

    def taken(self, record: Record, reading: Reading) -> Taken:
        """When the reading of the record was taken."""
        after = self._time_before(record) if _comes_twice(record, reading) else None
        taken = Taken(_moment(record, reading, after), after)
        self._told[record.meter.name] = (record.id, taken.moment.time)
        return taken

    def _time_before(self, record: Record) -> datetime | None:
        """Back to a reading whose time is known without another, and forward again."""
        chain: list[tuple[Record, Reading]] = []
        time: datetime | None = None
        earlier = self._before(record)
        while earlier is not None and len(chain) < LONGEST:
            told, time = self._told.get(earlier.meter.name, (0, None))
            if told == earlier.id:
                break
            time = self._plain_time(earlier, chain)
            if time is not None:
                break
            earlier = self._before(earlier)
        for each, reading in reversed(chain):
            time = _moment(each, reading, time).time
        return time

    def _plain_time(self, record: Record, chain: list[tuple[Record, Reading]]) -> datetime | None:
        """The record's time if it needs no other; else it goes into the chain, unless it cannot be read."""
        try:
            reading = self._read(record)
        except DecodeError:
            return None
        if _comes_twice(record, reading):
            chain.append((record, reading))
            return None
        return _moment(record, reading, None).time


def _moment(record: Record, reading: Reading, after: datetime | None) -> Moment:
    return moment(reading, record.meter, record.received_at, judge=is_judged(record), after=after)


def is_judged(record: Record) -> bool:
    """Whether its time of receipt says anything about its clock."""
    return record.live and record.judged


def _comes_twice(record: Record, reading: Reading) -> bool:
    """Whether the reading before would make a difference."""
    if is_judged(record):
        return False
    first = _moment(record, reading, None).time
    return first is not None and _moment(record, reading, first + timedelta(milliseconds=1)).time != first
