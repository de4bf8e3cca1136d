"""Frames and journals for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from hanlogger.journal import Entry, Journal, Record
from hanlogger.model import Frame, Meter

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOME = Meter("home")


def frame(number: int = 0, data: bytes | None = None) -> Frame:
    """A frame that only the journal looks at, received `number` seconds after START."""
    return Frame("p1", data or b"/telegram %d!" % number, START + number * SECOND)


def entries(*numbers: int, meter: Meter = HOME) -> list[Entry]:
    return [Entry(frame(number), meter) for number in numbers]


def append(journal: Journal, number: int, meter: Meter = HOME, size: int = 20) -> list[int]:
    """So many frames, a second apart; their ids."""
    before = journal.newest
    journal.append([Entry(frame(n, b"%0*d" % (size, n)), meter) for n in range(number)])
    return list(range(before + 1, journal.newest + 1))


def ids(records: Iterable[Record]) -> list[int]:
    return [record.id for record in records]


def seconds() -> Iterator[datetime]:
    return (START + number * SECOND for number in count())
