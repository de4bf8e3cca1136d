"""Search a refused batch for the lines at fault, on a destination that may be down in the middle of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hanlogger.deliver.bisection import Bisection
from hanlogger.deliver.lines import Lines
from hanlogger.errors import WriteRejected
from hanlogger.humanize import extract_pattern
from hanlogger.journal import Refusal

BUDGET = 200  # requests for one batch

log = logging.getLogger(__name__)


class RefusalSearch:
    """Searches for one destination.

    `write`: returns when lines are in the database; raises WriteRejected. `first`: what goes before each request.
    """

    def __init__(self, write: Callable[[Lines], None], first: Callable[[], None], name: str) -> None:
        self._write = write
        self._first = first
        self._name = name
        self._said: set[str] = set()

    def find_refusals(self, lines: Lines) -> Sequence[Refusal]:
        """Write the lines piece by piece; return what of them is refused."""
        bisection = Bisection(lines, BUDGET)
        while piece := bisection.piece:
            self._first()
            try:
                self._write(piece)
            except WriteRejected as error:
                bisection.refuse(str(error))
            else:
                bisection.accept()
        self._say(bisection.refusals)
        return bisection.refusals

    def _say(self, refusals: Sequence[Refusal]) -> None:
        """Log each kind of refusal once."""
        for refusal in refusals:
            if extract_pattern(refusal.reason) not in self._said:
                log.warning("%s refuses lines (see `hanlogger refused`): %s", self._name, refusal.reason)
                self._said.add(extract_pattern(refusal.reason))
