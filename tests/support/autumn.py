"""Telegrams of the autumn night in which the hour from 02:00 comes twice, by a clock of legal time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hanlogger.journal import Entry
from hanlogger.model import Frame, Meter
from tests.support.journals import SECOND
from tests.support.octets import telegram

OSLO = ZoneInfo("Europe/Oslo")
LOCAL = Meter("home", clock="local", clock_limit=None)
BEFORE = datetime(2026, 10, 24, 23, 40, tzinfo=UTC)  # 01:40 summer time: 02:00 to 02:59 comes at 00:00Z and 01:00Z
READ_AT = datetime(2026, 12, 1, tzinfo=UTC)
TIMES = [BEFORE + number * timedelta(minutes=10) for number in range(18)]


def from_file(number: int, time: datetime, *, live: bool = False) -> Entry:
    """A telegram of this time as it is imported from a file, read `number` seconds after the first."""
    clock = time.astimezone(OSLO).strftime("%y%m%d%H%M%S")
    octets = telegram(f"0-0:1.0.0({clock}W)", "1-0:32.7.0(230.1*V)")
    return Entry(Frame("p1", octets, time if live else READ_AT + number * SECOND), LOCAL, live=live)
