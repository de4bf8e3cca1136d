"""What it means that there is no telegram: silence, or octets."""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.detect import Hearing
from hanlogger.doctor.case import Case
from hanlogger.doctor.finding import Finding, wrong
from hanlogger.doctor.past import shown
from hanlogger.doctor.symptoms import Symptom, symptom
from hanlogger.sources import Port

TCP = "TCP"  # where the settings of the line are a bridge's
SEVERAL = 2  # damaged telegrams, to say that all are
EXCERPT = 24  # octets that are shown

_VAGUE: tuple[Symptom, ...] = ("wrong speed", "port too fast", "floating", "octets lost")


def unheard(port: Port, name: str, hearings: Sequence[Hearing]) -> Finding:
    """Of a meter of which nothing else is known."""
    if any(hearing.octets for hearing in hearings):
        return verdict(port, name, hearings)
    return _never(port, name, sum(hearing.lasted for hearing in hearings))


def silent(case: Case, seconds: float) -> Finding:
    """Not one octet came, so long: a meter that has worked before has another fault than one that has not."""
    with case.host.journal() as journal:
        last = journal.last(case.name) if journal else None
    if last is None or case.port.scheme == "socket":
        return _never(case.port, case.name, seconds)
    return wrong("silent-now", case.name, port=case.port.url, seconds=f"{seconds:.0f}", last=shown(last.received_at))


def _never(port: Port, name: str, seconds: float) -> Finding:
    key = "silent-bridge" if port.scheme == "socket" else "silent-never"
    return wrong(key, name, port=port.url, seconds=f"{seconds:.0f}")


def verdict(port: Port, name: str, hearings: Sequence[Hearing]) -> Finding:
    """Octets came, heard with one setting or several. Proof goes before likelihood."""
    told = [(symptom(bytes(hearing.sample)), hearing) for hearing in hearings if hearing.octets]
    proved = [(what, hearing) for what, hearing in told if what not in _VAGUE]
    damaged = [("checksums-all", hearing) for hearing in hearings if len(_damaged(hearing)) >= SEVERAL]
    what, hearing = (proved or damaged or [_vague(told)])[0]
    key = what if what == "checksums-all" else f"line-{what.replace(' ', '-')}"
    return wrong(key, name, port=port.url, line=hearing.line or TCP, octets=hearing.octets, excerpt=_excerpt(hearing))


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
