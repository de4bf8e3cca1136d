"""Check of a port that has a broker behind it: whether it lets us in, and whether telegrams come."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note, note_skipped, note_warning, note_well, note_wrong
from hanlogger.errors import ConfigError, SourceError
from hanlogger.framing import Contents, read_contents
from hanlogger.model import Frame
from hanlogger.sources import Broker, Port, leave_share, open_broker
from hanlogger.status.state import BrokerState, MeterState

DOCTOR = "hanlogger-doctor"
"""Our client id and group while we examine: the running logger keeps its own, and what it has not acknowledged."""

POLL = 0.5  # seconds
MOST = 100  # messages that are looked at, at once


def examine_broker(host: Host, port: Port) -> Iterator[Finding]:
    """Yield what the running logger says of a port, or of a meter behind it; without one, what the broker says."""
    running = host.running
    brokers = {one.port: one for one in running.brokers} if running else {}
    if port.url in brokers:
        yield from _judge(brokers[port.url])
    elif port.via:
        meters = {one.name: one for one in running.meters} if running else {}
        yield from _judge_meter(port, meters.get(port.meter.name))
    else:
        yield from _ask(host, port)


def _judge(broker: BrokerState) -> Iterator[Finding]:
    if broker.state != "open":
        yield note_wrong("broker-waits", broker.name, words=broker.words)
        return
    yield note_well("broker-by-logger", broker.name, port=broker.port, meters=broker.meters, held=broker.unacknowledged)
    if broker.strangers:
        names = ", ".join(f"{name} ({why})" for name, why in broker.strangers.items())
        yield note("broker-strangers", broker.name, names=names)
    if lost := broker.counts.get("sessions lost"):
        yield note_warning("broker-session-lost", broker.name, number=lost)
    if flapping := broker.counts.get("flapping"):
        yield note_warning("broker-flapping", broker.name, number=flapping)
    if not broker.meters:
        yield note_warning("broker-silent", broker.name, port=broker.port, came=_list(Counter(broker.counts)))


def _judge_meter(port: Port, meter: MeterState | None) -> Iterator[Finding]:
    name = port.meter.name
    if meter is None:
        yield note_skipped("broker-no-logger", name, port=port.url)
        return
    if number := meter.counts.get("misnamed"):
        yield note_warning("broker-meter-misnamed", name, number=number)
    if meter.last is None or meter.state == "silent":
        yield note_warning("broker-meter-silent", name, port=port.url)
    else:
        yield note_well("broker-meter", name, port=port.url)


def _ask(host: Host, port: Port) -> Iterator[Finding]:
    """Ask the broker as a client of our own, whose session ends with the connection, and which acknowledges nothing."""
    own = replace(port.broker or Broker(), session=0.0, group=DOCTOR)
    host.tell("listening", {"port": port.url, "line": port.scheme, "seconds": f"{host.wait:g}"})
    try:
        contents = _listen(leave_share(replace(port, broker=own)), host.wait)
    except (SourceError, ConfigError) as error:
        yield note_wrong("broker-refuses", port.meter.name, words=str(error))
        return
    yield note_well("broker", port.meter.name, port=port.url)
    if _has_telegram(contents):
        yield note_well("broker-telegrams", port.meter.name, port=port.url)
    else:
        kinds = Counter[str](one.kind or "damaged" for one in contents)
        yield note_warning("broker-silent", port.meter.name, port=port.url, came=_list(kinds))


def _listen(port: Port, seconds: float) -> list[Contents]:
    """Return what the messages contain that come in some seconds, up to the first telegram."""
    found, until = list[Contents](), time.monotonic() + seconds
    with closing(open_broker(port, DOCTOR)) as source:
        while time.monotonic() < until and not _has_telegram(found) and len(found) < MOST:
            found += [read_contents(one.data, one.received_at) for one in source.read(POLL, MOST)]
    return found


def _has_telegram(contents: list[Contents]) -> bool:
    return any(isinstance(event, Frame) for one in contents for event in one.events)


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "–"
