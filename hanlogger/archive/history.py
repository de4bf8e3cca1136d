"""Read the journal for the pages and the live view, through a read-only connection of their own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from hanlogger.archive.hours import Hours
from hanlogger.archive.readings import Keys
from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from hanlogger.model import Meter

LOOK_AGAIN = 60.0  # seconds after which the journal is asked once more which meters it has
MOST_CURVES = 32  # whose means are kept


class History:
    """The journal as pages and the live view read it. Any thread may use it; an unreadable journal counts as empty."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path, self.keys = path, keys
        self._lock = threading.RLock()
        self._opened: Journal | None = None
        self._file: tuple[int, int] | None = None
        self._hours: dict[tuple[str, timedelta], Hours] = {}
        self._meters: tuple[float, list[str]] = (-LOOK_AGAIN, [])

    @contextlib.contextmanager
    def open_journal(self) -> Iterator[Journal | None]:
        """Yield the journal, for one thread at a time; None where it cannot be read now."""
        with self._lock:
            try:
                journal = self._open()
            except (JournalUnavailable, OSError):
                yield None
                return
            try:
                yield journal
            except JournalUnavailable:
                self.close()  # a salvage has put another file in its place
                raise

    def close(self) -> None:
        """Close the journal; a later call opens it again."""
        with self._lock:
            self._hours.clear()
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def list_meters(self) -> list[str]:
        """Return the names of the meters in the journal, at most a minute old."""
        asked, names = self._meters
        if time.monotonic() - asked >= LOOK_AGAIN:
            with contextlib.suppress(JournalUnavailable), self.open_journal() as journal:
                names = _list_all(journal) if journal else names
            self._meters = (time.monotonic(), names)
        return names

    def get_settings(self, meter: str) -> Meter | None:
        """Return the settings of a meter's newest frame."""
        with contextlib.suppress(JournalUnavailable), self.open_journal() as journal:
            record = journal.records.get_last(meter) if journal else None
            return record.meter if record else None
        return None

    def compute_power(self, meter: str, length: timedelta, count: int, now: datetime) -> list[float | None]:
        """Return the mean net power (W) of so many equal parts of the time up to `now`; None is unknown."""
        with contextlib.suppress(JournalUnavailable), self.open_journal() as journal:
            if journal is not None:
                return self._get_curve(journal, meter, length).compute_means(count, now)
        return [None] * count

    def _get_curve(self, journal: Journal, meter: str, length: timedelta) -> Hours:
        """Return the curve of a meter; beyond MOST_CURVES the one that was added first is dropped."""
        key = (meter, length)
        found = self._hours.pop(key, None) or Hours(journal, meter, self.keys, length)
        self._hours[key] = found
        while len(self._hours) > MOST_CURVES:
            del self._hours[next(iter(self._hours))]
        return found

    def _open(self) -> Journal:
        status = self.path.stat()
        file = (status.st_dev, status.st_ino)
        if self._opened is None or file != self._file:
            self.close()
            self._opened, self._file = Journal.open(self.path, read_only=True), file
        return self._opened


def _list_all(journal: Journal) -> list[str]:
    """Return the names of meters of which there are frames or intervals: those outlive the frames by years."""
    return sorted({*journal.records.list_meters(), *journal.intervals.list_meters()})
