"""The meters behind a broker's port: those that settings name, and new ones as long as there is room."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from hanlogger.collect.intake import Intake
from hanlogger.collect.recent_octets import RecentOctets
from hanlogger.collect.silence import SilenceWatch
from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import clean_text
from hanlogger.journal import Journal
from hanlogger.model import DEMO, METER_NAME
from hanlogger.sources import VIA, Broker, Port, names_meters

LONGEST_NAME = 64  # characters
MOST_STRANGERS = 50  # names that are listed of those that are not taken
_KEY = "meters"  # of what the journal keeps about a port

Stranger = Literal["unnamed", "unlisted", "beyond new_meters"]
"""Why a message is not taken: it names no meter; its meter is not in broker.meters; there is no room for a new one."""

log = logging.getLogger(__name__)


@dataclass
class BrokerMeter:
    """One meter behind a broker's port. Any thread may read its attributes."""

    port: Port  # whose URL is the port's own, or `via:` with its name
    intake: Intake
    silence: SilenceWatch
    waits_for: str = ""  # why the port is not open
    recent: RecentOctets = field(default_factory=RecentOctets)  # stays empty
    line: None = None
    words: str = ""

    @property
    def state(self) -> Literal["waiting", "open", "silent"]:
        """What `Collector.state` says of a port."""
        if self.waits_for:
            self.words = self.waits_for
            return "waiting"
        silent = self.silence.is_silent(time.monotonic())
        self.words = "the broker has no telegram of it" if silent else ""
        return "silent" if silent else "open"


class Roster:
    """The meters whose messages one port takes. One thread changes it; any may read `meters` and `strangers`.

    named: the ports that come by this one. taken: names of meters that are read by other ports.
    make_intake: makes the way of a meter's frames into the journal.
    """

    def __init__(
        self,
        port: Port,
        named: Iterable[Port],
        taken: Collection[str],
        make_intake: Callable[[Port], Intake],
        journal: Journal,
    ) -> None:
        self._port, self._taken, self._make_intake = port, {*taken, DEMO}, make_intake
        self._journal = journal
        self._broker = port.broker or Broker()
        self.meters: dict[str, BrokerMeter] = {}
        self.strangers: dict[str, Stranger] = {}  # the first names that were not taken, and why
        self.own = self._make(port)
        for one in named:
            self.meters[one.meter.name] = self._make(one)
        self._new = self._broker.new_meters
        self._recall()
        self._news = False  # whether a meter has come that the journal does not know here

    def list_meters(self) -> list[BrokerMeter]:
        """Return the meters behind the port: its one, or all that were named or have come."""
        return list(self.meters.values()) if names_meters(self._port) else [self.own]

    def note_opened(self, waits_for: str) -> None:
        """Note that the port is open, or (with words) why it is not: the silence before it does not count."""
        for meter in (self.own, *self.meters.values()):
            meter.waits_for = waits_for
            meter.silence.note_opened(time.monotonic())

    def remember(self) -> None:
        """Keep the names of all meters in the journal, where there are new ones."""
        if not self._news:
            return
        try:
            known = self._journal.learnt.get(self._port.url)
            self._journal.learnt.put(self._port.url, {**known, _KEY: " ".join(self.meters)})
            self._news = False
        except JournalUnavailable as error:
            log.debug("the meters of %s are not kept: %s", self._port.url, error)

    def _recall(self) -> None:
        """Take the meters that have come by this port before, so that none that is silent is forgotten."""
        with contextlib.suppress(JournalUnavailable):
            for name in self._journal.learnt.get(self._port.url).get(_KEY, "").split():
                self.find(name)

    def find(self, name: str | None) -> BrokerMeter | Stranger:
        """Return the meter of a name (None: the port's one meter), or why nothing of it is taken."""
        if name is None:
            return self.own
        known = self.meters.get(name)
        return known or self._judge(name) or self._admit(name)

    def _judge(self, name: str) -> Stranger | None:
        why = self._find_fault(name)
        if why and name not in self.strangers and len(self.strangers) < MOST_STRANGERS:
            self.strangers[name] = why
            log.warning(
                "%s: nothing is taken of %s: %s", self._port.meter.name, clean_text(name)[:80] or '""', WHY[why]
            )
        return why

    def _find_fault(self, name: str) -> Stranger | None:
        if not METER_NAME.fullmatch(name) or len(name) > LONGEST_NAME or name in self._taken:
            return "unnamed"
        if self._broker.meters and name not in self._broker.meters:
            return "unlisted"
        return None if self._broker.meters or self._new > 0 else "beyond new_meters"

    def _admit(self, name: str) -> BrokerMeter:
        self._new -= not self._broker.meters
        port = replace(self._port, url=f"{VIA}{self._port.meter.name}", meter=replace(self._port.meter, name=name))
        self.meters[name], self._news = self._make(port), True
        log.info("%s: takes the telegrams of %s", self._port.meter.name, name)
        return self.meters[name]

    def _make(self, port: Port) -> BrokerMeter:
        meter = BrokerMeter(port, self._make_intake(port), SilenceWatch(port.silence))
        meter.silence.note_opened(time.monotonic())
        return meter


WHY: dict[Stranger, str] = {
    "unnamed": "it cannot be a meter's name here (letters A-Z a-z, digits, _ and -; of no meter at another port)",
    "unlisted": "broker.meters does not name it",
    "beyond new_meters": "broker.new_meters are there already; if it is one of yours, raise that or name it",
}
