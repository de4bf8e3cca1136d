"""Compare a meter's clock with the host's."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from hanlogger.humanize import NEAR

ENOUGH = 20  # readings
MOST = 14  # hours; no zone is further from UTC
HOUR = timedelta(hours=1)


class ClockWatch:
    """Finds whether a meter's clock is off by whole hours, which is a wrong setting and not a clock that drifts."""

    def __init__(self) -> None:
        self._hours: deque[int] = deque(maxlen=ENOUGH)

    def feed(self, offset: timedelta) -> None:
        """Take the offset of a reading: the meter's time less the arrival time."""
        hours = round(offset / HOUR)
        whole = abs((offset - hours * HOUR).total_seconds()) < NEAR and abs(hours) <= MOST
        self._hours.append(hours if whole else 0)

    @property
    def hours(self) -> int:
        """The hours by which the clock has been ahead for 20 readings; 0 where it is not off by whole hours."""
        stable = len(self._hours) == ENOUGH and len(set(self._hours)) == 1
        return self._hours[-1] if stable else 0
