"""What was used since a border: the register of the newest telegram less the last one at or before the border."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.journal import Journal, Record, make_frame
from hanlogger.model import Key, Obis
from hanlogger.points.catalogue import look_up
from hanlogger.points.derived import derive_registers
from hanlogger.status.state import MeterState
from hanlogger.tariffs.model import Direction

OLD = timedelta(minutes=1)
"""How long before a border a register may be that stands for it."""

TICK = timedelta(milliseconds=1)  # what the journal tells times by
KEPT = timedelta(hours=2)  # how long borders that have been looked up are kept

LARGEST_OFFSET = timedelta(minutes=5)
"""A clock that is further off is not that of the border, but set wrong."""


class Level(NamedTuple):
    """A register at the arrival time of its telegram, in Wh."""

    at: datetime
    wh: Decimal


class Used(NamedTuple):
    """What was used since a border, in Wh; whole: whether it is known from the border on."""

    wh: Decimal
    whole: bool


class Registers:
    """Reads registers of the running hour. A border is looked up in the journal once, and then known."""

    def __init__(self, journal: Journal, keys: Mapping[str, Sequence[Key]]) -> None:
        self._journal, self._keys = journal, keys
        self._borders: dict[tuple[str, Direction, datetime], tuple[Level, bool]] = {}

    def measure(self, meter: MeterState, direction: Direction, start: datetime, now: datetime) -> Used | None:
        """Return what was used from a border up to now; None where no register says it. JournalUnavailable."""
        newest = find_newest(meter, direction)
        border = start - _compute_offset(meter)
        if newest is None or newest.at < border - OLD:
            return None
        if newest.at <= border:
            return Used(Decimal(0), whole=True)
        level, whole = self._get_border(meter.name, direction, border, now)
        if level is None or level.wh > newest.wh:
            return None
        return Used(newest.wh - level.wh, whole)

    def _get_border(
        self, meter: str, direction: Direction, border: datetime, now: datetime
    ) -> tuple[Level | None, bool]:
        """Return the register at a border, and True; where that is missing the first one after it, and False."""
        key = (meter, direction, border.replace(second=0, microsecond=0))
        if key in self._borders:
            return self._borders[key]
        near = list(self._read(self._journal.records.read_frames(meter, border - OLD, border + TICK), direction))
        level = near[-1] if near else self._find_first(meter, direction, border, now)
        if level is not None:
            recent = {each: known for each, known in self._borders.items() if now - each[2] < KEPT}
            self._borders = {**recent, key: (level, bool(near))}
        return level, bool(near)

    def _find_first(self, meter: str, direction: Direction, border: datetime, now: datetime) -> Level | None:
        return next(self._read(self._journal.records.read_frames(meter, border, now), direction), None)

    def _read(self, records: Iterable[Record], direction: Direction) -> Iterator[Level]:
        for record in records:
            with contextlib.suppress(DecodeError):
                reading = decode(make_frame(record), record.meter, self._keys.get(record.meter.name, ()))
                for row in (*reading.registers, *derive_registers(reading)):
                    if is_energy(row.obis, row.unit, direction) and isinstance(row.value, Decimal):
                        yield Level(record.received_at, row.value)
                        break


def find_newest(meter: MeterState, direction: Direction) -> Level | None:
    """Return the newest register of a meter's active energy; None where it sends none."""
    for code, register in meter.registers.items():
        if is_energy(Obis.parse(code), register.unit, direction):
            return Level(register.received_at, Decimal(register.value))
    return None


def is_energy(obis: Obis, unit: str, direction: Direction) -> bool:
    """Return whether a register is the total active energy of a direction."""
    known = look_up(obis)
    meaning = ("active_energy", "total", direction)
    return known is not None and unit == "Wh" and (known.measurement, known.phase, known.direction) == meaning


def _compute_offset(meter: MeterState) -> timedelta:
    """Return how far the meter's clock, which makes the borders, is ahead of the host's."""
    offset = timedelta(seconds=meter.clock_offset or 0)
    return offset if abs(offset) <= LARGEST_OFFSET else timedelta()
