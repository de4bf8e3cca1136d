"""The thread that keeps the journal within what `keep` and `max_size` allow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from datetime import UTC, datetime

from hanlogger.config import Settings
from hanlogger.errors import JournalUnavailable
from hanlogger.hostclock import HOST, HostClock
from hanlogger.journal import Cleaned, Journal

FIRST = 60.0  # seconds after the start
EVERY = 600.0  # seconds

log = logging.getLogger(__name__)


class RetentionThread(threading.Thread):
    """Deletes old records from time to time, until `stop` is set."""

    def __init__(
        self,
        journal: Journal,
        settings: Settings,
        destinations: Collection[str],
        stop: threading.Event,
        clock: HostClock = HOST,
    ) -> None:
        super().__init__(name="retention", daemon=True)
        self._journal, self._settings = journal, settings
        self._destinations, self._stopped, self._clock = destinations, stop, clock

    def run(self) -> None:
        """Delete FIRST seconds after the start, and then each EVERY seconds."""
        pause = FIRST
        while not self._stopped.wait(pause):
            pause = EVERY
            try:
                cleaned = self._clean()
            except JournalUnavailable as error:
                log.debug("old records could not be deleted: %s", error)
            else:
                log.debug("deleted old records: %s", cleaned)

    def _clean(self) -> Cleaned:
        keep, largest, clock_is_set = self._settings.keep, self._settings.max_size, self._clock.is_set
        while self._journal.intervals.join_quarters() and not self._stopped.is_set():
            pass
        if clock_is_set:
            self._journal.intervals.clean(self._settings.keep_intervals, datetime.now(UTC))
            self._journal.prices.clean(self._settings.keep_intervals, datetime.now(UTC))
        return self._journal.retention.clean(keep, largest, self._destinations, clock_is_set=clock_is_set)
