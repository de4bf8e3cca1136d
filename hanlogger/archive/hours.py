"""The power of the last hours, from the journal, for a curve.

Parts of the time that are a quarter of an hour or longer are read from the intervals. Of shorter ones, and of the time
that has no intervals yet, a few messages of each part are enough.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hanlogger.archive.readings import Keys
from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.intervals import QUARTER, Span
from hanlogger.journal import Journal, Record, make_frame
from hanlogger.model import Reading
from hanlogger.points.catalogue import look_up
from hanlogger.points.derived import derive_registers

SAMPLES = 4  # messages with a power that are decoded for one mean
TRIED = 16  # messages that are decoded for it at most, as some kinds have no power

NET, IMPORT = (("active_power", "total", direction) for direction in ("net", "import"))


class Hours:
    """The power of one meter during the last `length`. Means are kept, so that nothing is decoded twice."""

    def __init__(self, journal: Journal, meter: str, keys: Keys, length: timedelta) -> None:
        self._journal, self._meter, self._keys, self._length = journal, meter, keys.get(meter, ()), length
        self._known: dict[int, float | None] = {}  # by the number of the part since 1970

    def compute_means(self, count: int, now: datetime) -> list[float | None]:
        """Return the mean net power (W) of so many equal parts of the time, the present one last; None is unknown."""
        size = self._length / count
        last = int(now.timestamp() / size.total_seconds())
        wanted = range(last - count + 1, last + 1)
        self._known = {number: self._known[number] for number in wanted if number in self._known and number != last}
        unknown = range(next(number for number in wanted if number not in self._known), last + 1)
        borders = [datetime.fromtimestamp(number * size.total_seconds(), UTC) for number in (*unknown, last + 1)]
        measured = self._measure(borders) if size >= QUARTER else [None] * len(unknown)
        for number, ends, mean in zip(unknown, pairwise(borders), measured, strict=True):
            if number not in self._known:
                self._known[number] = self._sample(*ends) if mean is None else mean
        return [self._known[number] for number in wanted]

    def _measure(self, borders: Sequence[datetime]) -> list[float | None]:
        """Return the mean power (W) of each part by the intervals; None where they do not know it."""
        spans = self._journal.intervals.read_spans(self._meter, borders[0], borders[-1])
        return spread_power([span for span in spans if span.quality == "measured"], borders)

    def _sample(self, start: datetime, end: datetime) -> float | None:
        records = list(self._journal.records.read_frames(self._meter, start, end))
        powers: list[float] = []
        for record in _spread(records, TRIED):
            power = self._find_power(record)
            if power is not None:
                powers.append(power)
            if len(powers) == SAMPLES:
                break
        return sum(powers) / len(powers) if powers else None

    def _find_power(self, record: Record) -> float | None:
        with contextlib.suppress(DecodeError):
            return get_net_power(decode(make_frame(record), record.meter, self._keys))
        return None


def spread_power(spans: Iterable[Span], borders: Sequence[datetime]) -> list[float | None]:
    """Return the mean net power (W) of each part between two borders, of what spans cover of it; None for nothing.

    A span over a border counts on both sides of it, with its own mean power.
    """
    joules, seconds = [0.0] * (len(borders) - 1), [0.0] * (len(borders) - 1)
    for span in spans:
        if span.imported is None:
            continue
        power = float(span.imported - (span.exported or 0)) * 3600 / (span.end - span.start).total_seconds()
        number = max(bisect_right(borders, span.start) - 1, 0)
        while number < len(joules) and borders[number] < span.end:
            inside = (min(span.end, borders[number + 1]) - max(span.start, borders[number])).total_seconds()
            joules[number] += power * inside
            seconds[number] += inside
            number += 1
    return [energy / length if length else None for energy, length in zip(joules, seconds, strict=True)]


def get_net_power(reading: Reading) -> float | None:
    """Return the net power of a reading in W; None where the message does not state it."""
    powers: dict[tuple[str, str, str], Decimal] = {}
    for row in (*reading.registers, *derive_registers(reading)):
        known = look_up(row.obis)
        if known is not None and isinstance(row.value, Decimal):
            powers[known.measurement, known.phase, known.direction] = row.value
    taken = powers.get(IMPORT)
    if NET in powers:
        return float(powers[NET])
    return float(taken) if taken else None  # nought without an export register may be export


def _spread(records: Sequence[Record], most: int) -> Iterator[Record]:
    """Yield at most `most` records, in such an order that the first few are spread over all."""
    step = max(1, len(records) // most)
    picked = records[step // 2 :: step]
    rounds = max(1, len(picked) // SAMPLES)
    for first in range(rounds):
        yield from picked[first::rounds]
