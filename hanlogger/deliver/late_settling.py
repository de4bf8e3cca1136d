"""What is delivered and not settled yet: a minute of it is settled at once, with an append.

Each page of the journal that a transaction changes costs the disk, and settling each telegram changed as many as its
append. What another process writes meanwhile may have asked for the same records once more, and have left out those
that the cursor had not passed. So nothing is settled after that: it is sent again, as where the process is killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Edition, Journal, Outcome, RecordsChanged

GATHERED_SECONDS = 60.0
GATHERED = 500  # frames


class LateSettling:
    """What became of the records that one destination has been sent, while it is not settled.

    persist: calls what it is given until that raises JournalUnavailable no more.
    """

    def __init__(self, journal: Journal, destination: str, persist: Callable[[Callable[[], None]], None]) -> None:
        self._journal, self._destination, self._persist = journal, destination, persist
        self._outcome: Outcome | None = None
        self._since: Edition = (0, 0)  # of the journal, when the first of it was gathered
        self._due = 0.0
        self._begun: tuple[Future[None], Outcome] | None = None  # from when it is due

    def add(self, outcome: Outcome) -> None:
        """Gather what became of further records. Raises RecordsChanged as `look` does."""
        self._end_begun()
        if self._outcome is None:
            self._since = self._journal.destinations.edition
            self._due = time.monotonic() + GATHERED_SECONDS
        self._outcome = self._outcome.extend(outcome) if self._outcome else outcome
        self._begin_if_due()

    def look(self) -> None:
        """Begin to settle what is due, and note what has been settled by an append.

        Raises RecordsChanged where another process has written: what was gathered is to be sent again.
        """
        if self._outcome is not None and self._journal.destinations.edition != self._since:
            raise RecordsChanged
        self._begin_if_due()
        if self._begun is not None and self._begun[0].done():
            self._end_begun()

    def begin(self) -> None:
        """Begin to settle all that is gathered. JournalUnavailable where the journal is closed."""
        self._due = 0.0
        self._begin_if_due()

    def settle(self) -> None:
        """Have all that is gathered settled when this returns. Raises RecordsChanged as `look` does."""
        self.begin()
        self._end_begun()

    def forget(self) -> None:
        """Forget what is gathered, as it is sent again."""
        self._outcome = self._begun = None

    def _begin_if_due(self) -> None:
        outcome = self._outcome
        if outcome is None or self._begun is not None:
            return
        if time.monotonic() >= self._due or len(outcome.observations) + len(outcome.undecoded) >= GATHERED:
            self._begun = self._journal.destinations.begin_settle(self._destination, outcome, self._since), outcome

    def _end_begun(self) -> None:
        if self._begun is None:
            return
        settled, outcome = self._begun
        if not settled.done():
            self._journal.destinations.settle_begun()
        failed = settled.exception()
        if isinstance(failed, JournalUnavailable):
            self._persist(partial(self._journal.destinations.settle, self._destination, outcome, self._since))
        elif failed is not None:
            raise failed
        self.forget()
