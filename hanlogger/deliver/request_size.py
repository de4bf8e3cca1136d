"""Adapt the number of lines in a request to what a proxy or a database takes."""

from __future__ import annotations

import time

RETRY_SECONDS = 3600.0  # after which a larger request is tried


class RequestSize:
    """The number of lines that a request may have, `largest` at first. It is used by one thread."""

    def __init__(self, largest: int) -> None:
        self.lines = self._largest = largest
        self._changed = time.monotonic()

    def shrink(self, refused: int) -> None:
        """Allow half the lines of a request that was too large, but always one; `refused`: how many lines it had."""
        self._set(max(1, refused // 2))

    def accept(self, number: int) -> None:
        """Note that a request of `number` lines was not too large; double the size hourly while requests are full."""
        if number >= self.lines and time.monotonic() - self._changed > RETRY_SECONDS:
            self._set(min(self._largest, 2 * self.lines))

    def _set(self, lines: int) -> None:
        self.lines, self._changed = lines, time.monotonic()
