"""Turn records of the journal into intervals, a page at a time."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from hanlogger.aggregate.misnamed import OwnNumbers
from hanlogger.aggregate.registers import find_own_number, read_levels
from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.intervals.levels import Level
from hanlogger.journal import Journal, Outcome, Record, RecordsChanged, make_frame
from hanlogger.journal.model import AGGREGATION
from hanlogger.journal.order import Order
from hanlogger.model import Key, Meter, Reading

MISNAMED = "misnamed"  # the counter of telegrams that are of another meter than their name says
PAGE = 500  # records that are read at once

log = logging.getLogger(__name__)


class Aggregator:
    """Makes intervals of a journal. keys: by meter. One thread uses it; all methods raise JournalUnavailable."""

    def __init__(self, journal: Journal, keys: Mapping[str, Sequence[Key]]) -> None:
        self._journal, self._keys = journal, keys
        self._order = Order(journal.records.get_previous, self._decode)
        self._failed = False
        self._own_numbers = OwnNumbers()
        self._told = set[str]()  # names of meters
        self._newest = 0  # of what was read; what is read again is not looked at again

    def catch_up(self) -> None:
        """Make intervals of all that is in the journal, but for what must wait until the host's clock is set."""
        self._journal.intervals.begin()
        while self.go_on():
            pass

    def go_on(self) -> bool:
        """Read one page of new records, or else of those that are to be read again; return False if there is none."""
        return self._read_unless_changed(self._read_new) or self.read_again()

    def read_again(self) -> bool:
        """Read one page of records that are to be read once more; return False if there is none."""
        return self._read_unless_changed(self._read_listed)

    def _read_unless_changed(self, read: Callable[[], bool]) -> bool:
        try:
            return read()
        except RecordsChanged:  # a command has deleted or changed telegrams: what is left of them is read anew
            return True

    def _read_new(self) -> bool:
        cursor = self._journal.intervals.get_cursor()
        records = self._journal.records.read_after(cursor, PAGE)
        done = self._merge(records)
        return done > cursor

    def _read_listed(self) -> bool:
        wanted = self._journal.redeliveries.get_first(AGGREGATION)
        if wanted is None:
            return False
        records = self._journal.records.read_range(wanted, PAGE)
        done = self._merge(records) if records else wanted.last_id
        if not done:
            return False
        self._journal.redeliveries.settle(AGGREGATION, wanted, Outcome(done))
        return True

    def _merge(self, records: Sequence[Record]) -> int:
        """Add what records say to the intervals; return the id up to which they were read, 0 for none."""
        levels: defaultdict[str, defaultdict[int, list[Level]]] = defaultdict(lambda: defaultdict(list))
        meters: dict[str, Meter] = {}
        read: dict[int, int | None] = {}
        for record in records:
            found = self._read(record)
            if found is None:
                break
            read[record.id] = record.crc
            for direction, level in found.items():
                meters[record.meter.name] = record.meter
                levels[record.meter.name][direction].append(level)
        up_to = max(read, default=0)
        if read:
            self._journal.intervals.merge([(meters[name], levels[name]) for name in levels], up_to, read)
        return up_to

    def _read(self, record: Record) -> Mapping[int, Level] | None:
        """Return what a record says; None where it must wait until the host's clock is set."""
        if record.kind != "frame" or record.corruption:
            return {}
        try:
            reading = self._decode(record)
            self._compare(record, reading)
            timestamp = self._order.resolve(record, reading)
            if record.provisional and (timestamp.replaced or record.meter.clock == "receive"):
                return None
            return {} if timestamp.time is None else read_levels(reading, timestamp.time)
        except DecodeError:  # delivery lists it, and has it read again when it can be decoded
            return {}
        except Exception:  # a fault of ours in one frame must not hold up all others
            if not self._failed:
                log.exception("record %d cannot be made into intervals", record.id)
            self._failed = True
            return {}

    def _compare(self, record: Record, reading: Reading) -> None:
        """Tell, and count, where a telegram is of another meter than its name says."""
        if record.id <= self._newest:
            return
        self._newest = record.id
        name = record.meter.name
        if words := self._own_numbers.note(name, find_own_number(reading.rows)):
            self._journal.counters.count(name, MISNAMED)
            if name not in self._told:
                log.warning("%s: %s; from now on that is only counted", name, words)
            self._told.add(name)

    def _decode(self, record: Record) -> Reading:
        return decode(make_frame(record), record.meter, self._keys.get(record.meter.name, ()))
