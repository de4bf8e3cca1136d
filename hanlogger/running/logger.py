"""The threads of a running logger, from their start to their end: ports, journal and databases together."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Self

from hanlogger.aggregate import Aggregation
from hanlogger.collect import AnyCollector, BrokerCollector, Collector, FiniteCollector, Recorder
from hanlogger.collect.broker_collector import PATIENCE
from hanlogger.config import Settings
from hanlogger.deliver import Delivery, SeriesLimit
from hanlogger.errors import HanloggerError, JournalUnavailable
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.model import DEMO
from hanlogger.running.allocator import share_memory
from hanlogger.running.arrival_times import ArrivalTimeCorrector
from hanlogger.running.demo import resume_demo
from hanlogger.running.file_limit import allow_files
from hanlogger.running.filters import find_left_by_all, list_filters
from hanlogger.running.loss_watch import LossWatch, make_backfill_command
from hanlogger.running.new_destinations import announce_to_new
from hanlogger.running.outputs import (
    open_costs,
    open_home_assistant,
    open_pages,
    open_prices,
    open_relay,
    tell_nobody,
)
from hanlogger.running.retention import RetentionThread
from hanlogger.running.snapshot import Reporter
from hanlogger.sources import Port
from hanlogger.status.state import State

log = logging.getLogger(__name__)

STOP_PORTS = 1.5  # seconds: together with the next two well below the five that a stop may take
STOP_RECORDER = 2.0
STOP_DELIVERY = 0.5
STOP_OUTPUT = 0.5


class Running:
    """A context in which a logger runs. JournalLocked where another logger records in the journal."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        share_memory()
        allow_files(len(settings.ports))
        self._destinations = settings.served
        reads_demo = any(port.meter.name == DEMO for port in settings.ports)
        self._without_demo = [to for to in settings.destinations if reads_demo and not to.demo]
        self.journal = Journal.open(settings.journal)
        self._stopped = stop
        others = set(self.journal.records.list_meters()) - {DEMO}  # whose frames are kept for every destination
        names = tuple(to.name for to in (settings.destinations if others else settings.served))
        self.journal.records.use_settings(port.meter for port in settings.ports)
        self.journal.destinations.use_filters(list_filters(settings))
        self._relay = open_relay(settings)
        self._home_assistant = open_home_assistant(settings, stop)
        self._prices = open_prices(settings, self.journal, stop)
        self._on_recorded = self._relay.send if self._relay else tell_nobody
        self._recorder = Recorder(self.journal, names, on_recorded=self._on_recorded)
        self._reporter = Reporter(settings, self.journal, self._recorder)
        self._arrival_times = ArrivalTimeCorrector(self.journal)
        own = (port for port in settings.ports if not port.via)
        self._collectors = [self._make_collector(resume_demo(port, self.journal), settings) for port in own]
        keys = settings.keys
        limit = SeriesLimit(self.journal, settings.max_series)
        costs, self._costs = open_costs(settings, self.journal, stop)
        self._reporter.costs = self._costs
        deliver = partial(
            Delivery,
            self.journal,
            keys=keys,
            stop=stop,
            logger_name=settings.logger,
            series_limit=limit,
            settles_late=not any(map(must_await_delivery, settings.ports)),
        )
        self._deliveries = [deliver(to, costs=costs) for to in settings.served]
        left_over = find_left_by_all(settings.served)
        no_database = [deliver(None, takes=left_over)] if left_over or not settings.served else []
        self._loops = [*self._deliveries, *no_database]  # the last of them decodes and lists, and sends nothing
        self._aggregation = Aggregation(self.journal, keys, stop)
        delivered = zip(settings.served, self._deliveries, strict=True)
        self._loss_watches = [
            self._make_loss_watch(to, delivery, settings) for to, delivery in delivered if to.kind == "influxdb"
        ]
        self._retention = RetentionThread(self.journal, settings, names, stop)
        announce_to_new(self.journal, names, [port.meter for port in settings.ports])
        self._pages = open_pages(settings)
        self._reporter.page = self._pages.address if self._pages else ""
        self.lost = 0  # telegrams that could not be recorded before the end

    def __enter__(self) -> Self:
        _greet(self.journal, self._destinations, self._without_demo)
        outputs = [output for output in (self._relay, self._home_assistant, self._costs, self._prices) if output]
        threads = (*outputs, *self._loops, self._aggregation, *self._loss_watches, *self._collectors, self._retention)
        if self.ends:
            self._aggregation.finish()
        for thread in threads:
            thread.start()
        if self._pages:
            self._pages.start()
            log.info("shows the meters at %s", self._pages.address)
        if self.ends:
            self._aggregation.finish()  # at once: it looks ten times as often, and the command ends a second sooner
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all threads. What was read is in the journal then, or counted in `lost`; requests are abandoned."""
        self._stopped.set()
        self.journal.hurry()
        _join(self._collectors, STOP_PORTS)
        files = (collector for collector in self._collectors if isinstance(collector, FiniteCollector))
        self.lost = self._recorder.close(STOP_RECORDER) + sum(file.lost for file in files)
        if self._relay:
            self._relay.close()
        _join((*self._loops, self._aggregation, *self._loss_watches), STOP_DELIVERY)
        _join([output for output in (self._home_assistant, self._costs, self._prices) if output], STOP_OUTPUT)
        if self._pages:
            self._pages.stop()
        self._reporter.close()
        self.journal.close()

    def _make_loss_watch(self, to: Destination, delivery: Delivery, settings: Settings) -> LossWatch:
        command = make_backfill_command(to, settings.destinations, settings.file)
        return LossWatch(self.journal, to, delivery, settings.logger, command, self._stopped)

    def report(self) -> State | None:
        """Write and return the state; None while the journal cannot be read, which does not end the recording."""
        try:
            self._arrival_times.correct()
            state = self._reporter.report(
                self._collectors,
                self._deliveries,
                relays=self._relay.report() if self._relay else (),
                home_assistant=self._home_assistant.report() if self._home_assistant else None,
                prices=self._prices.report() if self._prices else None,
            )
        except JournalUnavailable as error:
            self._reporter.warn_once(f"the state cannot be reported: {error}")
            return None
        if self._costs:
            self._costs.update(state)
        if self._home_assistant:
            self._home_assistant.update(state)
        if self._pages:
            self._pages.publish(state)
        return state

    @property
    def ends(self) -> bool:
        """Whether every port is one that ends, such as a file."""
        return all(isinstance(collector, FiniteCollector) for collector in self._collectors)

    @property
    def all_read(self) -> bool:
        """Whether every port has ended and all that came is in the journal."""
        return not self._recorder.held and all(collector.state == "ended" for collector in self._collectors)

    @property
    def cut_short(self) -> bool:
        """Whether a port that ends could not be read to its end."""
        return any(collector.state == "ended" and collector.words for collector in self._collectors)

    @property
    def all_delivered(self) -> bool:
        """Whether nothing waits: for a database, without one for decoding and listing, or to become intervals."""
        served = (loop.destination for loop in self._loops)
        return self._aggregation.finish() and not any(map(self.journal.destinations.has_waiting, served))

    @property
    def last_heartbeat(self) -> float:
        """The oldest heartbeat of all endless loops, in seconds of the monotonic clock."""
        heartbeats = [self.journal.heartbeat, self._aggregation.heartbeat, *(loop.heartbeat for loop in self._loops)]
        heartbeats += [
            collector.heartbeat for collector in self._collectors if not isinstance(collector, FiniteCollector)
        ]
        return min(beat.at for beat in heartbeats)

    def check(self) -> None:
        """Raise HanloggerError when a fault of hanlogger's has ended a thread, so that the process is started again."""
        endless = [collector for collector in self._collectors if collector.state != "ended"]
        needed = (*endless, *self._loops, self._aggregation, self._recorder)
        fallen = [thread.name for thread in needed if not thread.is_alive()]
        if fallen and not self._stopped.is_set():  # `stop` is looked at last, because it ends all threads
            raise HanloggerError(f"{', '.join(fallen)}: ended by a fault of hanlogger's, please report it")

    def _make_collector(self, port: Port, settings: Settings) -> AnyCollector:
        if port.ends:
            return FiniteCollector(port, self.journal, self._stopped, self._reporter.note_frame)
        if not port.asks_broker:
            return Collector(port, self._recorder, self.journal, self._stopped, self._reporter.note_frame)
        name = port.meter.name
        return BrokerCollector(
            port,
            self.journal,
            self._stopped,
            self._reporter.note_frame,
            named=[one for one in settings.ports if one.via == name],
            taken=[one.meter.name for one in settings.ports if one is not port and one.via != name],
            destinations=[to.name for to in settings.served],
            logger=settings.logger,
            on_recorded=self._on_recorded,
            patience=find_patience(port, settings.served),
        )


def must_await_delivery(port: Port) -> bool:
    """Return whether something waits until all that came by a port is delivered: the end of a run, or a broker."""
    return port.ends or (port.broker is not None and port.broker.ack == "delivered")


def find_patience(port: Port, destinations: Sequence[Destination]) -> float:
    """Return the seconds without an acknowledgement after which a port with a broker is left.

    What comes while a database confirms a request waits for that one, for its own, and while both are written.
    """
    slowest = max((to.confirming_seconds for to in destinations), default=0.0)
    return PATIENCE + 3 * slowest if must_await_delivery(port) else PATIENCE


def _greet(journal: Journal, destinations: Sequence[Destination], without_demo: Sequence[Destination]) -> None:
    """Log what is recorded and delivered where; the journal is open by then."""
    log.info("keeps every telegram in %s", journal.path)
    for to in destinations:
        of = f", of {', '.join(to.meters)} only" if to.meters else ""
        log.info("delivers to %s: %s%s", to.name, to.place, of)
    for to in without_demo:
        words = "%s gets nothing of the demo, which is invented; for a database that may have it: demo = true"
        log.info(words, to.name)
    if not (destinations or without_demo):
        log.info("no InfluxDB is set: everything is kept in the journal, and can be delivered later")


def _join(threads: Sequence[threading.Thread], seconds: float) -> None:
    """Wait for threads, `seconds` for all together; those that take longer end with the process."""
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
