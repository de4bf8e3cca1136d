"""The checks in their order. Each is a row; the walk ends at the first thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

from hanlogger.doctor.case import Case, Check, Host
from hanlogger.doctor.clocks import check_clock, check_host_clock
from hanlogger.doctor.database import check_databases
from hanlogger.doctor.device import check_device
from hanlogger.doctor.finding import Finding, Level, note, skipped
from hanlogger.doctor.grafana import check_grafana
from hanlogger.doctor.lines import check_line
from hanlogger.doctor.logger import check_logger, check_settings
from hanlogger.doctor.scales import check_scale
from hanlogger.doctor.store import check_journal
from hanlogger.doctor.telegrams import check_checksums, check_key
from hanlogger.model import Meter
from hanlogger.sources import AUTO, Port

BEFORE: tuple[Callable[[Host], Iterator[Finding]], ...] = (check_settings, check_logger, check_host_clock)
OF_A_PORT: tuple[Check, ...] = (check_device, check_line, check_checksums, check_key, check_clock, check_scale)
BEHIND: tuple[Callable[[Host], Iterator[Finding]], ...] = (check_journal, check_databases, check_grafana)

NO_LINE = ("file", "-", "demo")


def examine(host: Host) -> Iterator[Finding]:
    """One by one, as they are found."""
    for finding in _all(host):
        yield finding
        if finding.level is Level.WRONG:
            return


def _all(host: Host) -> Iterator[Finding]:
    yield from chain.from_iterable(check(host) for check in BEFORE)
    ports = _ports(host)
    if not ports:
        yield note("no-port")
    for port in ports or [Port(AUTO, Meter("home"))]:
        yield from _of_a_port(host, port)
    yield from chain.from_iterable(check(host) for check in BEHIND)


def _ports(host: Host) -> list[Port]:
    """Take the one that was asked for; else those that the running logger reads, and what is set beside them."""
    running = None if host.asked else host.running
    given = {port.meter.name: port for port in host.settings.ports}
    read = {meter.name: meter.port for meter in running.meters} if running else {}
    urls = {name: port.url for name, port in given.items()} | read
    return [replace(given.get(name) or Port(url, Meter(name)), url=url) for name, url in urls.items()]


def _differs(host: Host, port: Port) -> Iterator[Finding]:
    """Say that the logger reads another port than is set."""
    others = [one.url for one in host.settings.ports if one.meter.name == port.meter.name and one.url != port.url]
    yield from (note("logger-other-port", port.meter.name, port=port.url, given=url) for url in others)


def _of_a_port(host: Host, port: Port) -> Iterator[Finding]:
    yield from _differs(host, port)
    if port.scheme in NO_LINE:
        yield skipped("port-ends", port.meter.name, port=port.url)
        return
    running = host.running
    states = running.meters if running else ()
    mine = (state for state in states if (state.name, state.port) == (port.meter.name, port.url))
    case = Case(host, port, next(mine, None))
    for check in OF_A_PORT:
        yield from check(case)
