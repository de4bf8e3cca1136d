"""Frames and journals for tests."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from hanlogger.journal import Entry, Journal, NotDecoded, Outcome, Record, Refusal
from hanlogger.journal.outcomes import insert_refused, insert_undecoded
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
    journal.records.append([Entry(frame(n, b"%0*d" % (size, n)), meter) for n in range(number)])
    return list(range(before + 1, journal.newest + 1))


def ids(records: Iterable[Record]) -> list[int]:
    return [record.id for record in records]


def seconds() -> Iterator[datetime]:
    return (START + number * SECOND for number in itertools.count())


def refuse(journal: Journal, destination: str, first_id: int, last_id: int, line: bytes | None, reason: str) -> None:
    """List what a destination refused, and leave its cursor where it is."""
    refusal = Refusal(first_id, last_id, line, reason)
    journal._database.write(lambda connection: insert_refused(connection, destination, [refusal]))


def set_undecoded(journal: Journal, record_id: int, reason: str, tried_with: str = "") -> None:
    """List a frame that cannot be decoded, whatever destinations have passed it."""
    entry = NotDecoded(record_id, reason, tried_with)
    journal._database.write(lambda connection: insert_undecoded(connection, [entry]))


def get(journal: Journal, record_id: int) -> Record | None:
    """Return the record of an id, if it is still kept."""
    return next((record for record in journal.records.read_after(record_id - 1, 1) if record.id == record_id), None)


@contextmanager
def count_steps(connection: sqlite3.Connection) -> Iterator[Callable[[], int]]:
    """Count the steps of SQLite's machine: yields what returns their number. Each row that is looked at takes some."""
    number = 0

    def count() -> None:
        nonlocal number
        number += 1

    connection.set_progress_handler(count, 1)
    try:
        yield lambda: number
    finally:
        connection.set_progress_handler(None, 1)


def sent_again(journal: Journal, destination: str = "influxdb") -> list[int]:
    """The ids of all that is to be sent again, taking it away."""
    found: list[int] = []
    while (wanted := journal.redeliveries.get_first(destination)) is not None:
        found += ids(journal.records.read_range(wanted, 1000))
        journal.redeliveries.settle(destination, wanted, Outcome(wanted.last_id))
    return found


def get_counts(journal: Journal) -> dict[str, dict[str, int]]:
    """What is counted of each meter, but for how many telegrams it has."""
    counted = {meter: counts.copy() for meter, counts in journal.counters.get_all().items()}
    for counts in counted.values():
        counts.pop("frames", None)
    return {meter: counts for meter, counts in counted.items() if counts}
