"""What may wait a second before it is written: counts, and damaged octets kept for reports."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from hanlogger.journal.counts import DAMAGED_KEPT, write_counts, write_damaged
from hanlogger.journal.kinds import Damaged


class Taken(NamedTuple):
    """What is on its way to the disk."""

    counts: Counter[tuple[str, str]]
    damaged: list[Damaged]

    def write(self, connection: sqlite3.Connection) -> None:
        """Part of a transaction."""
        write_counts(connection, self.counts)
        write_damaged(connection, self.damaged)


class Pending:
    """Bounded: a counter a name, and the last of the damaged of each meter. Adding never waits and never fails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()  # by meter and name
        self._on_the_way: Counter[tuple[str, str]] = Counter()  # taken, and not yet settled or put back
        self.settling = threading.Lock()
        """Who holds it finds each count in one place: on the disk, or in `counts`."""
        self._damaged: dict[str, deque[Damaged]] = {}  # by meter

    def __bool__(self) -> bool:
        return bool(self._counts or self._damaged)

    def count(self, meter: str, name: str, by: int) -> None:
        """Raise a counter."""
        with self._lock:
            self._counts[meter, name] += by

    def counts(self) -> Counter[tuple[str, str]]:
        """What is to be added to the counters on the disk."""
        with self._lock:
            return self._counts + self._on_the_way

    def keep(self, damaged: Damaged) -> None:
        """Keep it, if need be in place of the oldest of its meter."""
        with self._lock:
            self._keep(damaged)

    def take(self) -> Taken:
        """All of it, to be written or put back."""
        with self._lock:
            taken = Taken(self._counts, self._all_damaged())
            self._counts, self._on_the_way = Counter(), self._counts
            self._damaged.clear()
        return taken

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Around the COMMIT that puts on the disk what was taken."""
        with self.settling:
            yield
            with self._lock:
                self._on_the_way = Counter()

    def put_back(self, taken: Taken) -> None:
        """It could not be written."""
        with self._lock:
            self._on_the_way = Counter()
            self._counts.update(taken.counts)
            newer = self._all_damaged()
            self._damaged.clear()
            for damaged in [*taken.damaged, *newer]:
                self._keep(damaged)

    def _all_damaged(self) -> list[Damaged]:
        return [damaged for kept in self._damaged.values() for damaged in kept]

    def _keep(self, damaged: Damaged) -> None:
        self._damaged.setdefault(damaged.meter, deque(maxlen=DAMAGED_KEPT)).append(damaged)
