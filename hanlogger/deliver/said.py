"""What the log says of a destination: each kind of trouble once, and its end."""

from __future__ import annotations

import logging

from hanlogger.humanize import message_pattern

MOST_KINDS = 20  # that are said before there is an end: whoever answers each time in other words fills no log

log = logging.getLogger(__name__)


class Said:
    """Of one destination. Used by one thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._troubles: set[str] = set()  # kinds
        self._doubted = False

    def trouble(self, words: str, *, needs_user: bool) -> None:
        """Nothing is taken now."""
        if message_pattern(words) not in self._troubles and len(self._troubles) < MOST_KINDS:
            level = logging.ERROR if needs_user else logging.WARNING
            log.log(level, "%s: %s; telegrams are kept and will be sent", self._name, words)
            self._troubles.add(message_pattern(words))

    def over(self) -> None:
        """It answers as it should."""
        if self._troubles:
            log.info("%s: it takes telegrams again", self._name)
        self._troubles.clear()

    def doubt(self, words: str) -> None:
        """It takes what is sent, and may not be what it should be."""
        if not self._doubted:
            log.warning("%s: %s", self._name, words)
        self._doubted = True
