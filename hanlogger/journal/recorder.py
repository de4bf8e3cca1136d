"""Between the ports and the journal: a port never waits for the disk, and a full disk costs nothing for hours."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress

from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import telegrams
from hanlogger.journal.held import Held
from hanlogger.journal.journal import Journal
from hanlogger.journal.kinds import Entry
from hanlogger.journal.space import Freed

HELD = 10_000  # frames in memory at most
FULL = 1_000  # frames of one meter that wait for a journal that is well: then its port is not read for a while
BATCH = 500  # frames an append
ROOM = 1_000_000  # octets of delivered frames deleted at a time when the disk is full
RETRY_SECONDS = 1.0
CLOSING_SECONDS = 0.1  # between attempts when all ends

log = logging.getLogger(__name__)


class Recorder(threading.Thread):
    """Appends in its own thread what the ports hand it; holds it while the journal cannot be written.

    destinations: the names of all that are configured, so that delivered frames may make room on a full disk.
    """

    def __init__(
        self, journal: Journal, destinations: Collection[str] = (), *, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        super().__init__(name="recorder", daemon=True)
        self._journal = journal
        self._destinations = tuple(destinations)
        self._retry_seconds = retry_seconds
        self._held = Held(HELD)
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._given_up = threading.Event()
        self._batch = BATCH
        self._state = "well"  # full: room is made as it is needed · holding
        self._words = ""
        self._dropping: set[str] = set()  # meters of which it has been said
        self.start()

    @property
    def stuck(self) -> int:
        """Frames that the journal has not taken; those on their way to it do not count."""
        return self.held if self._state == "holding" else 0

    @property
    def trouble(self) -> str:
        """What is wrong with the journal now; "" while all is well."""
        return "" if self._state == "well" else self._words

    @property
    def held(self) -> int:
        """Frames in memory that are not yet durable."""
        return len(self._held)

    def record(self, entries: Sequence[Entry]) -> None:
        """Have the frames recorded. Never waits for the disk, never raises.

        Beyond 10,000 held the newest of the meter that holds most is dropped, whichever meter's frames these are.
        """
        with self._changed:
            dropped = self._held.add(entries)
            self._changed.notify_all()
        if dropped:
            self._drop(dropped)

    def has_room(self, meter: str, timeout: float) -> bool:
        """Whether a meter's port should be read on, at once or within `timeout` seconds.

        Not while a thousand of its frames wait for a journal that takes them: what is not read is held back at the
        other side and lost by nobody. While the journal cannot be written every port is read, and the bound holds.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._state == "holding" or self._held.waiting(meter) < FULL, timeout)

    def close(self, timeout: float) -> int:
        """Returns when everything is in the journal, or after `timeout` seconds: how many could not be recorded."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        self.join(timeout)
        self._given_up.set()
        self.join(timeout)  # what is under way may still get there
        with self._changed:
            left = self._held.all()
        if left:
            log.error("%s could not be recorded before the end", telegrams(len(left)))
            self._count_dropped(left)
        return len(left)

    def run(self) -> None:
        """The thread."""
        self._journal.space.keep_reserve()
        while entries := self._next():
            try:
                self._append(entries)
            except JournalUnavailable as error:
                self._make_room(error)

    def _append(self, entries: Sequence[Entry]) -> None:
        try:
            self._journal.records.append(entries)
        except JournalUnavailable:
            raise
        except Exception:  # a fault of ours in one frame must not stop the recording of all others
            log.exception("one of %d frames cannot be recorded", len(entries))
            self._leave_out(entries)
        else:
            self._recorded()

    def _next(self) -> list[Entry]:
        """What is to be appended next; nothing when closing and all is done, or given up."""
        with self._changed:
            self._held.put_back()
            self._changed.wait_for(lambda: len(self._held) or self._closing.is_set())
            return [] if self._given_up.is_set() else self._held.take(self._batch)

    def _recorded(self) -> None:
        with self._changed:
            self._held.settle()
            self._changed.notify_all()
        self._batch = min(BATCH, 2 * self._batch)
        if not self._held:
            self._dropping.clear()
        if self._state == "holding" and not self._held:
            self._say("well", logging.WARNING, "the journal can be written again; nothing that was held is lost")

    def _leave_out(self, entries: Sequence[Entry]) -> None:
        """Alone, so that only the one at fault is left out."""
        self._batch = 1
        if len(entries) == 1:
            self._journal.counters.count(entries[0].meter.name, "dropped")
            self._recorded()

    def _make_room(self, error: JournalUnavailable) -> None:
        room = self._free() if error.full else "none"
        if room == "inside":
            self._say("full", logging.WARNING, f"{error}: the oldest delivered telegrams make room for new ones")
        elif room == "disk":
            if self._state == "full":
                self._say("well", logging.WARNING, "the disk has room again")
        else:
            self._batch = max(1, self._batch // 2)  # for a little room there may be
            self._say("holding", logging.ERROR, f"{error}: telegrams are held in memory, up to {HELD}")
            self._wait(error)

    def _wait(self, error: JournalUnavailable) -> None:
        if not self._closing.wait(self._retry_seconds):
            return
        if error.full:
            self._append_last()
        self._given_up.wait(min(self._retry_seconds, CLOSING_SECONDS))

    def _append_last(self) -> None:
        """What is held, as much as the reserve has room for: smaller and smaller batches."""
        with suppress(JournalUnavailable), self._journal.space.lend_reserve():
            while entries := self._next():
                try:
                    self._append(entries)
                except JournalUnavailable:
                    if len(entries) == 1:
                        break
                    self._batch = len(entries) // 2

    def _free(self) -> Freed:
        try:
            return self._journal.space.free(ROOM, self._destinations)
        except JournalUnavailable:
            return "none"

    def _say(self, state: str, level: int, words: str) -> None:
        """Once when the state changes."""
        if state != self._state:
            log.log(level, "%s", words)
        self._words, self._state = words, state

    def _drop(self, entries: Sequence[Entry]) -> None:
        self._count_dropped(entries)
        for meter in sorted({entry.meter.name for entry in entries} - self._dropping):
            self._dropping.add(meter)
            log.error(
                "%s: %d telegrams are held and the journal does not take them: new ones are dropped and counted",
                meter,
                HELD,
            )

    def _count_dropped(self, entries: Sequence[Entry]) -> None:
        for meter, number in Counter(entry.meter.name for entry in entries).items():
            self._journal.counters.count(meter, "dropped", number)
