"""Diagnosis of a port without telegrams: it is silent, or its octets show what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.detect import Hearing
from hanlogger.doctor.context import PortContext
from hanlogger.doctor.finding import Finding, note_wrong
from hanlogger.doctor.history import format_host_time
from hanlogger.doctor.symptoms import Symptom, find_symptom
from hanlogger.sources import Port

TCP = "TCP"  # shown instead of line settings when a bridge has them
SEVERAL = 2  # damaged telegrams from which on all are said to be damaged
EXCERPT = 24  # octets that are shown

_VAGUE: tuple[Symptom, ...] = ("wrong speed", "port too fast", "floating", "octets lost")


def diagnose_unknown_meter(port: Port, name: str, hearings: Sequence[Hearing]) -> Finding:
    """Return why no telegram was heard, for a port about which the journal is not asked."""
    if any(hearing.octets for hearing in hearings):
        return diagnose_octets(port, name, hearings)
    return _report_never(port, name, sum(hearing.lasted for hearing in hearings))


def diagnose_silence(context: PortContext, seconds: float) -> Finding:
    """Return why no octet came in so many seconds; the likely causes differ for a meter that has worked before."""
    with context.host.open_journal() as journal:
        last = journal.records.get_last(context.name) if journal else None
    if last is None or context.port.scheme == "socket":
        return _report_never(context.port, context.name, seconds)
    return note_wrong(
        "silent-now",
        context.name,
        port=context.port.url,
        seconds=f"{seconds:.0f}",
        last=format_host_time(last.received_at),
    )


def _report_never(port: Port, name: str, seconds: float) -> Finding:
    key = "silent-bridge" if port.scheme == "socket" else "silent-never"
    return note_wrong(key, name, port=port.url, seconds=f"{seconds:.0f}")


def diagnose_octets(port: Port, name: str, hearings: Sequence[Hearing]) -> Finding:
    """Return why the octets hold no telegram, from one hearing for each line setting that was tried.

    A symptom that is proved comes before damaged telegrams, and these before a symptom that is only likely.
    """
    told = [(find_symptom(bytes(hearing.sample)), hearing) for hearing in hearings if hearing.octets]
    proved = [(what, hearing) for what, hearing in told if what not in _VAGUE]
    damaged = [("checksums-all", hearing) for hearing in hearings if len(_list_damaged(hearing)) >= SEVERAL]
    what, hearing = (proved or damaged or [_choose_vague(told)])[0]
    key = what if what == "checksums-all" else f"line-{what.replace(' ', '-')}"
    return note_wrong(
        key, name, port=port.url, line=hearing.line or TCP, octets=hearing.octets, excerpt=_make_excerpt(hearing)
    )


def _list_damaged(hearing: Hearing) -> list[str]:
    return [bad.reason for bad in hearing.bad if bad.reason in ("checksum", "parity")]


def _choose_vague(told: Sequence[tuple[Symptom, Hearing]]) -> tuple[Symptom, Hearing]:
    """Return the likeliest symptom when none is proved.

    When several line settings were tried, a speed that is too fast no longer explains why all of them failed.
    """
    lost = [one for one in told if one[0] == "octets lost"]
    if lost or len(told) == 1:
        return (lost or told)[0]
    most = max((hearing for _, hearing in told), key=lambda hearing: hearing.octets)
    return ("floating" if all(what == "floating" for what, _ in told) else "wrong speed"), most


def _make_excerpt(hearing: Hearing) -> str:
    return bytes(hearing.sample[:EXCERPT]).hex(" ")
