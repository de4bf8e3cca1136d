"""Correct the arrival times of frames that came before the host's clock was set, or leave them after a while."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from hanlogger.errors import JournalUnavailable
from hanlogger.hostclock import HOST, HostClock, compute_start, get_uptime
from hanlogger.humanize import count_telegrams
from hanlogger.journal import Journal

AFTERWARDS = 30
"""How many more times the journal is searched once the clock is set, because frames may be on their way to it."""

log = logging.getLogger(__name__)


class ArrivalTimeCorrector:
    """Corrects arrival times in the journal. The main thread calls it each second."""

    def __init__(self, journal: Journal, clock: HostClock = HOST) -> None:
        self._journal, self._clock = journal, clock
        self._looks = AFTERWARDS
        self._told = clock.is_set

    def correct(self) -> None:
        """Correct arrival times if the host's clock is set; leave them if that takes too long; else wait."""
        if not self._looks:
            return
        if not (self._clock.is_set or self._told):
            self._told = True
            log.warning(_WAITS)
        overdue = self._clock.overdue and not self._clock.is_set
        self._looks -= self._clock.is_set or overdue
        try:
            if self._journal.arrival_times.has_provisional():
                self._settle(overdue)
        except JournalUnavailable as error:
            log.debug("arrival times wait for the journal: %s", error)

    def _settle(self, overdue: bool) -> None:
        now = get_uptime()
        if self._clock.is_set:
            corrected = self._journal.arrival_times.correct(now.boot, compute_start(datetime.now(UTC), now))
            if corrected:
                log.info(_CORRECTED, count_telegrams(corrected))
        left = self._journal.arrival_times.leave(None if overdue else now.boot)
        if left:
            log.warning(_LEFT, count_telegrams(left))


_WAITS = (
    "the clock of this computer is not set yet (NTP): meters' own clocks are used and not judged, "
    "and telegrams without a clock wait for it, up to 15 minutes"
)
_CORRECTED = "the clock of this computer is set: the arrival times of %s from before are corrected"
_CORRECTED = "the clock of this computer is set: the arrival times of %s from before are corrected"
_LEFT = "%s received before the clock of this computer was set: their arrival times stay as they were recorded"
