"""What the running logger hears: it has the port, and is not disturbed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from hanlogger.detect import Hearing
from hanlogger.doctor.case import Case
from hanlogger.doctor.finding import Finding, well
from hanlogger.doctor.past import recall, shown
from hanlogger.doctor.verdict import TCP, silent, verdict
from hanlogger.model import Chunk
from hanlogger.sources import LineSettings
from hanlogger.status.state import MeterState

GLANCE = 0.2  # seconds
OVERDUE = 60.0  # seconds without a telegram, of a meter whose interval is not known


def by_logger(case: Case, seen: MeterState) -> Finding:
    """Telegrams, octets without any, or nothing."""
    seen = _patiently(case, seen)
    if _hears(seen) and seen.last is not None:
        recall(case)
        return well("telegrams-by-logger", case.name, port=seen.port, line=seen.line or TCP, last=shown(seen.last))
    hearings = [_unread(line, bytes.fromhex(octets)) for line, octets in seen.unread.items() if octets]
    return verdict(case.port, case.name, hearings) if hearings else silent(case, _listened(case, seen))


def _patiently(case: Case, seen: MeterState) -> MeterState:
    """What it hears, once it has listened long enough for its silence to mean something."""
    while not _hears(seen) and _listened(case, seen) < case.host.wait:
        time.sleep(GLANCE)
        running = case.host.running
        if running is None:
            break
        seen = next((meter for meter in running.meters if meter.name == case.name), seen)
    return seen


def _hears(seen: MeterState) -> bool:
    limit = max(OVERDUE, 6 * (seen.interval or 0))
    return seen.last is not None and (datetime.now(UTC) - seen.last).total_seconds() < limit


def _listened(case: Case, seen: MeterState) -> float:
    """Seconds without a telegram, as far as this logger knows."""
    running = case.host.running
    since = [at for at in (running.started if running else None, seen.last) if at is not None]
    return (datetime.now(UTC) - max(since)).total_seconds() if since else case.host.wait


def _unread(line: str, octets: bytes) -> Hearing:
    """What the logger could not read."""
    hearing = Hearing(LineSettings.parse(line) if line else None)
    hearing.take(Chunk(octets, datetime.now(UTC)))
    hearing.end()
    return hearing
