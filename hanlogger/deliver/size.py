"""How many lines may go in one request, where a proxy or a database takes no more."""

from __future__ import annotations

import time

LARGEST = 5000  # lines
AGAIN = 3600.0  # seconds after which a larger request is tried


class Size:
    """Begins with LARGEST. Used by one thread."""

    def __init__(self) -> None:
        self.lines = LARGEST
        self._changed = time.monotonic()

    def shrink(self, refused: int) -> None:
        """A request of so many lines was too large: half of them at the most from now on, but always one."""
        self._set(max(1, refused // 2))

    def taken(self, number: int) -> None:
        """A request of so many lines was not too large. Where no more were allowed, they are doubled after an hour."""
        if number >= self.lines and time.monotonic() - self._changed > AGAIN:
            self._set(min(LARGEST, 2 * self.lines))

    def _set(self, lines: int) -> None:
        self.lines, self._changed = lines, time.monotonic()
