"""Energies between two times: by the journal's intervals, and since the last of them by the meter's counters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError, JournalUnavailable
from hanlogger.intervals import QUARTER, Span, sum_spans
from hanlogger.journal import Journal, Record, frame_of
from hanlogger.points.catalogue import look_up
from hanlogger.points.derived import derive_registers
from hanlogger.web.history import History

NEAR = timedelta(seconds=15)
"""How far from a time its counters are looked for; where there are none, the first after it count."""

NEWEST = 4 * QUARTER
"""How long ago the intervals may end for the counters to go on from there: they are made after each quarter."""


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
    whole: bool = True  # False: a lower bound, for some of it is not known


class Energies:
    """Energies of all meters, read from the journal anew each time. Any thread may ask."""

    def __init__(self, history: History) -> None:
        self._history = history

    def measure_between(self, meter: str, bounds: Sequence[datetime], now: datetime) -> list[Energy]:
        """Return the energy from each bound to the next; the part that `now` is in ends there."""
        spans: list[Span] = []
        with contextlib.suppress(JournalUnavailable), self._history.journal() as journal:
            if journal is not None and bounds[0] < now:
                spans = journal.intervals.read_spans(meter, bounds[0], min(bounds[-1], now))
                if bounds[-1] > now - NEWEST:
                    spans = self._go_on(journal, meter, spans, now)
        return [
            Energy(each.start, each.end, each.imported, each.exported, each.quality == "measured" or each.end > now)
            for each in sum_spans(spans, bounds)
        ]

    def measure(self, meter: str, start: datetime, end: datetime, now: datetime) -> Energy:
        """Return the energy from one time to another."""
        return self.measure_between(meter, (start, end), now)[0]

    def _go_on(self, journal: Journal, meter: str, spans: Sequence[Span], now: datetime) -> list[Span]:
        """Return the spans up to the last border that is known, and from there the counters' differences up to now."""
        oldest = _find_border(now - NEWEST)
        start = max([oldest, *(span.end for span in spans if span.quality != "partial")])
        known = [span for span in spans if span.start < start]
        borders = [start + number * QUARTER for number in range((now - start) // QUARTER + 1)]
        return [*known, *self._count_on(journal, meter, [*borders, now])]

    def _count_on(self, journal: Journal, meter: str, times: Sequence[datetime]) -> Iterator[Span]:
        for start, end in pairwise(times):
            if start < end and (last := self._find(journal, meter, end)):
                first = self._find(journal, meter, start) or self._find_first(journal, meter, start, end)
                if first and first.at < last.at:
                    yield Span(max(start, first.at), end, *_differ(first, last), "partial")

    def _find(self, journal: Journal, meter: str, at: datetime) -> Counted | None:
        """Return what the counters show at a time, between the telegrams on both sides of it or close to one."""
        found = list(self._count(journal.records.read_frames(meter, at - NEAR, at + NEAR), meter))
        before = max((one for one in found if one.at <= at), key=lambda one: one.at, default=None)
        after = min((one for one in found if one.at >= at), key=lambda one: one.at, default=None)
        return _interpolate(before, after, at) if before and after else before or after

    def _find_first(self, journal: Journal, meter: str, start: datetime, end: datetime) -> Counted | None:
        return next(self._count(journal.records.read_frames(meter, start, end), meter), None)

    def _count(self, records: Iterable[Record], meter: str) -> Iterator[Counted]:
        for record in records:
            with contextlib.suppress(DecodeError):
                reading = decode(frame_of(record), record.meter, self._history.keys.get(meter, ()))
                values: dict[str, Decimal] = {}
                for row in (*reading.registers, *derive_registers(reading)):
                    known = look_up(row.obis)
                    if known and known[:2] == ("active_energy", "total") and isinstance(row.value, Decimal):
                        values[known.direction] = row.value
                if values and not reading.hourly:
                    yield Counted(record.received_at, values.get("import"), values.get("export"))


def _find_border(at: datetime) -> datetime:
    """Return the last full quarter of an hour that is not after a time."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def _interpolate(before: Counted, after: Counted, at: datetime) -> Counted:
    """Return the counters at a time between those of the telegrams before and after it."""
    part = Decimal((at - before.at) / (after.at - before.at)) if after.at > before.at else Decimal(0)

    def between(one: Decimal | None, other: Decimal | None) -> Decimal | None:
        return None if one is None or other is None else one + (other - one) * part

    return Counted(at, between(before.imported, after.imported), between(before.exported, after.exported))


def _differ(one: Counted, other: Counted) -> tuple[Decimal | None, Decimal | None]:
    """Return what was imported and exported between; None where a counter fell, as that of another meter."""
    pairs = ((one.imported, other.imported), (one.exported, other.exported))
    imported, exported = (
        last - first if first is not None and last is not None and last >= first else None for first, last in pairs
    )
    return imported, exported
