"""When a message may be acknowledged: once its frames are in the journal, or in every database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from hanlogger.collect.appending import Appending
from hanlogger.collect.unacknowledged import Unacknowledged
from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from hanlogger.sources import Envelope


class Settling:
    """The messages of one port on their way. place: where they must have come. destinations: names of all databases."""

    def __init__(
        self,
        journal: Journal,
        appending: Appending,
        held: Unacknowledged,
        place: Literal["journal", "delivered"],
        destinations: Sequence[str],
    ) -> None:
        self._journal, self._appending, self._held = journal, appending, held
        self._place, self._destinations = place, destinations

    def record(self, timeout: float) -> bool:
        """Return whether all that was taken is in the journal, within `timeout` seconds."""
        ids = self._appending.finish(timeout)
        if ids is not None:
            self._held.note_recorded(ids)
        return ids is not None

    def take_settled(self) -> list[Envelope]:
        """Return, and forget, the messages of this connection that may be acknowledged."""
        return self._held.settle(self._look_up()) if self._held else []

    def is_done(self) -> bool:
        """Return whether all that waits, of earlier connections too, may be acknowledged."""
        return self._held.are_settled(self._look_up())

    def explain_wait(self) -> str:
        """Return what a message waits for, in words."""
        if self._appending.trouble:
            return f"the journal does not take it: {self._appending.trouble}"
        return 'no database has taken it yet, which ack = "delivered" waits for'

    def _look_up(self) -> Callable[[int, int], bool]:
        """Return what says whether all records from one id to another are where they must be, by one look."""
        if self._place == "journal":
            return lambda *_: True
        try:
            return self._journal.destinations.get_served(self._destinations).covers
        except JournalUnavailable:
            return lambda *_: False
