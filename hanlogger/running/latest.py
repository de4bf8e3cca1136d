"""What a meter said last: the newest value of every register, whichever of its telegrams brought it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.hostclock import HOST
from hanlogger.model import Frame, Register
from hanlogger.points.derived import derive_registers
from hanlogger.points.timestamp import Replaced, resolve_timestamp
from hanlogger.running.doubts import Doubts
from hanlogger.sources import Port
from hanlogger.status.state import RegisterState

MOST_FRAMES = 16  # frames between two looks: a live meter sends at most a few
SHOWN = 500  # registers of a meter: twice what the richest telegrams have
LONGEST = 256  # characters of a text that is shown
log = logging.getLogger(__name__)

CLOCK_WORDS: dict[Replaced, str] = {
    "impossible": "the meter's clock has never been set: the time of receipt is used",
    "limit": "the meter's clock is too far off: the time of receipt is used",
}


class Latest:
    """Of one meter. `heard` may be called by any thread, `update` by one."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._new: deque[Frame] = deque(maxlen=MOST_FRAMES)
        self.at: datetime | None = None
        self.offset: timedelta | None = None  # the meter's clock less the host's
        self.words = ""  # why its telegrams say nothing
        self.registers: dict[str, RegisterState] = {}  # the first SHOWN that came
        self.unshown = 0  # values of others
        self._doubts = Doubts(port.meter.name)

    def heard(self, frame: Frame) -> None:
        """Cheap: the port goes on reading."""
        self._new.append(frame)

    def update(self) -> None:
        """Decode what came since."""
        came = bool(self._new)
        while self._new:
            self._take(self._new.popleft())
        if came:
            self._doubts.judge()

    @property
    def doubts(self) -> Mapping[str, str]:
        """Settings that are probably wrong, and what says so."""
        return self._doubts.found

    def _take(self, frame: Frame) -> None:
        self.at = frame.received_at
        try:
            self._read(frame)
        except DecodeError as error:
            self.words = str(error)[:LONGEST]
        except Exception as error:  # what is shown never stops what is recorded
            log.exception("%s: a telegram cannot be shown", self._port.meter.name)
            self.words = f"a fault of hanlogger's: {error!r}"[:LONGEST]

    def _read(self, frame: Frame) -> None:
        reading = decode(frame, self._port.meter, self._port.keys)
        when = resolve_timestamp(
            reading, self._port.meter, frame.received_at, judge=not self._port.ends and HOST.is_set
        )
        self.words = CLOCK_WORDS.get(when.replaced, "")
        if when.offset is not None and not reading.hourly:
            self.offset = when.offset
        if not self._port.ends:  # what a file says was not received as it was sent
            self._doubts.feed(reading, frame.received_at, None if reading.hourly else when.offset)
        for register in (*reading.registers, *derive_registers(reading)):
            self._show(register, frame.received_at)

    def _show(self, register: Register, at: datetime) -> None:
        """In a bounded place: the state is written each second."""
        code = str(register.obis)
        if code in self.registers or len(self.registers) < SHOWN:
            self.registers[code] = RegisterState(str(register.value)[:LONGEST], register.unit, at)
        else:
            self.unshown += 1
