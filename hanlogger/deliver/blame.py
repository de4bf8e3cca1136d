"""InfluxDB answers 500 again and again: has it trouble of its own, or can it not cope with what it is sent?

A point that it cannot cope with would hold up all others for ever. So what has failed some times in the same words is
compared with the newest telegram: where that is taken, the lines that fail are to blame, and count as refused.
"""

from __future__ import annotations

from collections.abc import Callable

from hanlogger.errors import Failing
from hanlogger.humanize import message_pattern

SAME = 4  # failures of the same lines in the same words: some seconds, and then some minutes, at the usual pace


class Blame:
    """takes_newest: writes the newest telegram, once; whether it is taken."""

    def __init__(self, takes_newest: Callable[[], bool]) -> None:
        self._takes_newest = takes_newest
        self._failed: tuple[bytes, str] = (b"", "")
        self._times = 0

    def lies_with(self, body: bytes, error: Failing) -> bool:
        """Whether these lines, which have just failed, are to blame, and not the database."""
        failed = (body, message_pattern(str(error)))
        self._times = self._times + 1 if failed == self._failed else 1
        self._failed = failed
        return self._times % SAME == 0 and self._takes_newest()
