"""The recorder between ports and journal: no port waits for the disk, and a full disk loses nothing for hours."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress

from hanlogger.collect.appending import OnRecorded, tell_nobody
from hanlogger.collect.full_disk import make_space
from hanlogger.collect.held import Held
from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import count_telegrams
from hanlogger.journal import Entry, Journal

MOST_HELD = 10_000  # frames in memory at most
MOST_WAITING = 1_000  # frames of one meter that wait for a journal that is well: then its port is not read for a while
BATCH = 500  # frames an append
FEW_METERS = 10  # whose frames are appended at once
GATHERED_SECONDS = 0.03  # of frames that go in one append where there are more meters, as each append costs the disk
RETRY_SECONDS = 1.0
CLOSING_RETRY_SECONDS = 0.1

log = logging.getLogger(__name__)


class Recorder(threading.Thread):
    """Appends in its own thread the frames that ports hand it, and holds them while the journal cannot be written.

    destinations: the names of all that are configured, so that delivered frames may make space on a full disk.
    retry_seconds: between two attempts to append.
    """

    def __init__(
        self,
        journal: Journal,
        destinations: Collection[str] = (),
        *,
        on_recorded: OnRecorded = tell_nobody,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        super().__init__(name="recorder", daemon=True)
        self._journal = journal
        self._destinations = tuple(destinations)
        self._on_recorded, self._retry_seconds = on_recorded, retry_seconds
        self._held = Held(MOST_HELD)
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._given_up = threading.Event()
        self._batch = BATCH
        self._state = "well"  # full: space is made as it is needed · holding: frames wait in memory
        self._words = ""
        self._dropping: set[str] = set()  # meters whose dropped frames the log has told of
        self.start()

    @property
    def stuck(self) -> int:
        """The number of frames that the journal has not taken; those on their way to it do not count."""
        return self.held if self._state == "holding" else 0

    @property
    def trouble(self) -> str:
        """What is wrong with the journal now, in words for the user; "" while all is well."""
        return "" if self._state == "well" else self._words

    @property
    def held(self) -> int:
        """The number of frames in memory that are not yet durable."""
        with self._changed:
            return len(self._held)

    def record(self, entries: Sequence[Entry]) -> None:
        """Have frames recorded; never waits for the disk, and never raises an error.

        Beyond 10,000 held the newest frame of the meter that holds most is dropped, whichever meter's frames these are.
        """
        with self._changed:
            dropped = self._held.add(entries)
            self._changed.notify_all()
        if dropped:
            self._drop(dropped)

    def has_room(self, meter: str, timeout: float) -> bool:
        """Return whether a meter's port should be read on, at once or within `timeout` seconds.

        It should not while a thousand of its frames wait for a journal that takes them: what is not read is held back
        at the other side, and nobody loses it. While the journal cannot be written every port is read.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: self._state == "holding" or self._held.count_waiting(meter) < MOST_WAITING, timeout
            )

    def close(self, timeout: float) -> int:
        """Wait up to `timeout` seconds until all frames are recorded; return how many could not be."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        self.join(timeout)
        self._given_up.set()
        self.join(timeout)  # the append under way may still succeed
        with self._changed:
            left = self._held.list_all()
        if left:
            log.error("%s could not be recorded before the end", count_telegrams(len(left)))
            self._count_dropped(left)
        return len(left)

    def run(self) -> None:
        """Append frames until `close` is called."""
        self._journal.space.keep_reserve()
        while entries := self._take_next():
            try:
                self._append(entries)
            except JournalUnavailable as error:
                self._make_space(error)

    def _append(self, entries: Sequence[Entry]) -> None:
        try:
            self._journal.records.append(entries)
        except JournalUnavailable:
            raise
        except Exception:  # a fault of ours in one frame must not stop the recording of all others
            log.exception("one of %d frames cannot be recorded", len(entries))
            self._append_one(entries)
        else:
            self._note_recorded()
            self._on_recorded(entries)

    def _take_next(self) -> list[Entry]:
        """Return the frames to append next; none when closing and all is done, or given up."""
        with self._changed:
            self._held.put_back()
            self._changed.wait_for(lambda: self._held or self._closing.is_set())
        if self._held.meters > FEW_METERS:
            self._closing.wait(GATHERED_SECONDS)
        with self._changed:
            return [] if self._given_up.is_set() else self._held.take(self._batch)

    def _note_recorded(self) -> None:
        with self._changed:
            self._held.settle()
            self._changed.notify_all()
        self._batch = min(BATCH, 2 * self._batch)
        if not self._held:
            self._dropping.clear()
        if self._state == "holding" and not self._held:
            self._set_state("well", logging.WARNING, "the journal can be written again; nothing that was held is lost")

    def _append_one(self, entries: Sequence[Entry]) -> None:
        """Append the frames one by one from now on; leave out the one that is at fault when it stands alone."""
        self._batch = 1
        if len(entries) == 1:
            self._journal.counters.count(entries[0].meter.name, "dropped")
            self._note_recorded()

    def _make_space(self, error: JournalUnavailable) -> None:
        freed = make_space(self._journal, self._destinations) if error.full else "none"
        if freed == "inside":
            self._set_state("full", logging.WARNING, f"{error}: the oldest delivered telegrams make room for new ones")
        elif freed == "disk":
            if self._state == "full":
                self._set_state("well", logging.WARNING, "the disk has room again")
        else:
            self._batch = max(1, self._batch // 2)  # a smaller batch may find space
            self._set_state("holding", logging.ERROR, f"{error}: telegrams are held in memory, up to {MOST_HELD}")
            self._wait(error)

    def _wait(self, error: JournalUnavailable) -> None:
        if not self._closing.wait(self._retry_seconds):
            return
        if error.full:
            self._append_last()
        self._given_up.wait(min(self._retry_seconds, CLOSING_RETRY_SECONDS))

    def _append_last(self) -> None:
        """Append what is held, as much as the reserve has space for, in smaller and smaller batches."""
        with suppress(JournalUnavailable), self._journal.space.lend_reserve():
            while entries := self._take_next():
                try:
                    self._append(entries)
                except JournalUnavailable:
                    if len(entries) == 1:
                        break
                    self._batch = len(entries) // 2

    def _set_state(self, state: str, level: int, words: str) -> None:
        """Set the state, and log it where it changes."""
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
                MOST_HELD,
            )

    def _count_dropped(self, entries: Sequence[Entry]) -> None:
        for meter, number in Counter(entry.meter.name for entry in entries).items():
            self._journal.counters.count(meter, "dropped", number)
