"""Readings of registers, telegrams that say them, and the intervals of a journal as texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hanlogger.intervals import Span
from hanlogger.intervals.levels import Level
from hanlogger.journal import Entry
from hanlogger.journal.model import EXPORT, IMPORT, to_ms
from hanlogger.model import Frame, Meter
from tests.support.octets import with_checksum

DAY = datetime(2026, 2, 2, tzinfo=UTC)
HOME = Meter("home", clock_limit=None)


def at(clock: str) -> datetime:
    """A time of DAY, in UTC: `8:15` or `8:15:10`."""
    hours, minutes, seconds = (*map(int, clock.split(":")), 0)[:3]
    return DAY + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def level(clock: str, value: int, device: int = 0) -> Level:
    return Level(to_ms(at(clock)), Decimal(value), device)


def both(*levels: tuple[str, int, int]) -> dict[int, list[Level]]:
    """Levels of both directions: clock, import, export."""
    return {
        IMPORT: [level(clock, taken) for clock, taken, _ in levels],
        EXPORT: [level(clock, given) for clock, _, given in levels],
    }


def told(spans: Iterable[Span]) -> list[str]:
    """Each span as `08:00-08:15 250 0 measured`."""
    return [f"{each.start:%H:%M}-{each.end:%H:%M} {each.imported} {each.exported} {each.quality}" for each in spans]


def telegram(time: datetime, imported: int, exported: int = 0, more: str = "") -> bytes:
    """A P1 telegram with its checksum, of a meter whose clock is UTC+1."""
    clock = (time + timedelta(hours=1)).strftime("%y%m%d%H%M%S")
    energies = f"1-0:1.8.0({imported / 1000:012.3f}*kWh)\r\n1-0:2.8.0({exported / 1000:012.3f}*kWh)\r\n"
    body = f"/ABC5energy\r\n\r\n0-0:1.0.0({clock}W)\r\n{energies}{more}!".encode()
    return with_checksum(body).rstrip()


def entry(time: datetime, imported: int, exported: int = 0, *, meter: Meter = HOME, late: float = 0.0) -> Entry:
    """A telegram that came `late` seconds after the time that it says."""
    arrival = time + timedelta(seconds=late)
    return Entry(Frame("p1", telegram(time, imported, exported), arrival), meter)
