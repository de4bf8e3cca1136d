"""A meter on a TCP port that repeats nothing, and what must stand in the database of what it sent."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hanlogger.journal import Journal
from hanlogger.simulate import simulate_telegrams
from tests.support.logger import Logger
from tests.support.servers import Bucket

SOAK = int(os.environ.get("HANLOGGER_SOAK", "0"))
"""Rounds or seconds of the long form; 0: the short one, which belongs to every run of the tests."""

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVERY = timedelta(seconds=10)  # by the meter's clock
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ROW = re.compile(rb"(\d-\d:[\d.]+)\((-?[\d.]+)\*(k?)\w+\)")

Point = tuple[str, int]  # OBIS code, ms


class Meter:
    """Sends a telegram every `pause` seconds to whoever is connected; what is lost on the way is lost."""

    def __init__(self, pause: float) -> None:
        self.sent: list[bytes] = []  # without the line end, as the journal keeps them
        self._pause = pause
        self._telegrams = simulate_telegrams(1, START, every=EVERY)
        self._lock = threading.Lock()
        self.silent = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while not self.silent.wait(self._pause):
                connection.sendall(self._next())

    def _next(self) -> bytes:
        with self._lock:
            _, octets = next(self._telegrams)
            self.sent.append(octets.rstrip())
            return octets


def to(server_url: str, token: Path, journal: Path) -> dict[str, str]:
    """The environment of a logger. The simulated clock is not that of today."""
    return {
        "HANLOGGER_INFLUXDB_URL": server_url,
        "HANLOGGER_INFLUXDB_TOKEN_FILE": str(token),
        "HANLOGGER_JOURNAL": str(journal),
        "HANLOGGER_CLOCK_LIMIT": "off",
    }


def expected(frames: Iterable[bytes]) -> dict[Point, float]:
    """Each row of each telegram, by a reading of its own: one line of regular expression, not what is tested."""
    points = {}
    for frame in frames:
        local = re.search(rb"0-0:1\.0\.0\((\d{12})W\)", frame)
        assert local is not None
        time = datetime.strptime(local[1].decode(), "%y%m%d%H%M%S").replace(tzinfo=UTC) - timedelta(hours=1)
        at = (time - EPOCH) // timedelta(milliseconds=1)
        for code, number, kilo in ROW.findall(frame):
            points[code.decode(), at] = float(Decimal(number.decode()).scaleb(3 if kilo else 0))
    return points


def stored(bucket: Bucket) -> dict[Point, float]:
    """Every point of the meter but what hanlogger adds: net power, the clock's offset, energy by interval."""
    found = {}
    for row in bucket.query("SHOW MEASUREMENTS"):
        if row["name"] not in ("hanlogger", "clock_offset", "energy_interval"):
            for point in bucket.query(f'SELECT obis, value FROM "{row["name"]}"'):
                if point["obis"] != "1-0:16.7.0":
                    found[point["obis"], point["time"]] = point["value"]
    return found


def recorded(path: Path) -> list[bytes]:
    with Journal.open(path, read_only=True) as journal:
        return [record.data for record in journal.records.read_frames()]


def delivered(path: Path, running: Logger) -> bool:
    """Whether all that is recorded is delivered, as the logger says; its journal says so a minute later."""
    with Journal.open(path, read_only=True) as journal:
        kept = journal.counters.get_all()["home"]["frames"]
    state = running.state
    return bool(state and state.meters[0].counts.get("frames") == kept and not state.destinations[0].waiting)
