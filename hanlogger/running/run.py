"""The running logger: ports, journal and databases together, from start to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from hanlogger.collect import Collector, FiniteCollector
from hanlogger.config import Settings
from hanlogger.deliver import Cap, Delivery
from hanlogger.errors import HanloggerError, JournalUnavailable
from hanlogger.humanize import are, plural, telegrams
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal, Recorder
from hanlogger.model import DEMO
from hanlogger.running.demo import resume_demo
from hanlogger.running.janitor import Janitor
from hanlogger.running.notify import Notifier, summary
from hanlogger.running.refill import Refill, remedy
from hanlogger.running.snapshot import Reporter
from hanlogger.running.stamper import Stamper
from hanlogger.sources import Port
from hanlogger.status.state import State

log = logging.getLogger(__name__)

TICK = 0.1  # seconds between two looks whether all is done
SECOND = 1.0  # between two states
STOP_PORTS = 1.5  # seconds: together with the others well below the five that a stop may take
STOP_RECORDER = 2.0
STOP_DELIVERY = 0.5

DONE, REFUSED, NOT_DELIVERED = 0, 1, 3
"""Exit statuses of ports that end: all delivered · something refused, undecoded or unread · not within the time."""


class Running:
    """What runs while it is entered. No journal has two of them: JournalLocked."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        self._destinations = settings.served
        reads_demo = any(port.meter.name == DEMO for port in settings.ports)
        self._without_demo = [to for to in settings.destinations if reads_demo and not to.demo]
        self.journal = Journal.open(settings.journal)
        self._stopped = stop
        others = set(self.journal.meters()) - {DEMO}  # theirs is kept for every destination, whatever is read now
        names = tuple(to.name for to in (settings.destinations if others else settings.served))
        self.journal.know(port.meter for port in settings.ports)
        self._recorder = Recorder(self.journal, names)
        self._reporter = Reporter(settings, self.journal, self._recorder)
        self._stamper = Stamper(self.journal)
        self._collectors = [self._collector(resume_demo(port, self.journal)) for port in settings.ports]
        keys = {port.meter.name: port.keys for port in settings.ports}
        cap = Cap(self.journal, settings.max_series)
        self._deliveries = [Delivery(self.journal, to, keys, stop, settings.logger, cap=cap) for to in settings.served]
        no_database = [] if settings.served else [Delivery(self.journal, None, keys, stop, settings.logger, cap=cap)]
        self._loops = [*self._deliveries, *no_database]  # the last of them decodes and lists, and sends nothing
        delivered = zip(settings.served, self._deliveries, strict=True)
        self._refills = [self._refill(to, delivery, settings) for to, delivery in delivered]
        self._janitor = Janitor(self.journal, settings.keep, settings.max_size, names, stop)
        self.lost = 0  # telegrams that could not be recorded before the end

    def __enter__(self) -> Self:
        _greet(self.journal, self._destinations, self._without_demo)
        for thread in (*self._loops, *self._refills, *self._collectors, self._janitor):
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Everything that was read is in the journal when it returns, or `lost`; a request in flight is abandoned."""
        self._stopped.set()
        _join(self._collectors, STOP_PORTS)
        self.lost = self._recorder.close(STOP_RECORDER)
        _join((*self._loops, *self._refills), STOP_DELIVERY)
        self._reporter.close()
        self.journal.close()

    def _refill(self, to: Destination, delivery: Delivery, settings: Settings) -> Refill:
        command = remedy(to, settings.destinations, settings.file)
        return Refill(self.journal, to, delivery, settings.logger, command, self._stopped)

    def report(self) -> State | None:
        """How it stands, each second; None while the journal cannot be read, which does not end the recording."""
        try:
            self._stamper.look()
            return self._reporter.report(self._collectors, self._deliveries)
        except JournalUnavailable as error:
            self._reporter.tell(f"how it stands cannot be told: {error}")
            return None

    @property
    def read(self) -> bool:
        """Whether every port has ended and what it gave is in the journal."""
        return not self._recorder.held and all(collector.state == "ended" for collector in self._collectors)

    @property
    def unread(self) -> bool:
        """Whether a file could not be read to its end."""
        return any(collector.state == "ended" and collector.words for collector in self._collectors)

    @property
    def delivered(self) -> bool:
        """Whether nothing waits for a database, or without one to be decoded and listed."""
        return not any(self.journal.waiting(loop.destination).frames for loop in self._loops)

    @property
    def turned(self) -> float:
        """Since when (monotonic) every loop that goes on for ever has turned."""
        heartbeats = [self.journal.heartbeat, *(loop.heartbeat for loop in self._loops)]
        heartbeats += [collector.heartbeat for collector in self._collectors if isinstance(collector, Collector)]
        return min(beat.at for beat in heartbeats)

    def check(self) -> None:
        """HanloggerError when a fault of ours has ended a thread: whoever started this starts it again."""
        endless = [collector for collector in self._collectors if collector.state != "ended"]
        needed = (*endless, *self._loops, self._recorder)
        fallen = [thread.name for thread in needed if not thread.is_alive()]
        if fallen and not self._stopped.is_set():  # in this order: at a stop all of them end
            raise HanloggerError(f"{', '.join(fallen)}: ended by a fault of hanlogger's, please report it")

    def _collector(self, port: Port) -> Collector | FiniteCollector:
        if port.ends:
            return FiniteCollector(port, self.journal, self._stopped, self._reporter.heard)
        return Collector(port, self._recorder, self.journal, self._stopped, self._reporter.heard)


def run(settings: Settings, stop: threading.Event, show: Callable[[State], None], timeout: float | None = None) -> int:
    """Until `stop` is set, or all ports have ended and all is delivered; the exit status.

    show: is given the state each second. timeout: seconds that ports which end, and their delivery, may take.
    JournalLocked, and JournalUnavailable where at the end something that was read is not in the journal.
    """
    with Running(settings, stop) as running:
        status = _until_done(running, stop, show, timeout)
    if running.lost:
        lost = running.lost
        words = f"has ended; {telegrams(lost)} {are(lost)} lost: {settings.journal} did not take"
        raise JournalUnavailable(f"{words} {plural(lost, 'it', 'them')}")
    return status


def _until_done(running: Running, stop: threading.Event, show: Callable[[State], None], timeout: float | None) -> int:
    notifier = Notifier()
    started = time.monotonic()
    reported = -SECOND
    listed, words = _listed(running.journal), ""
    while not stop.is_set():
        if time.monotonic() - reported >= SECOND:
            reported = time.monotonic()
            if state := running.report():
                show(state)
                words = summary(state)
            notifier.running(words, running.turned)
        status = _status(running, listed, late=timeout is not None and time.monotonic() - started > timeout)
        if status is not None and not stop.is_set():  # in this order: a stop ends the reading of files too
            break
        running.check()
        stop.wait(TICK)
    else:
        status = DONE
    notifier.stopping()
    return status


def _status(running: Running, listed: set[tuple[str, int]], *, late: bool) -> int | None:
    """With which ports that end have ended; None while they go on. listed: what was in the lists at the start."""
    if running.read and running.delivered:
        return REFUSED if running.unread or _listed(running.journal) - listed else DONE
    return NOT_DELIVERED if late else None


def _greet(journal: Journal, destinations: Sequence[Destination], without_demo: Sequence[Destination]) -> None:
    """Not before it is true: the journal is open."""
    log.info("keeps every telegram in %s", journal.path)
    for to in destinations:
        log.info("delivers to %s: bucket %s at %s", to.name, to.bucket, to.url)
    for to in without_demo:
        words = "%s gets nothing of the demo, which is invented; for a database that may have it: demo = true"
        log.info(words, to.name)
    if not (destinations or without_demo):
        log.info("no InfluxDB is set: records only; one that is set later receives all that is kept")


def _listed(journal: Journal) -> set[tuple[str, int]]:
    """What is refused and what is undecoded: the newest of it."""
    refused = {("refused", entry.id) for entry in journal.refused()}
    return refused | {("undecoded", entry.record_id) for entry in journal.undecoded()}


def _join(threads: Sequence[threading.Thread], seconds: float) -> None:
    """Wait for all of them, together that long; the rest end with the process."""
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
