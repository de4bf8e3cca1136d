"""Of which times energy is known, and of which it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hanlogger.intervals import Span
from hanlogger.tariffs.calendar import EVER, Period


def join_known(spans: Iterable[Span], *, exported: bool) -> list[Period]:
    """Return the times of which all energy of a direction is known, as few as can be. Spans come in order of time."""
    known: list[Period] = []
    start = end = EVER.start
    for span in spans:
        if span.quality == "partial" or (span.exported if exported else span.imported) is None:
            continue
        if span.start > end:
            known.append(Period(start, end))
            start = span.start
        end = max(end, span.end)
    return [each for each in (*known, Period(start, end)) if each.length]


def find_missing(known: Iterable[Period], period: Period) -> Iterator[Period]:
    """Yield the times of a period that are not known. What is known comes in the order of time."""
    at = period.start
    for start, end in known:
        if at < start and at < period.end:
            yield Period(at, min(start, period.end))
        at = max(at, end)
    if at < period.end:
        yield Period(at, period.end)
