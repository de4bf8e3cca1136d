"""Do octets come, and are there telegrams in them? What comes is kept for the checks behind."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hanlogger.collect.tuning import LINE_KEY
from hanlogger.detect import Hearing, find, hear
from hanlogger.doctor.asked import by_logger
from hanlogger.doctor.case import Case
from hanlogger.doctor.device import holders_of
from hanlogger.doctor.finding import Finding, well, wrong
from hanlogger.doctor.verdict import TCP, silent, verdict
from hanlogger.errors import SourceError
from hanlogger.sources import LineSettings, device_path

ENOUGH = 2  # telegrams, and no need to listen longer
HELD = (errno.EAGAIN, errno.EBUSY, errno.EACCES)


def check_line(case: Case) -> Iterator[Finding]:
    """By what the running logger hears, else by listening."""
    if case.state is not None and case.state.state in ("open", "silent"):
        yield by_logger(case, case.state)
        return
    try:
        hearings = list(_listen(case))
    except SourceError as error:
        yield _not_opened(case, error)
    else:
        yield from _by_hearing(case, hearings)


def named(hearing: Hearing) -> LineSettings | None:
    """The settings under which its telegrams came, seven bits by their name."""
    if hearing.line and hearing.seven_bits:
        return LineSettings(hearing.line.baud, 7, "E")
    return hearing.line


def _listen(case: Case) -> Iterator[Hearing]:
    """With the settings that are given or known; else, and where those give octets and no telegram, with all."""
    host, port = case.host, case.port
    line = port.line or _learnt(case)
    if line or not port.has_line:
        host.tell("listening", {"port": port.url, "line": line or TCP, "seconds": f"{host.wait:g}"})
        hearing = hear(replace(port, line=line), host.wait, lambda h: len(h.frames) >= ENOUGH)
        yield hearing
        if hearing.frames or not hearing.octets or not port.has_line:
            return
    yield from find(
        port,
        host.listen,
        trying=lambda line: host.tell("trying", {"port": port.url, "line": line, "seconds": f"{host.listen:g}"}),
    ).hearings


def _learnt(case: Case) -> LineSettings | None:
    """What has worked for this device."""
    with case.host.journal() as journal:
        text = journal.learnt(case.port.url).get(LINE_KEY, "") if journal else ""
    return LineSettings.parse(text) if text else None


def _by_hearing(case: Case, hearings: Sequence[Hearing]) -> Iterator[Finding]:
    best = max(hearings, key=lambda hearing: hearing.score)
    if best.frames:
        case.frames, case.bad = best.frames, [bad for bad in best.bad if bad.reason != "unfinished"]
        yield _heard(case, best)
        if case.state is not None:
            yield wrong("logger-waits", case.name, words=case.state.words)
    elif any(hearing.octets for hearing in hearings):
        yield verdict(case.port, case.name, hearings)
    else:
        yield silent(case, sum(hearing.lasted for hearing in hearings))


def _heard(case: Case, hearing: Hearing) -> Finding:
    line, given = named(hearing), case.port.line
    if given and hearing.line and given.opened != hearing.line:
        return wrong("line-settings", case.name, port=case.port.url, given=given, right=line)
    return well("telegrams", case.name, port=case.port.url, line=line or TCP, number=len(hearing.frames))


def _not_opened(case: Case, error: SourceError) -> Finding:
    facts = {"port": case.port.url, "words": str(error)}
    if case.port.scheme:
        return wrong("bridge-unreachable", case.name, **facts)
    if getattr(error.__cause__, "errno", None) not in HELD:
        return wrong("device-fails", case.name, **facts)
    holders = ", ".join(map(str, holders_of(device_path(case.port.url))))
    return wrong("device-held" if holders else "device-held-by-unknown", case.name, **facts, holders=holders)
