"""Check of the databases: whether each answers, is an InfluxDB 2, and allows hanlogger to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hanlogger.config.meter_filters import list_unmatched
from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note, note_skipped, note_warning, note_well, note_wrong
from hanlogger.doctor.writing import check_writing
from hanlogger.errors import WriteRejected, WriteUnavailable
from hanlogger.http import NoAnswer, Server
from hanlogger.humanize import clean_text
from hanlogger.influxdb import Destination, make_writer, mask
from hanlogger.influxdb.requests import get_limits, write_nothing

MOST_WORDS = 200  # characters of a server's message that are shown


class Probe(NamedTuple):
    """The answer of a database to a write request without data."""

    status: int
    words: str
    version: str  # of InfluxDB; "" if another program answers


def check_databases(host: Host) -> Iterator[Finding]:
    """Yield findings about each configured database."""
    if not host.settings.destinations:
        yield from _report_by_logger(host)
    for to in host.settings.destinations:
        yield from (_check if to.kind == "influxdb" else _check_victoriametrics)(host, to)
        yield from _check_filter(host, to)


def _report_by_logger(host: Host) -> Iterator[Finding]:
    """Yield what the running logger reports about databases that only its own settings name."""
    running = host.running
    for to in running.destinations if running else ():
        words = to.answer.words if to.answer else "–"
        if to.answer is None or to.answer.ok:
            yield note_well("database-by-logger", to.name, url=to.url, words=words)
        else:
            yield note_warning("database-by-logger-fails", to.name, url=to.url, words=words)
    if running is None or not running.destinations:
        yield note_skipped("database-none")


def _check(host: Host, to: Destination) -> Iterator[Finding]:
    facts: dict[str, object] = {"url": to.url, "org": to.org, "bucket": to.bucket, "file": to.token_file or "–"}
    try:
        probe = _probe(to, to.read_token())
    except WriteUnavailable as error:
        yield note_wrong("database-no-token", to.name, **facts, words=error)
    except NoAnswer as error:
        yield note_wrong("database-tls" if error.unsafe else "database-unreachable", to.name, **facts, words=error)
    else:
        refused = _report_refused(to, probe, facts)
        yield refused or note_well("database", to.name, **facts, version=probe.version)
        if not refused:
            yield from check_writing(host, to, facts)


def _check_victoriametrics(host: Host, to: Destination) -> Iterator[Finding]:
    """Yield whether a VictoriaMetrics answers, tells what it drops, and was started so that it drops nothing."""
    writer = make_writer(to)
    try:
        doubt = writer.check()
    except (WriteUnavailable, WriteRejected) as error:
        yield note_wrong("victoriametrics-fails", to.name, url=to.url, words=error)
        return
    finally:
        writer.close()
    yield (
        note_warning("victoriametrics-flags", to.name, words=doubt)
        if doubt
        else note_well("victoriametrics", to.name, url=to.url)
    )
    yield from check_writing(host, to, {"url": to.url})


def _check_filter(host: Host, to: Destination) -> Iterator[Finding]:
    """Yield which of the meters of the journal a destination with a filter gets, and what in it fits none of them."""
    with host.open_journal() as journal:
        known = {*journal.records.list_meters(), *(port.meter.name for port in host.settings.ports)} if journal else ()
    if not to.meters or not known:
        return
    patterns = ", ".join(to.meters)
    taken = sorted(name for name in known if to.takes(name))
    if unmatched := list_unmatched(to, known):
        yield note_warning(
            "database-filter-none", to.name, pattern=", ".join(unmatched), known=", ".join(sorted(known))
        )
    yield note("database-filter", to.name, patterns=patterns, number=len(taken), of=len(known))


def _probe(to: Destination, token: str) -> Probe:
    """Send an empty, uncompressed write, which is answered by 204, 401, 403 or 404 (docs/influxdb.md 9.3)."""
    with Server(to.url, get_limits(to), to.ca_file) as server:
        answer = write_nothing(server, to, token)
    words = clean_text(mask(answer.words, token))[:MOST_WORDS]
    return Probe(answer.status, words, clean_text(answer.version) or ("2" if answer.signed else ""))


_STATUS = {401: "database-token", 403: "database-permission", 404: "database-bucket"}


def _report_refused(to: Destination, probe: Probe, facts: dict[str, object]) -> Finding | None:
    told = {**facts, "status": probe.status, "words": probe.words}
    if not probe.version:
        return note_wrong("database-not-influxdb", to.name, **told)
    if probe.version.lstrip("v").startswith("1."):
        return note_wrong("database-influxdb-1", to.name, **told, version=probe.version)
    if probe.status == 204:
        return None
    return note_wrong(_STATUS.get(probe.status, "database-answers"), to.name, **told)
