"""Do octets come, and are there telegrams in them? What comes is kept for the checks behind."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hanlogger.collect.tuning import KEPT
from hanlogger.detect import Hearing, find, hear
from hanlogger.doctor.case import Case
from hanlogger.doctor.device import holders_of
from hanlogger.doctor.finding import Finding, well, wrong
from hanlogger.doctor.past import recall, shown
from hanlogger.doctor.symptoms import Symptom, symptom
from hanlogger.errors import SourceError
from hanlogger.model import Chunk
from hanlogger.sources import LineSettings, Port, device_path
from hanlogger.state import MeterState

ENOUGH = 2  # telegrams, and no need to listen longer
OVERDUE = 60.0  # seconds without a telegram, of a meter whose interval is not known
EXCERPT = 24  # octets that are shown
HELD = (errno.EAGAIN, errno.EBUSY, errno.EACCES)


def check_line(case: Case) -> Iterator[Finding]:
    """By what the running logger hears, else by listening."""
    if case.state is not None and case.state.state in ("open", "silent"):
        yield _by_logger(case, case.state)
        return
    try:
        hearings = list(_listen(case))
    except SourceError as error:
        yield _not_opened(case, error)
    else:
        yield from _by_hearing(case, hearings)


# --- the running logger has the port


def _by_logger(case: Case, seen: MeterState) -> Finding:
    limit = max(OVERDUE, 6 * (seen.interval or 0))
    if seen.last is not None and (datetime.now(UTC) - seen.last).total_seconds() < limit:
        recall(case)
        return well("telegrams-by-logger", case.name, port=seen.port, line=seen.line or "–", last=shown(seen.last))
    hearings = [_unread(line, bytes.fromhex(octets)) for line, octets in seen.unread.items() if octets]
    return verdict(case.port, case.name, hearings) if hearings else _silent(case)


def _unread(line: str, octets: bytes) -> Hearing:
    """What the logger could not read."""
    hearing = Hearing(LineSettings.parse(line) if line else None)
    hearing.take(Chunk(octets, datetime.now(UTC)))
    hearing.end()
    return hearing


# --- nobody has it


def _listen(case: Case) -> Iterator[Hearing]:
    """With the settings that are given or known; else, and where those give octets and no telegram, with all."""
    host, port = case.host, case.port
    line = port.line or _learnt(case)
    if line or not port.has_line:
        host.tell("listening", {"port": port.url, "line": line or "–", "seconds": f"{host.wait:g}"})
        hearing = hear(replace(port, line=line), host.wait, lambda h: len(h.frames) >= ENOUGH, heard=host.heard)
        yield hearing
        if hearing.frames or not hearing.octets or not port.has_line:
            return
    yield from find(
        port,
        host.listen,
        trying=lambda line: host.tell("trying", {"port": port.url, "line": line, "seconds": f"{host.listen:g}"}),
        heard=host.heard,
    ).hearings


def _learnt(case: Case) -> LineSettings | None:
    """What has worked for this device."""
    with case.host.journal() as journal:
        text = journal.learnt(case.port.url).get(KEPT, "") if journal else ""
    return LineSettings.parse(text) if text else None


def unheard(port: Port, name: str, hearings: Sequence[Hearing], seconds: float) -> Finding:
    """Why there is no telegram in what was heard of a meter that has never sent one."""
    if any(hearing.octets for hearing in hearings):
        return verdict(port, name, hearings)
    key = "silent-bridge" if port.scheme == "socket" else "silent-never"
    return wrong(key, name, port=port.url, seconds=f"{seconds:g}")


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
        yield _silent(case)


def _heard(case: Case, hearing: Hearing) -> Finding:
    line = named(hearing)
    given = case.port.line
    if given and hearing.line and given.opened != hearing.line:
        return wrong("line-settings", case.name, port=case.port.url, given=given, right=line)
    return well("telegrams", case.name, port=case.port.url, line=line or "–", number=len(hearing.frames))


def named(hearing: Hearing) -> LineSettings | None:
    """The settings under which its telegrams came, seven bits by their name."""
    if hearing.line and hearing.seven_bits:
        return LineSettings(hearing.line.baud, 7, "E")
    return hearing.line


def _not_opened(case: Case, error: SourceError) -> Finding:
    facts = {"port": case.port.url, "words": str(error)}
    if case.port.scheme:
        return wrong("bridge-unreachable", case.name, **facts)
    if getattr(error.__cause__, "errno", None) not in HELD:
        return wrong("device-fails", case.name, **facts)
    holders = ", ".join(map(str, holders_of(device_path(case.port.url))))
    return wrong("device-held" if holders else "device-held-by-unknown", case.name, **facts, holders=holders)


def _silent(case: Case) -> Finding:
    with case.host.journal() as journal:
        last = journal.last(case.name) if journal else None
    if last is None or case.port.scheme == "socket":
        return unheard(case.port, case.name, (), case.host.wait)
    facts = {"port": case.port.url, "seconds": f"{case.host.wait:g}"}
    return wrong("silent-now", case.name, **facts, last=shown(last.received_at))


# --- octets, and no telegram

_VAGUE: tuple[Symptom, ...] = ("wrong speed", "port too fast", "floating", "octets lost")


def verdict(port: Port, name: str, hearings: Sequence[Hearing]) -> Finding:
    """What octets without a telegram mean, heard with one setting or several. Proof goes before likelihood."""
    told = [(symptom(bytes(hearing.sample)), hearing) for hearing in hearings if hearing.octets]
    proved = [(what, hearing) for what, hearing in told if what not in _VAGUE]
    damaged = [("checksums-all", hearing) for hearing in hearings if len(_damaged(hearing)) >= ENOUGH]
    what, hearing = (proved or damaged or [_vague(told)])[0]
    key = what if what == "checksums-all" else f"line-{what.replace(' ', '-')}"
    return wrong(key, name, port=port.url, line=hearing.line or "–", octets=hearing.octets, excerpt=_excerpt(hearing))


def _damaged(hearing: Hearing) -> list[str]:
    return [bad.reason for bad in hearing.bad if bad.reason in ("checksum", "parity")]


def _vague(told: Sequence[tuple[Symptom, Hearing]]) -> tuple[Symptom, Hearing]:
    """With several settings tried, speed alone explains nothing any more."""
    lost = [one for one in told if one[0] == "octets lost"]
    if lost or len(told) == 1:
        return (lost or told)[0]
    most = max((hearing for _, hearing in told), key=lambda hearing: hearing.octets)
    return ("floating" if all(what == "floating" for what, _ in told) else "wrong speed"), most


def _excerpt(hearing: Hearing) -> str:
    return bytes(hearing.sample[:EXCERPT]).hex(" ")
