"""A template: the lines of all messages of one shape, but for their numbers and times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hanlogger.decoding.plans.places import Places, Time
from hanlogger.model import Meter, Reading, Register
from hanlogger.points.lineprotocol import encode_end, encode_seconds
from hanlogger.points.timestamp import Timestamp, resolve_register_time
from hanlogger.templates.texts import Texts

END, END_OF_HOUR = b"\n", b"\r"
"""What ends a line in a form: the time of the message stands there, or the full hour before it."""

OWN_ENDS = [bytes((code,)) for code in range(1, 9)]
"""What ends lines with a time of their own. No name and no text has such an octet: in lines they are escaped."""


class Template(NamedTuple):
    """All that is needed to make lines of the numbers of a message."""

    meter: Meter
    places: Places
    cut: Callable[[bytes], Sequence[int]]
    scaled: Sequence[tuple[int, Texts]]  # indices of numbers that are not their digits, and the texts that they are
    derived: Sequence[Callable[[Sequence[int]], bytes]]  # each gives the text of a register from the raw numbers
    form: bytes  # all lines, with marks in the places of numbers, of derived registers and of ends
    offset: bytes  # the line of the clock's offset, likewise
    series: frozenset[bytes]  # the heads of lines, as they name series
    series_and_offset: frozenset[bytes]
    times: Sequence[tuple[bytes, Time, Register]]  # what ends a line in the form, and where its own time stands
    reading: Reading  # without rows

    def fill_in(self, octets: bytes) -> Filled | None:
        """Return the template filled with the numbers of a message of its shape; None where it does not apply."""
        places, reading = self.places, self.reading
        raw = self.cut(octets)
        if places.clock:
            reading = Reading((), places.read_clock(octets), *reading[2:])
        if not places.fit(octets, raw, reading.clock, hourly=reading.hourly):
            return None
        values: list[int | bytes] = [*raw]
        for at, texts in self.scaled:
            values[at] = texts[raw[at]]
        values += [derive(raw) for derive in self.derived]
        return Filled(self, octets, reading, values)


class Filled(NamedTuple):
    """A template with the numbers of a message: all but its timestamp."""

    template: Template
    octets: bytes
    reading: Reading  # without rows
    values: Sequence[int | bytes]

    def list_series(self, timestamp: Timestamp) -> frozenset[bytes]:
        """Return the series of the lines."""
        template = self.template
        return template.series if timestamp.offset is None else template.series_and_offset

    def encode(self, timestamp: Timestamp) -> tuple[bytes, int] | None:
        """Return the lines, and how many; None where a row's own time cannot be right."""
        template, time = self.template, timestamp.time
        lines, number = template.form % (*self.values,), len(template.series)
        if timestamp.offset is not None:
            lines, number = lines + template.offset % encode_seconds(timestamp.offset), number + 1
        lines = lines.replace(END, encode_end(time))
        if self.reading.hourly:
            hour = time and time.replace(minute=0, second=0, microsecond=0)
            lines = lines.replace(END_OF_HOUR, encode_end(hour))
        for end, place, register in template.times:
            row = Register(register.obis, register.value, register.unit, template.places.read_time(place, self.octets))
            own = resolve_register_time(row, self.reading, template.meter, timestamp)
            if own is None:
                return None
            lines = lines.replace(end, encode_end(own))
        return lines, number
