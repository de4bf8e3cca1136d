"""Decide whether InfluxDB answers 500 for trouble of its own, or because of what it is sent.

A point on which InfluxDB fails would hold up all others for ever. So when the same lines have failed several times in
the same words, the newest telegram is written: if that is accepted, the lines are to blame, and count as refused.
"""

from __future__ import annotations

from collections.abc import Callable

from hanlogger.errors import Failing
from hanlogger.humanize import extract_pattern

SAME = 4  # failures of the same lines in the same words: after some seconds, and then every few minutes


class Blame:
    """Counts failures. `takes_newest` writes the newest telegram once and returns whether it is accepted."""

    def __init__(self, takes_newest: Callable[[], bool]) -> None:
        self._takes_newest = takes_newest
        self._failed: tuple[bytes, str] = (b"", "")
        self._times = 0

    def is_to_blame(self, body: bytes, error: Failing) -> bool:
        """Return whether a request, which has just failed with `error`, is to blame, and not the database."""
        failed = (body, extract_pattern(str(error)))
        self._times = self._times + 1 if failed == self._failed else 1
        self._failed = failed
        return self._times % SAME == 0 and self._takes_newest()
