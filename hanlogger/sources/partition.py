"""What of a partition of Kafka is acknowledged: the group moves on only to the first message that is not."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass
class Partition:
    """A partition while it is given to us: what was handed over, and which of that is acknowledged."""

    number: int
    waiting: deque[int] = field(default_factory=deque)
    done: set[int] = field(default_factory=set)
    next: int | None = None  # the first message that is not acknowledged, once one is

    def acknowledge(self, number: int) -> None:
        """Note that a message is acknowledged."""
        self.done.add(number)
        while self.waiting and self.waiting[0] in self.done:
            self.next = self.waiting[0] + 1
            self.done.discard(self.waiting.popleft())


class Place(NamedTuple):
    """Where a message stands: the partition while it was given to us, and its number there."""

    partition: Partition
    number: int
