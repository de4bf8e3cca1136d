"""The thread that takes what a broker hands over, and acknowledges it when it is in the journal, or delivered.

How it works. What a broker hands over is taken in turns: read what has come, append the frames of it in one
transaction, acknowledge all of it. An acknowledgement never goes out before, nor by another connection than the message
came by. What cannot be acknowledged, because the connection is gone, comes once more and is known by its key.

Who sits at a broker and acknowledges nothing may stop a whole group of workers (measured with HiveMQ). So when nothing
could be acknowledged for some seconds, the port is left, and the broker keeps the session; it is opened again when the
journal, or the database, takes what is held.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from collections.abc import Collection, Sequence
from typing import Literal

from hanlogger.collect.appending import Appending, OnRecorded, tell_nobody
from hanlogger.collect.broker_memory import note_session, recall_client_id
from hanlogger.collect.intake import Intake, OnFrame
from hanlogger.collect.reception import Reception
from hanlogger.collect.roster import BrokerMeter, Roster
from hanlogger.collect.settling import Settling
from hanlogger.collect.unacknowledged import Unacknowledged
from hanlogger.errors import SourceError
from hanlogger.heartbeat import Heartbeat
from hanlogger.journal import Entry, Journal
from hanlogger.sources import Broker, BrokerSource, Envelope, Port, open_broker

POLL = 0.5  # seconds: how long a stop may go unnoticed
GLANCE = 0.05  # seconds between two looks whether messages have been delivered
PATIENCE = 5.0  # seconds without an acknowledgement, after which the port is left, where no database confirms late
STEADY = 30.0  # seconds that a connection lasts, after which the next failure counts as the first
LONGEST_PAUSE = 60.0  # seconds between two attempts to connect

log = logging.getLogger(__name__)


class BrokerCollector(threading.Thread):
    """Reads one port that has a broker behind it. Any thread may read its attributes.

    named: the meters of the settings that come by this port. taken: names of meters that are read by other ports.
    destinations: names of all databases. logger: the name from which a client id is made.
    """

    def __init__(
        self,
        port: Port,
        journal: Journal,
        stop: threading.Event,
        on_frame: OnFrame,
        *,
        named: Sequence[Port] = (),
        taken: Collection[str] = (),
        destinations: Sequence[str] = (),
        logger: str = "hanlogger",
        on_recorded: OnRecorded = tell_nobody,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(name=f"port of {port.meter.name}", daemon=True)
        self.port = port
        self.state: Literal["waiting", "open", "ended"] = "waiting"
        self.words = ""  # why the port is not open
        self.heartbeat = Heartbeat()
        self.unacknowledged = Unacknowledged()
        self._journal, self._stopped, self._on_frame = journal, stop, on_frame
        self._broker, self._logger = port.broker or Broker(), logger
        self._patience = patience
        self._appending = Appending(journal, destinations, stop, self._drop, on_recorded)
        self._settling = Settling(journal, self._appending, self.unacknowledged, self._broker.ack, tuple(destinations))
        self.roster = Roster(port, named, taken, self._make_intake, journal)
        self._reception = Reception(port.meter.name, self.roster, journal)
        self._connected_at = self._moved_at = 0.0
        self._failures = 0
        self._told: set[str] = set()  # what was logged since the last message, so that nothing is logged twice

    @property
    def meters(self) -> list[BrokerMeter]:
        """The meters behind the port."""
        return self.roster.list_meters()

    def run(self) -> None:
        """Connect, take what comes, and connect again, until `stop` is set."""
        while not self._stopped.is_set():
            try:
                client_id = self._broker.client_id or self._recall_client_id()
                with contextlib.closing(open_broker(self.port, client_id)) as source:
                    self._begin(source, client_id)
                    while not self._stopped.is_set():
                        self._turn(source)
                    self._end(source)
            except SourceError as error:
                self._fail(error)
                self._finish()
                self._pause()

    def _recall_client_id(self) -> str:
        made = f"hanlogger-{self._logger}-{self.port.meter.name}"
        return recall_client_id(self._journal, self.port.url, made)

    def _begin(self, source: BrokerSource, client_id: str) -> None:
        self._connected_at = self._moved_at = time.monotonic()
        self.state, self.words = "open", ""
        self.roster.note_opened("")
        self._tell(logging.INFO, f"reads {self.port.url}")
        kept = not source.session_lost
        self.unacknowledged.note_connected(session_kept=kept)
        if not note_session(self._journal, self.port.url, client_id) or kept:
            return
        self._count("sessions lost", 1)
        log.error(
            "%s: the broker does not know the session of %s any more: what came while it was away is lost, unless the "
            "broker says otherwise; see broker.session, and what the broker keeps over its own restart",
            self.port.meter.name,
            client_id,
        )

    def _turn(self, source: BrokerSource) -> None:
        """Take what has come, record it, and acknowledge what may be; SourceError when the port is to be left."""
        self.heartbeat.beat()
        waiting = len(self.unacknowledged)
        if waiting < self._broker.most:
            for envelope in source.read(GLANCE if waiting else POLL, self._broker.most - waiting):
                self._take(envelope)
        else:
            self._stopped.wait(GLANCE)
        self._record()
        self._acknowledge(source)
        if time.monotonic() - self._moved_at > self._patience:
            raise SourceError(
                f"{self.port.url} is left, and the broker keeps what comes: {self._settling.explain_wait()}"
            )

    def _end(self, source: BrokerSource) -> None:
        """Record and acknowledge what was taken before the stop, where that can be done at once."""
        if self._settling.record(POLL):
            self._acknowledge(source)

    def _take(self, envelope: Envelope) -> None:
        """Take a message as what it is. Whatever it contains, it is acknowledged, else it would come for ever."""
        self._told.clear()
        if not self.unacknowledged.take(envelope):
            self._count("handed over again", 1)
            return
        self._reception.take(envelope)

    def _record(self) -> None:
        """Wait until all that was taken is in the journal, as long as patience lasts."""
        until = time.monotonic() + self._patience
        while not self._stopped.is_set() and time.monotonic() < until:
            self.heartbeat.beat()
            if self._settling.record(POLL):
                self.roster.remember()
                return

    def _acknowledge(self, source: BrokerSource) -> None:
        settled = self._settling.take_settled()
        source.acknowledge(settled)
        if settled or not self.unacknowledged:
            self._moved_at = time.monotonic()

    def _fail(self, error: SourceError) -> None:
        steady = time.monotonic() - self._connected_at > STEADY
        self._failures = 1 if steady else self._failures + 1
        self.state, self.words = "waiting", str(error)
        self.roster.note_opened(self.words)
        self._tell(logging.WARNING, self.words)

    def _finish(self) -> None:
        """Wait until the journal, and the databases where they are waited for, have what is held."""
        while not self._stopped.is_set():
            self.heartbeat.beat()
            if self._settling.record(POLL):
                if self._settling.is_done():
                    return
                self._stopped.wait(POLL)

    def _pause(self) -> None:
        """Wait for the next attempt: 1 s to a minute, with jitter."""
        longest = min(LONGEST_PAUSE, 2.0 ** min(self._failures - 1, 10))
        until = time.monotonic() + longest * random.uniform(0.75, 1)  # noqa: S311 nothing secret
        while time.monotonic() < until and not self._stopped.wait(POLL):
            self.heartbeat.beat()

    def _make_intake(self, port: Port) -> Intake:
        return Intake(port, self._journal, self._appending.add, self._on_frame)

    def _drop(self, entry: Entry) -> None:
        self._journal.counters.count(entry.meter.name, "dropped")

    def _count(self, name: str, by: int) -> None:
        if name and by:
            self._journal.counters.count(self.port.meter.name, name, by)

    def _tell(self, level: int, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            log.log(level, "%s: %s", self.port.meter.name, words)
