"""Report a running logger: each change as the state for other processes, each minute as health in the journal."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hanlogger import __version__
from hanlogger.collect import AnyCollector, BrokerCollector, BrokerMeter, Collector, FiniteCollector, Recorder
from hanlogger.config import Settings
from hanlogger.deliver import Delivery
from hanlogger.errors import JournalUnavailable
from hanlogger.hostclock import HOST
from hanlogger.influxdb import Destination
from hanlogger.intervals.span import QUARTER
from hanlogger.journal import Journal, make_frame
from hanlogger.model import Frame
from hanlogger.running.brokers import make_broker_state
from hanlogger.running.health import find_month_begin, make_logger_fields, make_meter_fields, make_month_fields
from hanlogger.running.latest import Latest
from hanlogger.sources import Port
from hanlogger.status import state, state_file

if TYPE_CHECKING:
    from hanlogger.running.cost_watch import CostWatch

MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=5)  # after a quarter of an hour: its intervals are made by then
EPOCH = datetime.fromtimestamp(0, UTC)
MOST_UNDECODED = 1000  # newest entries of the list of undecoded frames that are counted
JUMP = timedelta(seconds=10)  # by which the host's clock is set at once, and not only kept right
HEARS = timedelta(seconds=30)  # a telegram that is not older says that the line settings are right

log = logging.getLogger(__name__)


def find_runtime_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder in memory that a service of systemd, or a container, is given; None where there is none.

    RUNTIME_DIRECTORY has it first, before those of further RuntimeDirectory= (systemd.exec(5)).
    """
    folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(folder).absolute() if folder else None


class Reporter:
    """Makes and writes the state. One thread uses it; only `note_frame` may be called by any."""

    def __init__(self, settings: Settings, journal: Journal, recorder: Recorder) -> None:
        self._settings, self._journal, self._recorder = settings, journal, recorder
        self._latest: dict[str, Latest] = {}
        self._file = state_file.StateFile(settings.journal, find_runtime_folder())
        self._began, self._started = time.monotonic(), datetime.now(UTC)
        self._written: state.State | None = None
        self._refresh_at = 0.0  # by the clock that nobody sets
        # The next minute of health, by the clock that nobody sets.
        self._health_at = time.monotonic() + MINUTE.total_seconds()
        self._told = ""
        self._months: dict[str, tuple[int | None, dict[str, float]]] = {}
        self.costs: CostWatch | None = None  # where a tariff is set
        self.page = ""  # the address of the pages; "" where none are served

    def note_frame(self, port: Port, frame: Frame) -> None:
        """Keep a frame of a port for the next state. Any thread may call this."""
        (self._latest.get(port.meter.name) or self._begin(port)).note_frame(frame)

    def get_latest(self, port: Port) -> Latest:
        """Return the newest values of a port's meter."""
        return self._latest.get(port.meter.name) or self._begin(port)

    def _begin(self, port: Port) -> Latest:
        """Begin with a meter's last telegram in the journal, so that a restart does not look like a silent meter."""
        latest = Latest(port)
        with contextlib.suppress(JournalUnavailable):
            if record := self._journal.records.get_last(port.meter.name):
                latest.note_frame(make_frame(record))
        return self._latest.setdefault(port.meter.name, latest)

    def report(
        self,
        collectors: Sequence[AnyCollector],
        deliveries: Sequence[Delivery],
        *,
        relays: tuple[state.RelayState, ...] = (),
        home_assistant: state.HomeAssistantState | None = None,
        prices: state.PriceState | None = None,
    ) -> state.State:
        """Return the state, and write it where it changed; once a minute append the health too. JournalUnavailable."""
        now = replace(
            self._make_state(collectors, deliveries), relays=relays, home_assistant=home_assistant, prices=prices
        )
        self._write(now)
        if time.monotonic() >= self._health_at and (HOST.is_set or HOST.overdue):
            self._health_at = time.monotonic() + MINUTE.total_seconds()
            self._keep_health(now, sum(delivery.retries for delivery in deliveries))
        return now

    def _make_state(self, collectors: Sequence[AnyCollector], deliveries: Sequence[Delivery]) -> state.State:
        meters = [meter for collector in collectors for meter in collector.meters]
        for latest in [self.get_latest(meter.port) for meter in meters]:
            latest.update()  # before the counters are read, so that a telegram is never counted and not shown
        undecoded = Counter(row.meter for row in self._journal.undecoded.list_newest(MOST_UNDECODED))
        counts = self._journal.counters.get_all()
        for meter, number in undecoded.items():
            counts.setdefault(meter, {})["undecoded"] = number
        return state.State(
            version=__version__,
            pid=os.getpid(),
            logger=self._settings.logger,
            started=self._find_start(),
            at=datetime.now(UTC),
            journal=state.JournalState(
                bytes(self._journal.path).decode(errors="replace"),
                self._journal.size,
                self._recorder.stuck,
                undecoded.total(),
                self._recorder.trouble,
            ),
            meters=tuple(self._make_meter_state(meter, counts) for meter in meters),
            brokers=tuple(
                make_broker_state(collector, counts)
                for collector in collectors
                if isinstance(collector, BrokerCollector)
            ),
            destinations=tuple(
                self._make_destination_state(to, delivery)
                for to, delivery in zip(self._settings.served, deliveries, strict=True)
            ),
            page=self.page,
        )

    def _find_start(self) -> datetime:
        """Return when the logger began, by the host's clock as it is now: it may have been set since."""
        start = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._began)
        if abs(start - self._started) > JUMP:
            self._started = start
        return self._started

    def _make_meter_state(
        self, collector: Collector | FiniteCollector | BrokerMeter, counts: dict[str, dict[str, int]]
    ) -> state.MeterState:
        port, silence = collector.port, collector.silence
        latest = self.get_latest(port)
        return state.MeterState(
            name=port.meter.name,
            port=port.url,
            state=collector.state,  # before its words, which it sets
            words=collector.words or latest.words,
            label=port.meter.tags.get("label", ""),
            fuse=self._settings.meter_limits.get(port.meter.name, self._settings.limits).fuse,
            last=latest.at,
            interval=silence.interval,
            clock_offset=latest.offset.total_seconds() if latest.offset is not None else None,
            line=str(collector.line or ""),
            unread={} if self._hears(latest) else {line: data.hex() for line, data in collector.recent.octets.items()},
            counts=counts.get(port.meter.name, {}),
            registers=dict(latest.registers),
            doubts=dict(latest.doubts),
            costs=self.costs.get(port.meter.name) if self.costs else None,
            unshown=latest.unshown,
        )

    def _hears(self, latest: Latest) -> bool:
        return latest.at is not None and datetime.now(UTC) - latest.at < HEARS

    def _make_destination_state(self, to: Destination, delivery: Delivery) -> state.DestinationState:
        waiting = self._journal.destinations.count_waiting(to.name, delivery.cursor)
        answer = delivery.answer
        return state.DestinationState(
            name=to.name,
            url=to.url,
            meters=to.meters,
            waiting=waiting.frames,
            oldest=waiting.oldest,
            refused=self._journal.refused.count(to.name),
            answer=state.AnswerState(answer.at, answer.ok, answer.words) if answer.at is not None else None,
        )

    def close(self) -> None:
        """Remove the state, as a logger that has ended has none."""
        self._file.remove()

    def _write(self, now: state.State) -> None:
        """Write the state where it has changed, or is to be refreshed: a file each second wears a memory card out."""
        written = self._written
        if written is not None and time.monotonic() < self._refresh_at and replace(now, at=written.at) == written:
            return
        self._written = None
        try:
            self._file.write(now)
            self._written = now
            self._refresh_at = time.monotonic() + state.REFRESH.total_seconds()
        except OSError as error:
            self.warn_once(f"the state {self._file.path} cannot be written: {error.strerror}")

    def _keep_health(self, now: state.State, retries: int) -> None:
        try:
            minute = {
                meter.name: make_meter_fields(meter, now.at) | self._sum_month(meter.name, now.at)
                for meter in now.meters
            }
            self._journal.records.append_health(minute | {"": make_logger_fields(now, retries)}, now.at)
        except JournalUnavailable as error:
            self.warn_once(f"a minute of health is lost: {error}")

    def _sum_month(self, meter: str, now: datetime) -> dict[str, float]:
        """Return the field that the rule about the month's limit compares, summed five minutes after each quarter."""
        quarter = (now - LATE - EPOCH) // QUARTER
        if self._months.get(meter, (None, {}))[0] != quarter:
            zones = {port.meter.name: port.meter.zone for port in self._settings.ports}
            zone = zones.get(meter) or next(iter(zones.values()))
            spans = self._journal.intervals.read_spans(meter, find_month_begin(zone, now), now)
            self._months[meter] = (quarter, make_month_fields(spans, zone, now))
        return self._months[meter][1]

    def warn_once(self, words: str) -> None:
        """Log a warning, unless it is the same as the last."""
        if words != self._told:
            log.warning("%s", words)
        self._told = words
