"""Frames in memory on their way to the journal: one bound for all, and no meter takes another's space or turn."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable

from hanlogger.journal import Entry

LEAST_SHARE = 20  # frames of one meter that may go in one append, however many meters there are
UNIT = 4096  # octets of memory; a frame takes a unit of the bound, and another for each that it has filled


class Held:
    """The frames held, by meter; used under a lock.

    most: units of all meters together; nearly every frame takes one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._queues: dict[str, deque[Entry]] = {}  # by meter; none is empty
        self._turns: deque[str] = deque()  # the names of `_queues`, the next one first
        self._units: dict[str, int] = {}  # by meter, of what waits
        self._total = 0  # units of what waits and what is taken
        self._taken: list[Entry] = []
        self._meters: set[str] = set()  # of which anything has come

    def __len__(self) -> int:
        return len(self._taken) + sum(map(len, self._queues.values()))

    def __bool__(self) -> bool:
        return bool(self._taken or self._queues)

    @property
    def meters(self) -> int:
        """The number of meters of which anything has come."""
        return len(self._meters)

    def count_waiting(self, meter: str) -> int:
        """Return how many frames of a meter wait, without those that are taken."""
        return len(self._queues.get(meter, ()))

    def add(self, entries: Iterable[Entry]) -> list[Entry]:
        """Hold frames; return those dropped: beyond the bound the newest of the meter that holds most."""
        dropped: list[Entry] = []
        for entry in entries:
            self._put(entry, front=False)
            while self._units and self._total > self._most:
                dropped.append(self._drop())
        return dropped

    def take(self, number: int) -> list[Entry]:
        """Return so many frames at most, one of each meter in turn; they are held until `settle` or `put_back`.

        None has more than its share of them: what the other meters send meanwhile waits until these are durable.
        """
        share = max(LEAST_SHARE, number // max(1, len(self._meters)))
        for _ in range(share):
            self._take_turns(number)
        return list(self._taken)

    def _take_turns(self, number: int) -> None:
        """Take a frame of each meter that has one, while there are not so many."""
        for _ in range(min(len(self._turns), number - len(self._taken))):
            name = self._turns.popleft()
            queue = self._queues[name]
            self._taken.append(queue.popleft())
            self._units[name] -= _count_units(self._taken[-1])
            self._turns.append(name)
            self._leave_if_empty(name)

    def settle(self) -> None:
        """Let go of the frames that are taken: they are in the journal, or given up."""
        self._total -= sum(map(_count_units, self._taken))
        self._taken = []

    def put_back(self) -> None:
        """Let the frames that are taken wait again, before all others of their meter."""
        taken = self._taken
        self.settle()
        for entry in reversed(taken):
            self._put(entry, front=True)

    def list_all(self) -> list[Entry]:
        """Return all frames held, those that are taken first."""
        return [*self._taken, *(entry for queue in self._queues.values() for entry in queue)]

    def _put(self, entry: Entry, *, front: bool) -> None:
        name = entry.meter.name
        self._meters.add(name)
        if name not in self._queues:
            self._queues[name], self._units[name] = deque(), 0
            self._turns.append(name)
        put = self._queues[name].appendleft if front else self._queues[name].append
        put(entry)
        self._units[name] += _count_units(entry)
        self._total += _count_units(entry)

    def _drop(self) -> Entry:
        name = max(self._units, key=self._units.__getitem__)
        entry = self._queues[name].pop()
        self._units[name] -= _count_units(entry)
        self._total -= _count_units(entry)
        self._leave_if_empty(name)
        return entry

    def _leave_if_empty(self, name: str) -> None:
        if not self._queues[name]:
            del self._queues[name], self._units[name]
            self._turns.remove(name)


def _count_units(entry: Entry) -> int:
    return 1 + sys.getsizeof(entry.frame.data) // UNIT
