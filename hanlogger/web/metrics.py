"""Serve `/metrics` for Prometheus: present values in base units. Gauges of a silent meter go away, counters stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from hanlogger import __version__
from hanlogger.model import PHASES
from hanlogger.status.state import MeterState, State
from hanlogger.status.values import collect_values
from hanlogger.web.now import is_live
from hanlogger.web.site import Site

JOULES = 3600  # of a Wh


class Quantity(NamedTuple):
    """A gauge of a meter: its name, its text, and the measurement and direction whose value it shows."""

    name: str
    text: str
    measurement: str
    direction: str = ""


GAUGES = (
    Quantity("active_power_import_watts", "Active power from the grid.", "active_power", "import"),
    Quantity("active_power_export_watts", "Active power to the grid.", "active_power", "export"),
    Quantity("active_power_net_watts", "Active power from the grid less that to it.", "active_power", "net"),
    Quantity("frequency_hertz", "Frequency of the grid.", "frequency"),
)
PHASE_GAUGES = (
    Quantity("phase_active_power_import_watts", "Active power from the grid.", "active_power", "import"),
    Quantity("phase_active_power_export_watts", "Active power to the grid.", "active_power", "export"),
    Quantity("voltage_volts", "Voltage to neutral, or between phases where there is none.", "voltage"),
    Quantity("current_amperes", "Current.", "current"),
)
COUNTERS = (
    Quantity("active_energy_import_joules", "Active energy from the grid, by the meter.", "active_energy", "import"),
    Quantity("active_energy_export_joules", "Active energy to the grid, by the meter.", "active_energy", "export"),
)


def expose(site: Site, accepted: str) -> tuple[bytes, str]:
    """Return all metrics and their content type, in the format that an Accept header asks for."""
    registry = CollectorRegistry()
    registry.register(_Metrics(site.state, site.now))
    encode, content_type = choose_encoder(accepted)
    return encode(registry), content_type


class _Metrics(Collector):
    """The metrics of one state."""

    def __init__(self, state: State | None, now: datetime) -> None:
        self._state, self._now = state, now

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is depends on the state."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics of the state; of a logger that has reported nothing yet only its version."""
        built = GaugeMetricFamily("hanlogger_build_info", "1, with the version of hanlogger.", labels=["version"])
        built.add_metric([__version__], 1)
        yield built
        if self._state is not None:
            yield from _collect_gauges(meter for meter in self._state.meters if is_live(meter, self._now))
            yield from _collect_counters(self._state.meters)
            yield from _collect_telegrams(self._state.meters)
            yield from _collect_journal(self._state)
            yield from _collect_destinations(self._state)


def _collect_gauges(meters: Iterable[MeterState]) -> Iterator[Metric]:
    found = [(meter.name, collect_values(meter)) for meter in meters]
    for quantity in GAUGES:
        family = GaugeMetricFamily(f"hanlogger_meter_{quantity.name}", quantity.text, labels=["meter"])
        for name, values in found:
            phase = "" if quantity.measurement == "frequency" else "total"
            _add(family, [name], values.get((quantity.measurement, phase, quantity.direction)))
        yield family
    for quantity in PHASE_GAUGES:
        family = GaugeMetricFamily(f"hanlogger_meter_{quantity.name}", quantity.text, labels=["meter", "phase"])
        for name, values in found:
            for phase in PHASES:
                _add(family, [name, phase], values.get((quantity.measurement, phase, quantity.direction)))
        yield family


def _add(family: GaugeMetricFamily | CounterMetricFamily, labels: list[str], value: Decimal | None) -> None:
    if value is not None:
        family.add_metric(labels, float(value))


def _collect_counters(meters: Iterable[MeterState]) -> Iterator[Metric]:
    found = [(meter.name, collect_values(meter)) for meter in meters]
    for quantity in COUNTERS:
        family = CounterMetricFamily(f"hanlogger_meter_{quantity.name}", quantity.text, labels=["meter"])
        for name, values in found:
            energy = values.get((quantity.measurement, "total", quantity.direction))
            _add(family, [name], None if energy is None else energy * JOULES)
        yield family


def _collect_telegrams(meters: Iterable[MeterState]) -> Iterator[Metric]:
    told = CounterMetricFamily(
        "hanlogger_telegrams",
        "Telegrams since the journal was made: ok, broken by a wrong checksum or the like, ignored as undecoded.",
        labels=["meter", "result"],
    )
    last = GaugeMetricFamily(
        "hanlogger_meter_last_telegram_timestamp_seconds",
        "When the newest telegram arrived, by the clock of this computer; it stays while the meter is silent.",
        labels=["meter"],
    )
    for meter in meters:
        undecoded = meter.counts.get("undecoded", 0)
        results = {"ok": meter.counts.get("frames", 0) - undecoded, "broken": meter.damaged, "ignored": undecoded}
        for result, number in results.items():
            told.add_metric([meter.name, result], number)
        if meter.last is not None:
            last.add_metric([meter.name], meter.last.timestamp())
    yield from (told, last)


def _collect_journal(state: State) -> Iterator[Metric]:
    size = "Octets of the journal on the disk, its write-ahead log included."
    held = "Telegrams in memory that the journal could not take yet."
    yield GaugeMetricFamily("hanlogger_journal_bytes", size, value=state.journal.size)
    yield GaugeMetricFamily("hanlogger_journal_held_telegrams", held, value=state.journal.held)


def _collect_destinations(state: State) -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "hanlogger_write_lag_seconds",
        "Age of the oldest telegram that waits for a database; 0 where none waits.",
        labels=["destination"],
    )
    waiting = GaugeMetricFamily(
        "hanlogger_waiting_telegrams", "Telegrams that wait for a database.", labels=["destination"]
    )
    refused = GaugeMetricFamily(
        "hanlogger_refused_lines", "Lines that a database refused, as listed.", labels=["destination"]
    )
    for to in state.destinations:
        lag.add_metric([to.name], (state.at - to.oldest).total_seconds() if to.oldest else 0.0)
        waiting.add_metric([to.name], to.waiting)
        refused.add_metric([to.name], to.refused)
    yield from (lag, waiting, refused)
