"""Learn from a meter's telegrams how often it sends, and from that how long a silence may last."""

from __future__ import annotations

import statistics
from collections import deque

FIRST = 90.0  # seconds before the first telegram: some meters take a minute to start (docs/protocol.md H)
SHORTEST = 20.0  # seconds
LONGEST = 3600.0  # seconds
INTERVALS = 6
"""How many of the meter's own intervals a silence may last."""


class SilenceWatch:
    """The silence of one meter. Times are seconds of one monotonic clock."""

    def __init__(self, limit: float | None = None) -> None:
        """Begin with the silence that the user allows, in seconds; None: INTERVALS of the meter's own intervals."""
        self._fixed = limit
        self._intervals: deque[float] = deque(maxlen=9)
        self._heard: float | None = None
        self._since = 0.0  # the last telegram, or the last time the port was opened
        self._patience = 1

    def note_telegram(self, now: float) -> None:
        """Note that a telegram came."""
        if self._heard is not None:
            self._intervals.append(now - self._heard)
        self._heard = self._since = now
        self._patience = 1

    def note_opened(self, now: float) -> None:
        """Note that the port was opened: the silence before it does not count."""
        self._since = now

    def must_reopen(self, now: float) -> bool:
        """Return whether the port has been silent too long; each time that it has, the next silence may last longer."""
        if now - self._since < self.limit:
            return False
        self._patience *= 2
        return True

    def is_silent(self, now: float) -> bool:
        """Return whether the silence is longer than it may be, and than a meter may take to start."""
        return now - self._since >= max(FIRST, self.limit)

    @property
    def interval(self) -> float | None:
        """The median of the last intervals in seconds, so that an outage does not count; None while unknown."""
        return statistics.median(self._intervals) if self._intervals else None

    @property
    def limit(self) -> float:
        """How long a silence may last now, in seconds."""
        if self._fixed is not None:
            return self._fixed
        own = FIRST if self.interval is None else max(SHORTEST, INTERVALS * self.interval)
        return min(own * self._patience, max(own, LONGEST))
