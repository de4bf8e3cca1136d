"""Log the outages of a destination: each kind of trouble once, and its end."""

from __future__ import annotations

import logging

from hanlogger.humanize import extract_pattern

MOST_KINDS = 20  # in one outage, so that a server whose words differ each time does not fill the log

log = logging.getLogger(__name__)


class OutageLog:
    """The log of one destination. It is used by one thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._troubles: set[str] = set()  # kinds
        self._doubted = False

    def report_trouble(self, words: str, *, needs_user: bool) -> None:
        """Log that the destination takes nothing; `words` say why. Each kind of trouble is logged once an outage."""
        if extract_pattern(words) not in self._troubles and len(self._troubles) < MOST_KINDS:
            level = logging.ERROR if needs_user else logging.WARNING
            log.log(level, "%s: %s; telegrams are kept and will be sent", self._name, words)
            self._troubles.add(extract_pattern(words))

    def report_end(self) -> None:
        """Log that the destination takes telegrams again, where an outage was logged."""
        if self._troubles:
            log.info("%s: it takes telegrams again", self._name)
        self._troubles.clear()

    def report_doubt(self, words: str) -> None:
        """Log once that the destination takes what is sent, and may not be what it should be."""
        if not self._doubted:
            log.warning("%s: %s", self._name, words)
        self._doubted = True
