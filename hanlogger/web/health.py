"""What the page *Health* shows: each link from the plug to the database, by the checks and in the words of `doctor`.

No port is opened and no server is asked for it: the running logger has the ports, and its databases' last answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

from hanlogger.archive.history import History
from hanlogger.doctor.clocks import check_clock, check_host_clock
from hanlogger.doctor.context import Host, PortContext
from hanlogger.doctor.database import check_databases
from hanlogger.doctor.device import check_device
from hanlogger.doctor.finding import Finding, Level, note, note_skipped
from hanlogger.doctor.journal_file import check_journal
from hanlogger.doctor.line_by_logger import judge_by_logger, judge_undoubted, judge_waiting
from hanlogger.doctor.logger import check_logger
from hanlogger.doctor.report import MARKS, get_text
from hanlogger.doctor.scales import check_scale
from hanlogger.doctor.telegrams import check_checksums, check_key
from hanlogger.humanize import format_span
from hanlogger.journal import Journal
from hanlogger.sources import Port
from hanlogger.status.state import State
from hanlogger.web.language import PageSpeech
from hanlogger.web.site import Site

FRESH_SECONDS = 10.0  # for which findings are kept: to make them takes up to a second
LATE = timedelta(minutes=2)  # after which what waits for a database is worth a note
READING = ("open", "silent")  # states of a port that the logger has opened

ORDER = (Level.WRONG, Level.WARNING, Level.NOTE, Level.WELL, Level.SKIPPED)


@dataclass(frozen=True)
class OwnHost(Host):
    """The host as seen from inside the running logger: its own state, and the journal through the pages' connection."""

    wait: float = 0.0
    state: State | None = None
    history: History | None = field(default=None, repr=False)

    @property
    def running(self) -> State | None:
        """The state of this logger."""
        return self.state

    @contextmanager
    def open_journal(self) -> Iterator[Journal | None]:
        """Yield the pages' own connection; None where the journal cannot be read."""
        if self.history is None:
            yield None
            return
        with self.history.open_journal() as journal:
            yield journal


class Link(NamedTuple):
    """One link of the way from the meter to the databases, with the findings about it."""

    key: str
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Level:
        """The most serious level of its findings."""
        return min((finding.level for finding in self.findings), key=ORDER.index, default=Level.SKIPPED)


class Line(NamedTuple):
    """A link in words of the reader's language, with its mark and level."""

    title: str
    mark: str
    level: str
    level_words: str
    saw: tuple[str, ...]
    means: tuple[str, ...]
    do: tuple[str, ...]


class Examiner:
    """Examines the way from a meter to the databases, and keeps the findings for some seconds."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._found: dict[str, tuple[float, list[Link]]] = {}

    def examine(self, meter: str) -> list[Link]:
        """Return the links of a meter's way, in their order."""
        with self._lock:
            made, links = self._found.get(meter, (-FRESH_SECONDS, []))
            if time.monotonic() - made >= FRESH_SECONDS:
                links = list(_examine(self._site, meter))
                self._found = {meter: (time.monotonic(), links)}
            return links


def _examine(site: Site, meter: str) -> Iterator[Link]:
    settings = replace(site.settings, destinations=())  # databases are not asked: the logger knows their answers
    host = OwnHost(settings, state=site.state, history=site.history)
    reported = site.get_meter_state(meter)
    given = next((port for port in site.settings.ports if port.meter.name == meter), None)
    port = given or Port(reported.port if reported else "", site.get_settings(meter))
    context = PortContext(host, port, reported)
    yield _make_link("device", _examine_device(context))
    yield _make_link("line", _examine_line(context))
    yield _make_link("checksums", check_checksums(context))
    yield _make_link("key", check_key(context))
    yield _make_link("clock", check_clock(context))
    yield _make_link("scale", _examine_scale(context))
    yield _make_link("host_clock", check_host_clock(host))
    yield _make_link("logger", check_logger(host))
    yield _make_link("journal", check_journal(host))
    yield _make_link("database", (*check_databases(host), *_list_late(site.state)))


def _make_link(key: str, findings: Iterable[Finding]) -> Link:
    return Link(key, tuple(findings))


def _examine_device(context: PortContext) -> Iterator[Finding]:
    if context.reported is None or context.reported.state == "ended" or context.port.scheme in ("file", "-"):
        yield note_skipped("port-ends", context.name, port=context.port.url or "–")
    else:
        yield from check_device(context)


def _examine_line(context: PortContext) -> Iterator[Finding]:
    reported = context.reported
    if reported is not None and reported.state in READING:
        yield judge_by_logger(context, reported)
    elif reported is not None and reported.state == "waiting":
        yield judge_waiting(reported)


def _examine_scale(context: PortContext) -> Iterator[Finding]:
    """Yield findings about the scales only where the logger doubts one: a search of the journal takes seconds."""
    if context.reported is not None and context.reported.doubted_scales:
        yield from check_scale(context)
    elif context.frames:
        yield judge_undoubted(context)


def _list_late(state: State | None) -> Iterator[Finding]:
    """Yield a finding for each database that telegrams have waited for too long."""
    for to in state.destinations if state else ():
        if state and to.oldest and state.at - to.oldest > LATE:
            age = format_span((state.at - to.oldest).total_seconds())
            yield note("database-behind", to.name, url=to.url, waiting=to.waiting, age=age)


def put_in_words(links: Iterable[Link], say: PageSpeech) -> list[Line]:
    """Return the links as lines; one without a finding says that nothing is known."""
    return [_make_line(link, say) for link in links]


def _make_line(link: Link, say: PageSpeech) -> Line:
    findings = sorted(link.findings, key=lambda finding: ORDER.index(finding.level))
    told = [(finding, get_text(say.language, finding.key, finding.facts)) for finding in findings]
    ill = [words for finding, words in told if not finding.level.healthy]
    return Line(
        say(f"health.{link.key}"),
        MARKS[link.worst],
        link.worst.value,
        say(f"health.{link.worst.value}"),
        tuple(_capitalise(words.saw) for _, words in told) or (say("health.nothing"),),
        tuple(words.means for words in ill if words.means),
        tuple(step for words in ill for step in words.do),
    )


def _capitalise(words: str) -> str:
    return words[:1].upper() + words[1:]
