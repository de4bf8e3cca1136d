"""Append frames to the journal for a thread that must not wait longer than it chooses."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future

from hanlogger.collect.full_disk import make_space
from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Entry, Journal

BATCH = 500  # frames a transaction
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)

OnRecorded = Callable[[Sequence[Entry]], None]
"""Is called with frames as soon as they are durable; it must neither wait nor raise an error."""


def tell_nobody(_: Sequence[Entry]) -> None:
    """Take frames that are recorded, where no other program is to get them."""


class Appending:
    """Appends in the journal's own thread what one thread adds. Nothing is given up but a frame that is at fault.

    destinations: the names of all, whose delivered frames may make space on a full disk.
    on_fault: is called with a frame that cannot be recorded for a fault of ours, which must not stop all others.
    """

    def __init__(
        self,
        journal: Journal,
        destinations: Collection[str],
        stop: threading.Event,
        on_fault: Callable[[Entry], None],
        on_recorded: OnRecorded,
    ) -> None:
        self._journal, self._destinations, self._stopped = journal, tuple(destinations), stop
        self._on_fault, self._on_recorded = on_fault, on_recorded
        self._entries: list[Entry] = []
        self._begun: Future[tuple[int, int]] | None = None
        self._batch: list[Entry] = []  # what is being appended
        self._most = BATCH
        self._ids: list[int] = []
        self.trouble = ""  # why the journal does not take them

    def add(self, entries: Sequence[Entry]) -> None:
        """Add frames, which `finish` appends."""
        self._entries += entries

    def finish(self, timeout: float) -> tuple[int, int] | None:
        """Return between which ids all that was added stands, once it is durable; None after `timeout` seconds.

        (0, 0) where nothing was added. It is called again after None.
        """
        while self._entries:
            if not self._try(timeout):
                return None
        ids, self._ids = self._ids, []
        return (min(ids), max(ids)) if ids else (0, 0)

    def _try(self, timeout: float) -> bool:
        """Go on with the next frames; return whether to go on with those after them."""
        batch = self._batch if self._begun else self._entries[: self._most]
        self._batch = batch
        try:
            self._begun = self._begun or self._journal.records.begin_append(batch)
            self._ids += self._begun.result(timeout)
            self._on_recorded(batch)
        except TimeoutError:
            self.trouble = self.trouble or "it has been busy for seconds"
            return False
        except JournalUnavailable as error:
            self._begun, self.trouble = None, str(error)
            if not error.full or make_space(self._journal, self._destinations) == "none":
                self._stopped.wait(min(timeout, RETRY_SECONDS))
            return False
        except Exception:
            log.exception("one of %d frames cannot be recorded", len(batch))
            self._begun = None
            if len(batch) > 1:
                self._most = 1  # one by one, until that frame stands alone
                return True
            self._on_fault(batch[0])
        self._begun, self.trouble = None, ""
        del self._entries[: len(batch)]
        self._most = self._most if self._entries else BATCH
        return True
