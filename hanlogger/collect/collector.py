"""A port that is read for ever: opened again whenever it fails or falls silent."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from datetime import UTC, datetime
from typing import Literal

from hanlogger.collect.intake import Intake, OnFrame
from hanlogger.collect.rhythm import Rhythm
from hanlogger.collect.tuning import Tuning
from hanlogger.collect.unread import Unread
from hanlogger.detect import LISTEN
from hanlogger.errors import PortSilent, SourceError
from hanlogger.framing import Framer
from hanlogger.heartbeat import Heartbeat
from hanlogger.hostclock import HOST, HostClock
from hanlogger.journal import Journal, Recorder
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.sources import AUTO, LineSettings, Port, Source, adapters, device_path, open_port, resolve_auto

POLL = 0.5  # seconds: how long a stop may go unnoticed
GLANCE = 0.2  # seconds between two looks for a device that is not there
QUIET = 5.0  # seconds without an octet, after which an unfinished frame will not be finished
LONGEST_PAUSE = 60.0  # seconds between two attempts to open a port

State = Literal["waiting", "open", "silent", "ended"]
"""waiting: it cannot be opened now · open: its octets are read · silent: no telegram comes · ended: a file is read."""

log = logging.getLogger(__name__)


class Collector(threading.Thread):
    """Reads one port. Its attributes may be read from any thread."""

    def __init__(
        self,
        port: Port,
        recorder: Recorder,
        journal: Journal,
        stop: threading.Event,
        on_frame: OnFrame,
        *,
        listen: float = LISTEN,
        clock: HostClock = HOST,
    ) -> None:
        """`listen`: seconds for each line setting that is tried."""
        super().__init__(name=f"port of {port.meter.name}", daemon=True)
        self.port = port
        self.state: State = "waiting"
        self.words = ""  # why it is waiting, or what it tries
        self.unread = Unread()
        self.rhythm = Rhythm(port.silence)
        self.heartbeat = Heartbeat()
        self.tuning = Tuning(port, journal, listen)
        self._recorder = recorder
        self._intake = Intake(port, journal, recorder.record, on_frame, clock)
        self._stopped = stop
        self._framer = Framer()
        self._octet_at = 0.0
        self._failures = 0
        self._told: set[str] = set()  # since telegrams came: nothing is said twice

    @property
    def line(self) -> LineSettings | None:
        """With which it is open."""
        return self.tuning.line

    def run(self) -> None:
        """Open, read, and open again."""
        while not self._stopped.is_set():
            try:
                with contextlib.closing(open_port(self.tuning.tuned(resolve_auto(self.port)))) as source:
                    self._opened()
                    self._listen(source)
            except SourceError as error:
                self._lost(error)
                self._pause()

    def _opened(self) -> None:
        self._quiet()
        if self.state != "silent":
            self.state, self.words = "open", self.tuning.words
        self.rhythm.opened(time.monotonic())
        self.tuning.opened(time.monotonic())
        self._tell(logging.INFO, f"reads {self.port.url}")

    def _listen(self, source: Source) -> None:
        """Until it is to be opened with other line settings."""
        while not self._stopped.is_set() and not self.tuning.in_vain(time.monotonic()):
            self.heartbeat.beat()
            if not self._recorder.has_room(self.port.meter.name, POLL):
                continue  # its own telegrams come faster than they can be recorded
            chunk, now = source.read(POLL), time.monotonic()
            if chunk.data:
                self._octet_at = now
                self._feed(chunk)
            elif self._framer.waiting and now - self._octet_at > QUIET:
                self._feed(chunk)
            if not self.tuning.searching and self.rhythm.silent(now):
                raise PortSilent(f"{self.port.url} gives no telegram; it is opened again and again")

    def _quiet(self) -> None:
        """What is unfinished now will not be finished."""
        self._feed(Chunk(b"", datetime.now(UTC)))

    def _feed(self, chunk: Chunk) -> None:
        self.unread.add(self.tuning.line, chunk.data)
        noise = self._framer.noise
        self._took(self._framer.feed(chunk))
        self._intake.noise(self._framer.noise - noise)

    def _took(self, events: list[Frame | BadFrame]) -> None:
        for _ in range(self._intake.take(events)):
            self.rhythm.telegram(time.monotonic())
            self.tuning.telegram()
            self.unread.clear()
            self._failures, self.state, self.words = 0, "open", ""
            if self._told:
                self._told.clear()
                log.info("%s: telegrams come", self.port.meter.name)

    def _lost(self, error: SourceError) -> None:
        self._quiet()
        self.state, self.words = "silent" if isinstance(error, PortSilent) else "waiting", str(error)
        self._failures += 1
        self._tell(logging.WARNING, self.words)

    def _tell(self, level: int, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            log.log(level, "%s: %s", self.port.meter.name, words)

    def _pause(self) -> None:
        """Until the next attempt: 1 s to a minute, with jitter; until it is back for a device that is not there."""
        longest = min(LONGEST_PAUSE, 2.0 ** min(self._failures - 1, 10))
        until = time.monotonic() + longest * random.uniform(0.75, 1)  # noqa: S311 nothing secret
        missing = self._missing()
        while (missing or time.monotonic() < until) and not self._stopped.wait(GLANCE):
            self.heartbeat.beat()
            if missing and not self._missing():
                self._failures = 0  # it may not be ready yet: then soon again
                return
            missing = self._missing()

    def _missing(self) -> bool:
        if self.port.url == AUTO:
            return not adapters()
        return not self.port.scheme and not device_path(self.port.url).exists()
