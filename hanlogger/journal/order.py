"""Resolve timestamps that only the order of the readings tells: in the hour that comes twice in an autumn night.

A frame from a file has no arrival time that could tell which of the two hours is meant. The reading before it does;
that one may need the reading before it, and so on, back to the last one outside that hour. They are looked up in the
journal, so that a frame gets the same timestamp whenever and wherever it is delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hanlogger.errors import DecodeError
from hanlogger.journal.model import Record
from hanlogger.model import Reading
from hanlogger.points.timestamp import Timestamp, resolve_timestamp

LONGEST = 4000  # readings: those of one hour at one a second, and some


class Order:
    """Resolves the timestamps of records, one meter's in the order in which they were recorded.

    `before`: returns the frame of the same meter that was recorded before a record, or None.
    `decode`: returns the reading of a record; raises DecodeError.
    """

    def __init__(self, before: Callable[[Record], Record | None], decode: Callable[[Record], Reading]) -> None:
        self._before = before
        self._decode = decode
        self._known: dict[str, tuple[int, datetime | None]] = {}  # by meter: id of the last record, and its time

    def resolve(self, record: Record, reading: Reading) -> Timestamp:
        """Return the timestamp of the record, whose reading is `reading`."""
        timestamp = _resolve(record, reading)
        if timestamp.ambiguous:
            timestamp = _resolve(record, reading, self._find_time_before(record))
        self._known[record.meter.name] = (record.id, timestamp.time)
        return timestamp

    def _find_time_before(self, record: Record) -> datetime | None:
        """Go back to a reading whose time is known without another, and forward again through the ambiguous ones."""
        chain: list[tuple[Record, Reading]] = []
        time: datetime | None = None
        earlier = self._before(record)
        while earlier is not None and len(chain) < LONGEST:
            known, time = self._known.get(earlier.meter.name, (0, None))
            if known == earlier.id:
                break
            time = self._find_own_time(earlier, chain)
            if time is not None:
                break
            earlier = self._before(earlier)
        for each, reading in reversed(chain):
            time = _resolve(each, reading, time).time
        return time

    def _find_own_time(self, record: Record, chain: list[tuple[Record, Reading]]) -> datetime | None:
        """Return the record's time if it needs no other; else put it into the chain, unless it cannot be decoded."""
        try:
            reading = self._decode(record)
        except DecodeError:
            return None
        timestamp = _resolve(record, reading)
        if timestamp.ambiguous:
            chain.append((record, reading))
            return None
        return timestamp.time


def _resolve(record: Record, reading: Reading, after: datetime | None = None) -> Timestamp:
    judge = record.live and record.judged
    return resolve_timestamp(reading, record.meter, record.received_at, judge=judge, after=after)
