"""Decode the journal's messages into readings, with the timestamps and points that delivery makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.journal import Record, make_frame
from hanlogger.journal.order import Order
from hanlogger.model import Key, Point, Reading
from hanlogger.points.points import make_points
from hanlogger.points.timestamp import Timestamp

Keys = Mapping[str, Sequence[Key]]
"""The keys of each meter, by its name."""

FindPrevious = Callable[[Record], Record | None]
"""A function that finds the frame of the same meter that was recorded before a record."""


class TimedReading(NamedTuple):
    """One frame of the journal with its reading and timestamp."""

    record: Record
    reading: Reading
    timestamp: Timestamp

    @property
    def time(self) -> datetime | None:
        """The time of the reading, UTC."""
        return self.timestamp.time

    @property
    def points(self) -> list[Point]:
        """The points of the frame, as delivery makes them."""
        return make_points(self.reading, self.record.meter, self.timestamp).points


class Readings:
    """An iterator over the readings of frames that can be decoded, which counts all frames and the undecoded ones."""

    def __init__(self, records: Iterable[Record], keys: Keys, before: FindPrevious) -> None:
        self.frames = self.undecoded = 0
        self._records, self._keys = records, keys
        self._order = Order(before, self._read)

    def __iter__(self) -> Iterator[TimedReading]:
        for record in self._records:
            self.frames += 1
            try:
                reading = self._read(record)
                timestamp = self._order.resolve(record, reading)
            except DecodeError:
                self.undecoded += 1
            else:
                yield TimedReading(record, reading, timestamp)

    def _read(self, record: Record) -> Reading:
        return decode(make_frame(record), record.meter, self._keys.get(record.meter.name, ()))


def find_time_span(readings: Iterable[TimedReading]) -> tuple[datetime, datetime] | None:
    """Return the first and last time of the points, without sub-meters' own times; None if there are no points."""
    first = last = None
    for read in readings:
        if read.time is None:
            continue
        hour = read.time.replace(minute=0, second=0, microsecond=0) if read.reading.hourly else read.time
        first = hour if first is None else min(first, hour)
        last = read.time if last is None else max(last, read.time)
    return (first, last) if first is not None and last is not None else None
