"""Find line settings while a port is read: those that have worked for the device before are tried first."""

from __future__ import annotations

import logging
from dataclasses import replace

from hanlogger.detect import LISTEN, Search, recall_line, remember_line
from hanlogger.errors import JournalUnavailable, PortSilent
from hanlogger.journal import Journal
from hanlogger.sources import LineSettings, Port

log = logging.getLogger(__name__)


class LineFinder:
    """The search on one port; nothing is searched where the settings are given, or the port has none."""

    def __init__(self, port: Port, journal: Journal, listen: float = LISTEN) -> None:
        self.line = port.line  # the settings with which the port is open
        self._wanted = port.has_line and port.line is None
        self._name, self._journal, self._listen = port.meter.name, journal, listen
        self._device = ""
        self._search = Search(None, listen)

    @property
    def searching(self) -> bool:
        """Whether the present settings have not proved themselves yet."""
        return self._wanted and not self._search.found

    @property
    def words(self) -> str:
        """What the search does now, for people; "" while it does nothing."""
        return f"looks for the line settings, tries {self.line}" if self.searching else ""

    def with_line(self, port: Port) -> Port:
        """Return the port with the settings to try now."""
        if not self._wanted:
            return port
        if port.url != self._device:
            self._device, self._search = port.url, Search(self._recall(port.url), self._listen)
        self.line = self._search.line
        return replace(port, line=self.line)

    def note_opened(self, now: float) -> None:
        """Note that the port was opened with those settings."""
        self._search.note_opened(now)

    def note_telegram(self) -> None:
        """Note that a telegram came, so that the settings are right; the journal keeps them."""
        if self._wanted and self._search.note_telegram():
            self._remember(self._search.line)

    def must_change(self, now: float) -> bool:
        """Return whether the port is to be opened with other settings; PortSilent when all have been tried."""
        if not self.searching or not self._search.has_timed_out(now):
            return False
        if not self._search.advance():
            raise PortSilent(f"{self._device} gives no telegram, whatever the line settings ({self._search.tried})")
        return True

    def _recall(self, device: str) -> LineSettings | None:
        try:
            return recall_line(self._journal, device)
        except JournalUnavailable:
            return None

    def _remember(self, line: LineSettings) -> None:
        try:
            if remember_line(self._journal, self._device, line):
                log.info("%s: the line is %s", self._name, line)
        except JournalUnavailable as error:
            log.debug("the line settings of %s are not kept: %s", self._device, error)
