"""The newest value of every register of a meter, whichever of its telegrams brought it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.hostclock import HOST
from hanlogger.model import Frame, Obis, Register
from hanlogger.points.derived import derive_registers
from hanlogger.points.timestamp import Replaced, resolve_timestamp
from hanlogger.running.doubts import Doubts
from hanlogger.sources import Port
from hanlogger.status.state import RegisterState

MOST_FRAMES = 16  # that wait for `update`: a live meter sends a few each second at most
SHOWN = 500  # registers of a meter: twice as many as the richest telegrams have
LONGEST = 256  # characters of a text that is shown
log = logging.getLogger(__name__)

CLOCK_WORDS: dict[Replaced, str] = {
    "impossible": "the meter's clock has never been set: the arrival time is used",
    "limit": "the meter's clock is too far off: the arrival time is used",
}


@lru_cache(maxsize=4096)
def _write_code(obis: Obis) -> str:
    """Return a code as the meter sent it; most meters send the same ones each time."""
    return str(obis)


class Latest:
    """The newest values of one meter. Any thread may call `note_frame`, one thread calls `update`."""

    def __init__(self, port: Port) -> None:
        self._port = port
        # What a broker hands over may have waited there for days: its clock is compared, and never replaced.
        self._meter = port.meter if port.live else replace(port.meter, clock_limit=None)
        self._new: deque[Frame] = deque(maxlen=MOST_FRAMES)
        self.at: datetime | None = None
        self.offset: timedelta | None = None  # the meter's clock less the host's
        self.words = ""  # why the telegrams cannot be shown, or what is wrong with their clock
        self.registers: dict[str, RegisterState] = {}  # by OBIS code; the first SHOWN that came
        self.unshown = 0  # values of further registers
        self._doubts = Doubts(port.meter.name)

    def note_frame(self, frame: Frame) -> None:
        """Keep a frame for `update`; this takes no time, so that the port can be read on."""
        self._new.append(frame)

    def update(self) -> None:
        """Decode the frames that have come since the last update."""
        came = bool(self._new)
        while self._new:
            self._take(self._new.popleft())
        if came:
            self._doubts.judge()

    @property
    def doubts(self) -> Mapping[str, str]:
        """Settings that are probably wrong, with what they should be (see `Doubts.found`)."""
        return self._doubts.found

    def _take(self, frame: Frame) -> None:
        self.at = frame.received_at
        try:
            self._decode(frame)
        except DecodeError as error:
            self.words = str(error)[:LONGEST]
        except Exception as error:  # what is shown never stops what is recorded
            log.exception("%s: a telegram cannot be shown", self._port.meter.name)
            self.words = f"a fault of hanlogger's: {error!r}"[:LONGEST]

    def _decode(self, frame: Frame) -> None:
        reading = decode(frame, self._port.meter, self._port.keys)
        judge = not self._port.ends and HOST.is_set
        when = resolve_timestamp(reading, self._meter, frame.received_at, judge=judge)
        self.words = CLOCK_WORDS.get(when.replaced, "")
        if when.offset is not None and not reading.hourly:
            self.offset = when.offset
        if not self._port.ends:  # a file was not received while the meter sent it
            self._doubts.feed(reading, frame.received_at, None if reading.hourly else when.offset)
        for register in (*reading.registers, *derive_registers(reading)):
            self._show(register, frame.received_at)

    def _show(self, register: Register, at: datetime) -> None:
        """Keep a register's value for the state, which is written each second and so must stay small."""
        code = _write_code(register.obis)
        if code in self.registers or len(self.registers) < SHOWN:
            self.registers[code] = RegisterState(str(register.value)[:LONGEST], register.unit, at)
        else:
            self.unshown += 1
