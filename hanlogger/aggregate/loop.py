"""The thread that makes intervals: shortly after each quarter of an hour, and sooner where much waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from hanlogger.aggregate.aggregator import PAGE, Aggregator
from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.journal import Journal
from hanlogger.model import Key

QUARTER_SECONDS = 900
LATE_SECONDS = 65  # after a quarter has ended: its last telegram may be on its way, an hourly list for 55 s
LOOK_SECONDS = 15  # between two looks whether something is to be read again
TICK_SECONDS, HURRIED_SECONDS = 5.0, 0.1  # between two looks whether something is to be read
FAULT_SECONDS = 10.0

log = logging.getLogger(__name__)


class Aggregation(threading.Thread):
    """Makes intervals of a journal until `stop` is set. keys: by meter."""

    def __init__(self, journal: Journal, keys: Mapping[str, Sequence[Key]], stop: threading.Event) -> None:
        super().__init__(name="energy by interval", daemon=True)
        self.heartbeat = Heartbeat()
        self._journal, self._stopped = journal, stop
        self._aggregator = Aggregator(journal, keys)
        self._hurry = threading.Event()
        self._quarter = 0
        self._looked = 0.0
        self._cursor = 0
        self._trouble = ""

    def finish(self) -> bool:
        """Ask for all to be read as soon as it comes; return whether all that there is has been."""
        self._hurry.set()
        return self._cursor >= self._journal.newest

    def run(self) -> None:
        """Run the loop until the stop event is set."""
        while not self._stopped.wait(HURRIED_SECONDS if self._hurry.is_set() else TICK_SECONDS):
            self.heartbeat.beat()
            try:
                self._go_on()
                self._trouble = ""
            except JournalUnavailable as error:
                self._wait_for_journal(error)
            except Exception:  # a fault of our own must not end the recording
                log.exception("energy by interval fails, and is tried again")
                self._stopped.wait(FAULT_SECONDS)

    def _go_on(self) -> None:
        quarter = int(time.time() - LATE_SECONDS) // QUARTER_SECONDS
        waiting = self._journal.newest - self._cursor
        if quarter != self._quarter or waiting >= PAGE or (self._hurry.is_set() and waiting > 0):
            self._read_while(self._aggregator.go_on)
            self._cursor = self._journal.intervals.get_cursor()
            self._quarter = quarter
        elif time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            self._read_while(self._aggregator.read_again)

    def _read_while(self, read: Callable[[], bool]) -> None:
        while not self._stopped.is_set() and read():
            self.heartbeat.beat()

    def _wait_for_journal(self, error: JournalUnavailable) -> None:
        if str(error) != self._trouble:
            log.warning("energy by interval waits: %s", error)
        self._trouble = str(error)
