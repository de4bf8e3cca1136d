"""The examination: all checks in order, from the settings over the ports to the databases and Grafana."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from hanlogger.doctor.broker import examine_broker
from hanlogger.doctor.clocks import check_clock, check_host_clock
from hanlogger.doctor.context import Host, HostCheck, PortCheck, PortContext
from hanlogger.doctor.database import check_databases
from hanlogger.doctor.device import check_device
from hanlogger.doctor.finding import Finding, Level, note, note_skipped
from hanlogger.doctor.grafana import check_grafana
from hanlogger.doctor.journal_file import check_journal
from hanlogger.doctor.line import check_line
from hanlogger.doctor.logger import check_logger, check_settings
from hanlogger.doctor.outputs import check_home_assistant, check_prices, check_relays
from hanlogger.doctor.scales import check_scale
from hanlogger.doctor.telegrams import check_checksums, check_key
from hanlogger.model import Meter
from hanlogger.sources import AUTO, Port

HOST_CHECKS: tuple[HostCheck, ...] = (check_settings, check_logger, check_host_clock)
PORT_CHECKS: tuple[PortCheck, ...] = (check_device, check_line, check_checksums, check_key, check_clock, check_scale)
DELIVERY_CHECKS: tuple[HostCheck, ...] = (
    check_journal,
    check_databases,
    check_grafana,
    check_relays,
    check_home_assistant,
    check_prices,
)

NO_LINE = ("file", "-", "demo")  # schemes of ports that have no line to examine


def examine(host: Host) -> Iterator[Finding]:
    """Yield the findings one by one as they are made, and end after the first that is WRONG."""
    for finding in _examine_all(host):
        yield finding
        if finding.level is Level.WRONG:
            return


def _examine_all(host: Host) -> Iterator[Finding]:
    yield from chain.from_iterable(check(host) for check in HOST_CHECKS)
    ports = _choose_ports(host)
    if not ports:
        yield note("no-port")
    for port in ports or [Port(AUTO, Meter("home"))]:
        yield from _examine_port(host, port)
    yield from chain.from_iterable(check(host) for check in DELIVERY_CHECKS)


def _choose_ports(host: Host) -> list[Port]:
    """Return the port that the user named; else the ports that the running logger reads, and others that are set."""
    running = None if host.port_given else host.running
    given = {port.meter.name: port for port in host.settings.ports}
    read = {meter.name: meter.port for meter in running.meters} if running else {}
    urls = {name: port.url for name, port in given.items()} | read
    return [replace(given.get(name) or Port(url, Meter(name)), url=url) for name, url in urls.items()]


def _note_difference(host: Host, port: Port) -> Iterator[Finding]:
    """Yield a note if the running logger reads another port than the settings name."""
    others = [one.url for one in host.settings.ports if one.meter.name == port.meter.name and one.url != port.url]
    yield from (note("logger-other-port", port.meter.name, port=port.url, given=url) for url in others)


def _examine_port(host: Host, port: Port) -> Iterator[Finding]:
    yield from _note_difference(host, port)
    if port.asks_broker or port.via:
        yield from examine_broker(host, port)
        return
    if port.scheme in NO_LINE:
        yield note_skipped("port-ends", port.meter.name, port=port.url)
        return
    running = host.running
    states = running.meters if running else ()
    mine = (state for state in states if (state.name, state.port) == (port.meter.name, port.url))
    context = PortContext(host, port, next(mine, None))
    for check in PORT_CHECKS:
        yield from check(context)
