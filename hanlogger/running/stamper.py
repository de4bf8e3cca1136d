"""Frames that were received while nobody knew the time: stamped once it is known, or left as they are after a while."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from hanlogger.errors import JournalUnavailable
from hanlogger.hostclock import HOST, HostClock, started, uptime
from hanlogger.humanize import telegrams
from hanlogger.journal import Journal

AFTERWARDS = 30
"""Looks after the clock was set: what was received before may be on its way to the journal."""

log = logging.getLogger(__name__)


class Stamper:
    """Looked at each second by the thread that runs everything."""

    def __init__(self, journal: Journal, clock: HostClock = HOST) -> None:
        self._journal, self._clock = journal, clock
        self._looks = AFTERWARDS
        self._told = clock.is_set

    def look(self) -> None:
        """Stamp, leave, or wait."""
        if not self._looks:
            return
        if not (self._clock.is_set or self._told):
            self._told = True
            log.warning(_WAITS)
        overdue = self._clock.overdue and not self._clock.is_set
        self._looks -= self._clock.is_set or overdue
        try:
            if self._journal.pending():
                self._settle(overdue)
        except JournalUnavailable as error:
            log.debug("times of receipt wait for the journal: %s", error)

    def _settle(self, overdue: bool) -> None:
        now = uptime()
        if self._clock.is_set:
            stamped = self._journal.stamp(now.boot, started(datetime.now(UTC), now))
            if stamped:
                log.info("the time is known, now also of %s received before", telegrams(stamped))
        left = self._journal.leave(None if overdue else now.boot)
        if left:
            log.warning(_LEFT, telegrams(left))


_WAITS = (
    "this computer does not know the time yet (NTP): meters' own clocks are used and not judged, "
    "and telegrams without a clock wait for it, up to 15 minutes"
)
_LEFT = "%s received while nobody knew the time: what this computer took it for is kept"
