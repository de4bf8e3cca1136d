"""Energies between two times, as the difference of what the meter's counters show then."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError, JournalUnavailable
from hanlogger.journal import Journal, Record, frame_of
from hanlogger.points.catalogue import look_up
from hanlogger.points.derived import derive_registers
from hanlogger.web.history import History

NEAR = (timedelta(seconds=15), timedelta(minutes=2))
"""How far from a time its counters are looked for: first in few telegrams, then in more."""

MOST_KNOWN = 20_000  # counters that are kept
SETTLED = timedelta(minutes=5)  # after which nothing of a time comes any more


class Counted(NamedTuple):
    """What the counters of a meter show at a time, in Wh; None for one that it does not have."""

    at: datetime
    imported: Decimal | None
    exported: Decimal | None


class Energy(NamedTuple):
    """The energy of one part of a period, in Wh; None: unknown, because nothing was recorded, or not yet."""

    start: datetime
    end: datetime
    imported: Decimal | None
    exported: Decimal | None
    whole: bool = True  # False: a lower bound, for some of it was not recorded


class Energies:
    """Energies of all meters. What the counters showed is remembered, so that nothing is decoded twice."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: dict[tuple[str, datetime], Counted] = {}

    def measure_between(self, meter: str, bounds: Sequence[datetime], now: datetime) -> list[Energy]:
        """Return the energy from each bound to the next; the part that `now` is in ends there."""
        times = list(dict.fromkeys(min(bound, now) for bound in bounds))
        counted = dict(zip(times, self._look(meter, times, now), strict=True))
        return [
            Energy(one, other, _differ(counted, one, min(other, now), 1), _differ(counted, one, min(other, now), 2))
            for one, other in pairwise(bounds)
        ]

    def gather(
        self, meter: str, bounds: Sequence[datetime], now: datetime, finer: Callable[[datetime], Sequence[datetime]]
    ) -> list[Energy]:
        """Return the energy from each bound to the next; one that is unknown is gathered from what is known of it.

        finer: a function that returns the bounds of the smaller parts of the part that begins at a time.
        """
        parts = self.measure_between(meter, bounds, now)
        return [
            part if part.imported is not None or part.start >= now else self._gather(meter, part, now, finer)
            for part in parts
        ]

    def _gather(
        self, meter: str, part: Energy, now: datetime, finer: Callable[[datetime], Sequence[datetime]]
    ) -> Energy:
        found = self.measure_between(meter, finer(part.start), now)
        known = [[one for one in row if one is not None] for row in zip(*(one[2:4] for one in found), strict=True)]
        imported, exported = (sum(row, Decimal(0)) if row else None for row in known)
        return part._replace(imported=imported, exported=exported, whole=imported is None)

    def measure(self, meter: str, start: datetime, end: datetime, now: datetime) -> Energy:
        """Return the energy from one time to another."""
        return self.measure_between(meter, (start, end), now)[0]

    def _look(self, meter: str, times: Sequence[datetime], now: datetime) -> list[Counted | None]:
        with contextlib.suppress(JournalUnavailable), self._history.journal() as journal:
            if journal is not None:
                return [self._get(journal, meter, at, now) for at in times]
        return [None] * len(times)

    def _get(self, journal: Journal, meter: str, at: datetime, now: datetime) -> Counted | None:
        if (found := self._known.get((meter, at))) is None:
            found = self._find(journal, meter, at)
            if found is not None and now - at > SETTLED:
                self._known[meter, at] = found
                while len(self._known) > MOST_KNOWN:
                    del self._known[next(iter(self._known))]
        return found

    def _find(self, journal: Journal, meter: str, at: datetime) -> Counted | None:
        for near in NEAR:
            records = journal.records.read_frames(meter, at - near, at + near)
            found = list(self._count(records, meter))
            if any(one.at <= at for one in found) and any(one.at >= at for one in found):
                return _interpolate(found, at)
        return min(found, key=lambda one: abs(one.at - at)) if found else None

    def _count(self, records: Iterator[Record], meter: str) -> Iterator[Counted]:
        for record in records:
            with contextlib.suppress(DecodeError):
                reading = decode(frame_of(record), record.meter, self._history.keys.get(meter, ()))
                values: dict[str, Decimal] = {}
                for row in (*reading.registers, *derive_registers(reading)):
                    known = look_up(row.obis)
                    if known and known[:2] == ("active_energy", "total") and isinstance(row.value, Decimal):
                        values[known.direction] = row.value
                if values:
                    hour = record.received_at.replace(minute=0, second=0, microsecond=0)
                    at = hour if reading.hourly else record.received_at
                    yield Counted(at, values.get("import"), values.get("export"))


def _interpolate(found: Sequence[Counted], at: datetime) -> Counted:
    """Return the counters at a time between those of the telegrams before and after it."""
    before = max((one for one in found if one.at <= at), key=lambda one: one.at)
    after = min((one for one in found if one.at >= at), key=lambda one: one.at)
    part = Decimal((at - before.at) / (after.at - before.at)) if after.at > before.at else Decimal(0)

    def between(one: Decimal | None, other: Decimal | None) -> Decimal | None:
        return None if one is None or other is None else one + (other - one) * part

    return Counted(at, between(before.imported, after.imported), between(before.exported, after.exported))


def _differ(counted: dict[datetime, Counted | None], start: datetime, end: datetime, which: int) -> Decimal | None:
    one, other = counted.get(start), counted.get(end)
    if one is None or other is None or start >= end:
        return None
    first, last = one[which], other[which]
    if not isinstance(first, Decimal) or not isinstance(last, Decimal) or last < first:  # a meter that was exchanged
        return None
    return last - first
