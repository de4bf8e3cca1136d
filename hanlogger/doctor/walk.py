"""The checks in their order. Each is a row; the walk ends at the first thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    if not host.settings.ports:
        yield note("no-port")
    for port in host.settings.ports or (Port(AUTO, Meter("home")),):
        yield from _of_a_port(host, port)
    yield from chain.from_iterable(check(host) for check in BEHIND)


def _of_a_port(host: Host, port: Port) -> Iterator[Finding]:
    if port.scheme in NO_LINE:
        yield skipped("port-ends", port.meter.name, port=port.url)
        return
    running = host.running
    states = running.meters if running else ()
    case = Case(host, port, next((state for state in states if state.name == port.meter.name), None))
    for check in OF_A_PORT:
        yield from check(case)
