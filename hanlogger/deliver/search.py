"""The search for refused lines, on a destination that may be down in the middle of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hanlogger.deliver.bisection import Bisection, Line
from hanlogger.errors import WriteRejected
from hanlogger.humanize import message_pattern
from hanlogger.journal import Refusal

BUDGET = 200  # requests for one batch

log = logging.getLogger(__name__)


class Search:
    """write: until the lines are in the database, or WriteRejected. first: what goes before each request."""

    def __init__(self, write: Callable[[Sequence[Line]], None], first: Callable[[], None], name: str) -> None:
        self._write = write
        self._first = first
        self._name = name
        self._said: set[str] = set()

    def refused(self, lines: Sequence[Line]) -> Sequence[Refusal]:
        """Write the lines piece by piece; what of them is refused."""
        bisection = Bisection(lines, BUDGET)
        while piece := bisection.piece:
            self._first()
            try:
                self._write(piece)
            except WriteRejected as error:
                bisection.refused(str(error))
            else:
                bisection.taken()
        self._say(bisection.refusals)
        return bisection.refusals

    def _say(self, refusals: Sequence[Refusal]) -> None:
        """Each kind of refusal once."""
        for refusal in refusals:
            if message_pattern(refusal.reason) not in self._said:
                log.warning("%s refuses lines (see `hanlogger refused`): %s", self._name, refusal.reason)
                self._said.add(message_pattern(refusal.reason))
