"""How often a meter sends, learnt from its telegrams, and how long its silence may last."""

from __future__ import annotations

import statistics
from collections import deque

FIRST = (
    90.0  # seconds until the first telegram may be asked for: some meters start up for a minute (docs/protocol.md H)
)
SHORTEST = 20.0  # seconds
LONGEST = 3600.0  # seconds
INTERVALS = 6


class Rhythm:
    """Of one meter. Times are seconds of one monotonic clock."""

    def __init__(self, limit: float | None = None) -> None:
        """`limit`: the silence that the user allows, in seconds; None: six of the meter's own intervals."""
        self._fixed = limit
        self._gaps: deque[float] = deque(maxlen=9)
        self._heard: float | None = None
        self._since = 0.0  # the last telegram, or the last time the port was opened
        self._patience = 1

    def telegram(self, now: float) -> None:
        """One came."""
        if self._heard is not None:
            self._gaps.append(now - self._heard)
        self._heard = self._since = now
        self._patience = 1

    def opened(self, now: float) -> None:
        """The port was opened: the silence before counts no more."""
        self._since = now

    def silent(self, now: float) -> bool:
        """Whether the port should be opened again. Each time in vain the next silence may last twice as long."""
        if now - self._since < self.limit:
            return False
        self._patience *= 2
        return True

    @property
    def interval(self) -> float | None:
        """The median of the last gaps: an outage between them does not count."""
        return statistics.median(self._gaps) if self._gaps else None

    @property
    def limit(self) -> float:
        """Seconds that a silence may last."""
        if self._fixed is not None:
            return self._fixed
        own = FIRST if self.interval is None else max(SHORTEST, INTERVALS * self.interval)
        return min(own * self._patience, max(own, LONGEST))
