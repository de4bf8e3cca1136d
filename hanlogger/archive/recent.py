"""Measure a meter's energy up to now: by the journal's intervals, and since the last one by the meter's counters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.archive.readings import Keys
from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.humanize import group_digits
from hanlogger.intervals import QUARTER, Span, sum_spans
from hanlogger.journal import Journal, Record, make_frame
from hanlogger.points.catalogue import look_up
from hanlogger.points.derived import derive_registers

NEAR = timedelta(seconds=15)
"""How far from a time its counters are searched; where none are found, the first ones after it are used."""

NEWEST = 4 * QUARTER
"""How long ago the last interval may end for the counters to continue it: intervals are made after each quarter."""


class Counted(NamedTuple):
    """What the counters of a meter show at a time, in Wh; None for one that it does not have."""

    at: datetime
    imported: Decimal | None
    exported: Decimal | None


class SoFar(NamedTuple):
    """The energy since a time, in Wh; None for a direction of which nothing is known yet."""

    imported: Decimal | None
    exported: Decimal | None
    since: datetime | None  # from when on something of it is known; None: from its beginning on, or nothing is
    whole: bool  # False: a lower bound, for some of the time is not known


def describe_so_far(energy: SoFar) -> str:
    """Format an energy for people, "" where nothing is known: `at least 0.02 kWh imported (known since 19:01)`."""
    amounts = (("imported", energy.imported), ("exported", energy.exported))
    parts = [f"{group_digits(amount / 1000, 2)} kWh {way}" for way, amount in amounts if amount is not None]
    least = "" if energy.whole else "at least "
    since = f" (known since {energy.since.astimezone():%H:%M})" if energy.since and not energy.whole else ""
    return f"{least}{', '.join(parts)}{since}" if parts else ""


class Recent:
    """The energies of the meters in a journal, up to now."""

    def __init__(self, journal: Journal, keys: Keys) -> None:
        self._journal, self._keys = journal, keys

    def measure_since(self, meter: str, start: datetime, now: datetime) -> SoFar:
        """Return the energy from a time up to now."""
        spans = self.read_spans(meter, start, now, now)
        (total,) = sum_spans(spans, (start, now))
        first = min((span.start for span in spans), default=start)
        return SoFar(total.imported, total.exported, first if first > start else None, total.quality == "measured")

    def measure_today(self, meter: str, now: datetime) -> SoFar | None:
        """Return the energy since midnight of the meter's zone; None for a meter of which the journal has no frame."""
        record = self._journal.records.get_last(meter)
        if record is None:
            return None
        zone = ZoneInfo(record.meter.zone)
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        return self.measure_since(meter, midnight.astimezone(UTC), now)

    def read_spans(self, meter: str, start: datetime, end: datetime, now: datetime) -> list[Span]:
        """Return the spans of a time, up to `now` where it goes on."""
        spans = self._journal.intervals.read_spans(meter, start, min(end, now))
        return self._go_on(meter, spans, now) if end > now - NEWEST else spans

    def _go_on(self, meter: str, spans: Sequence[Span], now: datetime) -> list[Span]:
        """Return the spans up to the last known border, then the differences of the counters up to now."""
        oldest = _find_border(now - NEWEST)
        start = max([oldest, *(span.end for span in spans if span.quality != "partial")])
        known = [span for span in spans if span.start < start]
        borders = [start + number * QUARTER for number in range((now - start) // QUARTER + 1)]
        return [*known, *self._count_on(meter, [*borders, now])]

    def _count_on(self, meter: str, times: Sequence[datetime]) -> Iterator[Span]:
        for start, end in pairwise(times):
            if start < end and (last := self._find(meter, end)):
                first = self._find(meter, start) or self._find_first(meter, start, end)
                if first and first.at < last.at:
                    yield Span(max(start, first.at), end, *_differ(first, last), "partial")

    def _find(self, meter: str, at: datetime) -> Counted | None:
        """Return what the counters show at a time, between the telegrams on both sides of it or close to one."""
        found = list(self._count(self._journal.records.read_frames(meter, at - NEAR, at + NEAR), meter))
        before = max((one for one in found if one.at <= at), key=lambda one: one.at, default=None)
        after = min((one for one in found if one.at >= at), key=lambda one: one.at, default=None)
        return _interpolate(before, after, at) if before and after else before or after

    def _find_first(self, meter: str, start: datetime, end: datetime) -> Counted | None:
        return next(self._count(self._journal.records.read_frames(meter, start, end), meter), None)

    def _count(self, records: Iterable[Record], meter: str) -> Iterator[Counted]:
        for record in records:
            with contextlib.suppress(DecodeError):
                reading = decode(make_frame(record), record.meter, self._keys.get(meter, ()))
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
    """Return import and export between two counts; None where a counter fell, as when the meter was exchanged."""
    pairs = ((one.imported, other.imported), (one.exported, other.exported))
    imported, exported = (
        last - first if first is not None and last is not None and last >= first else None for first, last in pairs
    )
    return imported, exported
