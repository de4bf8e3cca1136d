"""Check of a line that the running logger reads: the logger is asked, so that it need not give up the port."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from hanlogger.detect import Hearing
from hanlogger.doctor.context import PortContext
from hanlogger.doctor.diagnosis import TCP, diagnose_octets, diagnose_silence
from hanlogger.doctor.finding import Finding, note_warning, note_well
from hanlogger.doctor.history import format_host_time, load_recent_frames
from hanlogger.model import Chunk
from hanlogger.sources import LineSettings
from hanlogger.status.state import MeterState

POLL_SECONDS = 0.2  # between two looks at the logger's state
OVERDUE_SECONDS = 60.0  # without a telegram after which a meter is silent, if its interval is not known


def judge_by_logger(context: PortContext, seen: MeterState) -> Finding:
    """Return whether the running logger hears telegrams, octets without telegrams, or nothing."""
    seen = _await_hearing(context, seen)
    if _is_heard(seen) and seen.last is not None:
        load_recent_frames(context)
        return note_well(
            "telegrams-by-logger",
            context.name,
            port=seen.port,
            line=seen.line or _describe_link(seen.port),
            last=format_host_time(seen.last),
        )
    hearings = [_make_hearing(line, bytes.fromhex(octets)) for line, octets in seen.unread.items() if octets]
    return (
        diagnose_octets(context.port, context.name, hearings)
        if hearings
        else diagnose_silence(context, _measure_listening(context, seen))
    )


def judge_waiting(seen: MeterState) -> Finding:
    """Return why the running logger has not opened the port, in its own words."""
    return note_warning("port-waits", seen.name, port=seen.port, words=seen.words or "–")


def judge_undoubted(context: PortContext) -> Finding:
    """Return that the running logger doubts no scale, without a look through the journal, which takes seconds."""
    return note_well("scale-undoubted", context.name)


def _await_hearing(context: PortContext, seen: MeterState) -> MeterState:
    """Return what the logger reports, after it has heard a telegram or listened for `context.host.wait` seconds."""
    while not _is_heard(seen) and _measure_listening(context, seen) < context.host.wait:
        time.sleep(POLL_SECONDS)
        running = context.host.running
        if running is None:
            break
        seen = next((meter for meter in running.meters if meter.name == context.name), seen)
    return seen


def _is_heard(seen: MeterState) -> bool:
    limit = max(OVERDUE_SECONDS, 6 * (seen.interval or 0))
    return seen.last is not None and (datetime.now(UTC) - seen.last).total_seconds() < limit


def _measure_listening(context: PortContext, seen: MeterState) -> float:
    """Return for how many seconds the logger has heard no telegram, counted from its start at the earliest."""
    running = context.host.running
    since = [at for at in (running.started if running else None, seen.last) if at is not None]
    return (datetime.now(UTC) - max(since)).total_seconds() if since else context.host.wait


def _describe_link(port: str) -> str:
    return TCP if "://" in port else "–"


def _make_hearing(line: str, octets: bytes) -> Hearing:
    """Return a hearing of the octets in which the logger found no telegram. line: its settings, or "" for a bridge."""
    hearing = Hearing(LineSettings.parse(line) if line else None)
    hearing.take(Chunk(octets, datetime.now(UTC)))
    hearing.end()
    return hearing
