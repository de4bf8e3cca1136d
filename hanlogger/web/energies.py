"""Measure energies between two times, as the pages show them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hanlogger.archive.history import History
from hanlogger.archive.recent import Recent, SoFar
from hanlogger.errors import JournalUnavailable
from hanlogger.intervals import Span, sum_spans


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
        with contextlib.suppress(JournalUnavailable), self._history.open_journal() as journal:
            if journal is not None and bounds[0] < now:
                spans = Recent(journal, self._history.keys).read_spans(meter, bounds[0], bounds[-1], now)
        return [
            Energy(each.start, each.end, each.imported, each.exported, each.quality == "measured" or each.end > now)
            for each in sum_spans(spans, bounds)
        ]

    def measure(self, meter: str, start: datetime, end: datetime, now: datetime) -> Energy:
        """Return the energy from one time to another."""
        return self.measure_between(meter, (start, end), now)[0]

    def measure_since(self, meter: str, start: datetime, now: datetime) -> SoFar:
        """Return the energy from one time up to now, and since when it is known."""
        with contextlib.suppress(JournalUnavailable), self._history.open_journal() as journal:
            if journal is not None:
                return Recent(journal, self._history.keys).measure_since(meter, start, now)
        return SoFar(None, None, None, whole=False)
