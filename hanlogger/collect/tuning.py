"""Line settings that are found by trying while the port is read: what worked for a device is kept, and tried first."""

from __future__ import annotations

import logging
from dataclasses import replace

from hanlogger.detect import LISTEN, Search
from hanlogger.errors import JournalUnavailable, PortSilent
from hanlogger.journal import Journal
from hanlogger.sources import LineSettings, Port

LINE_KEY = "serial"  # the key under which the journal keeps it

log = logging.getLogger(__name__)


class Tuning:
    """Of one port; does nothing for one whose settings are given, or that has none."""

    def __init__(self, port: Port, journal: Journal, listen: float = LISTEN) -> None:
        self.line = port.line  # with which the port is open
        self._wanted = port.has_line and port.line is None
        self._name, self._journal, self._listen = port.meter.name, journal, listen
        self._device = ""
        self._search = Search(None, listen)

    @property
    def searching(self) -> bool:
        """Whether these settings are yet to prove themselves."""
        return self._wanted and not self._search.found

    @property
    def words(self) -> str:
        """What it does, for people."""
        return f"looks for the line settings, tries {self.line}" if self.searching else ""

    def tuned(self, port: Port) -> Port:
        """The port with the settings to try now."""
        if not self._wanted:
            return port
        if port.url != self._device:
            self._device, self._search = port.url, Search(self._kept(port.url), self._listen)
        self.line = self._search.line
        return replace(port, line=self.line)

    def opened(self, now: float) -> None:
        """With those settings."""
        self._search.opened(now)

    def telegram(self) -> None:
        """One came: these settings are right."""
        if self._wanted and self._search.telegram():
            self._keep(str(self._search.line))

    def in_vain(self, now: float) -> bool:
        """While searching: whether the next settings are to be tried; PortSilent when all have been."""
        if not self.searching or not self._search.in_vain(now):
            return False
        if not self._search.next():
            raise PortSilent(f"{self._device} gives no telegram, whatever the line settings ({self._search.tried})")
        return True

    def _kept(self, device: str) -> LineSettings | None:
        try:
            return LineSettings.parse(self._journal.learnt(device).get(LINE_KEY, ""))
        except (JournalUnavailable, ValueError):
            return None

    def _keep(self, line: str) -> None:
        try:
            if self._journal.learnt(self._device).get(LINE_KEY) != line:
                log.info("%s: the line is %s", self._name, line)
                self._journal.learn(self._device, {LINE_KEY: line})
        except JournalUnavailable as error:
            log.debug("what was found out about %s is not kept: %s", self._device, error)
