"""States of a logger as Home Assistant is told of them, made from real messages of simulated meters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hanlogger.framing import find_all
from hanlogger.model import Frame, Meter
from hanlogger.running.latest import Latest
from hanlogger.simulate import DIALECTS, House
from hanlogger.sources import Port
from hanlogger.status.state import JournalState, MeterState, State

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUSE = House(1, START)


def meter(dialect: str = "p1-sagemcom", name: str = "home", at: datetime = START, **changes: Any) -> MeterState:
    """A meter whose messages of this dialect have just come."""
    latest = Latest(Port("/dev/ttyUSB0", Meter(name, clock_limit=None)))
    for push in DIALECTS[dialect].pushes:
        for frame in find_all(push.encode(HOUSE.compute_state(START)), at):
            assert isinstance(frame, Frame)
            latest.note_frame(frame)
    latest.update()
    known = MeterState(name, "/dev/ttyUSB0", "open", last=at, interval=10.0, registers=latest.registers)
    return replace(known, **changes)


def state(*meters: MeterState, at: datetime = START, started: datetime | None = None) -> State:
    """A logger that has run for an hour, unless another start is given."""
    return State("1", 1, "cellar", started or at - timedelta(hours=1), at, JournalState("journal.sqlite3"), meters)
