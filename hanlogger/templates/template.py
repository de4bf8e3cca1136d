"""A template: the lines of all messages of one shape, but for their numbers and times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import add
from typing import NamedTuple

from hanlogger.decoding.plans.places import Cut, Places, Time
from hanlogger.model import Meter, Reading, Register
from hanlogger.points.lineprotocol import encode_end, encode_seconds
from hanlogger.points.timestamp import Timestamp, resolve_register_time
from hanlogger.templates.texts import Print


class Template(NamedTuple):
    """All that is needed to make lines of the numbers of a message."""

    meter: Meter
    places: Places
    cut: Cut
    texts: Print
    constants: Sequence[str]  # the values of rows that are the same in each message
    derived: Sequence[Callable[[Sequence[str]], str]]  # each gives the text of a register from those of all numbers
    pick: Callable[[Sequence[str]], tuple[str, ...]]  # the values of the lines out of numbers, constants, derived ones
    heads: Sequence[str]  # of the lines, through the "="; behind them that of the clock's offset
    series: frozenset[bytes]  # the heads, as they name series
    series_and_offset: frozenset[bytes]
    counters: Sequence[int]  # indices of lines that belong to the full hour in an hourly list
    times: Sequence[tuple[int, Time, Register]]  # lines with a time of their own
    reading: Reading  # without rows

    def fill_in(self, octets: bytes) -> Filled | None:
        """Return the template filled with the numbers of a message of its shape; None where it does not apply."""
        places, reading = self.places, self.reading
        raw = self.cut(octets)
        if places.clock:
            reading = Reading((), places.read_clock(octets), *reading[2:])
        if not places.fit(octets, raw, reading.clock, hourly=reading.hourly):
            return None
        values = self.texts(raw)
        values += [*self.constants, *[derive(values) for derive in self.derived]]
        return Filled(self, octets, reading, self.pick(values))


class Filled(NamedTuple):
    """A template with the numbers of a message: all but its timestamp."""

    template: Template
    octets: bytes
    reading: Reading  # without rows
    values: Sequence[str]

    def list_series(self, timestamp: Timestamp) -> frozenset[bytes]:
        """Return the series of the lines."""
        template = self.template
        return template.series if timestamp.offset is None else template.series_and_offset

    def encode(self, timestamp: Timestamp) -> tuple[bytes, int] | None:
        """Return the lines, and how many; None where a row's own time cannot be right."""
        template, values = self.template, self.values
        if timestamp.offset is not None:
            values = (*values, encode_seconds(timestamp.offset))
        end = encode_end(timestamp.time)
        if not template.times and not (template.counters and self.reading.hourly):
            return (end.join(map(add, template.heads, values)) + end).encode(), len(values)
        ends = self._make_ends(timestamp, end, len(values))
        if ends is None:
            return None
        lines = zip(template.heads, values, ends, strict=False)  # the last head is without a value
        return "".join(chain.from_iterable(lines)).encode(), len(values)

    def _make_ends(self, timestamp: Timestamp, end: str, count: int) -> list[str] | None:
        template, ends = self.template, [end] * count
        if self.reading.hourly and timestamp.time is not None:
            hour = encode_end(timestamp.time.replace(minute=0, second=0, microsecond=0))
            for at in template.counters:
                ends[at] = hour
        for at, place, register in template.times:
            row = register._replace(time=template.places.read_time(place, self.octets))
            time = resolve_register_time(row, self.reading, template.meter, timestamp)
            if time is None:
                return None
            ends[at] = encode_end(time)
        return ends
