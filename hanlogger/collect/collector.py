"""The thread that reads a port for ever, and opens it again whenever it fails or falls silent."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from datetime import UTC, datetime
from typing import Literal, Self

from hanlogger.collect.intake import Intake, OnFrame
from hanlogger.collect.line_finder import LineFinder
from hanlogger.collect.recent_octets import RecentOctets
from hanlogger.collect.recorder import Recorder
from hanlogger.collect.silence import SilenceWatch
from hanlogger.detect import LISTEN
from hanlogger.errors import PortSilent, SourceError
from hanlogger.framing import Framer
from hanlogger.heartbeat import Heartbeat
from hanlogger.hostclock import HOST, HostClock
from hanlogger.journal import Journal
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.sources import (
    AUTO,
    LineSettings,
    Port,
    Source,
    find_device_path,
    has_device,
    list_adapters,
    open_port,
    resolve_auto,
)

POLL = 0.7  # seconds: how long a stop may go unnoticed; each look wakes the processor up
GLANCE = 0.2  # seconds between two looks for a missing device
QUIET = 5.0  # seconds without an octet after which the rest of a frame will not come
LONGEST_PAUSE = 60.0  # seconds between two attempts to open a port

State = Literal["waiting", "open", "silent", "ended"]
"""waiting: cannot be opened now; open: is read; silent: no telegram comes; ended: a file has been read."""

log = logging.getLogger(__name__)


class Collector(threading.Thread):
    """Reads one port. Any thread may read its attributes."""

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
        """Make the thread. `on_frame` is called with each frame; `listen`: seconds for each line setting."""
        super().__init__(name=f"port of {port.meter.name}", daemon=True)
        self.port = port
        self.state: State = "waiting"
        self.words = ""  # why the port is waiting, or what is tried
        self.recent = RecentOctets()
        self.silence = SilenceWatch(port.silence)
        self.heartbeat = Heartbeat()
        self.line_finder = LineFinder(port, journal, listen)
        self._recorder = recorder
        self._intake = Intake(port, journal, recorder.record, on_frame, clock)
        self._stopped = stop
        self._framer = Framer()
        self._octet_at = 0.0
        self._failures = 0
        self._told: set[str] = set()  # what was logged since the last telegram, so that nothing is logged twice

    @property
    def line(self) -> LineSettings | None:
        """The line settings with which the port is open; None where it has none."""
        return self.line_finder.line

    @property
    def meters(self) -> list[Self]:
        """The meters behind the port: its one, of which this object tells all."""
        return [self]

    def run(self) -> None:
        """Open the port, read it, and open it again, until `stop` is set."""
        while not self._stopped.is_set():
            try:
                with contextlib.closing(open_port(self.line_finder.with_line(resolve_auto(self.port)))) as source:
                    self._begin()
                    self._listen(source)
            except SourceError as error:
                self._close_failed(error)
                self._pause()

    def _begin(self) -> None:
        self._flush()
        if self.state != "silent":
            self.state, self.words = "open", self.line_finder.words
        self.silence.note_opened(time.monotonic())
        self.line_finder.note_opened(time.monotonic())
        self._tell(logging.INFO, f"reads {self.port.url}")

    def _listen(self, source: Source) -> None:
        """Read until `stop` is set, or the port is to be opened with other line settings; SourceError when it fails."""
        while not self._stopped.is_set() and not self.line_finder.must_change(time.monotonic()):
            self.heartbeat.beat()
            if not self._recorder.has_room(self.port.meter.name, POLL):
                continue  # the port's telegrams come faster than they can be recorded
            chunk, now = source.read(POLL), time.monotonic()
            if chunk.data:
                self._octet_at = now
                self._feed(chunk)
            elif self._framer.waiting and now - self._octet_at > QUIET:
                self._feed(chunk)
            if not self.line_finder.searching and self.silence.must_reopen(now):
                raise PortSilent(f"{self.port.url} gives no telegram; it is opened again and again")

    def _flush(self) -> None:
        """Let the framer give up an unfinished frame, whose rest will not come."""
        self._feed(Chunk(b"", datetime.now(UTC)))

    def _feed(self, chunk: Chunk) -> None:
        self.recent.add(self.line_finder.line, chunk.data)
        noise = self._framer.noise
        self._take(self._framer.feed(chunk))
        self._intake.count_noise(self._framer.noise - noise)

    def _take(self, events: list[Frame | BadFrame]) -> None:
        for _ in range(self._intake.take(events)):
            self.silence.note_telegram(time.monotonic())
            self.line_finder.note_telegram()
            self.recent.clear()
            self._failures, self.state, self.words = 0, "open", ""
            if self._told:
                self._told.clear()
                log.info("%s: telegrams come", self.port.meter.name)

    def _close_failed(self, error: SourceError) -> None:
        self._flush()
        self.state, self.words = "silent" if isinstance(error, PortSilent) else "waiting", str(error)
        self._failures += 1
        self._tell(logging.WARNING, self.words)

    def _tell(self, level: int, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            log.log(level, "%s: %s", self.port.meter.name, words)

    def _pause(self) -> None:
        """Wait for the next attempt: 1 s to a minute, with jitter; for a missing device until it is back."""
        longest = min(LONGEST_PAUSE, 2.0 ** min(self._failures - 1, 10))
        until = time.monotonic() + longest * random.uniform(0.75, 1)  # noqa: S311 nothing secret
        missing = self._is_missing()
        while (missing or time.monotonic() < until) and not self._stopped.wait(GLANCE):
            self.heartbeat.beat()
            if missing and not self._is_missing():
                self._failures = 0  # the device may not be ready yet: then the next attempt follows soon
                return
            missing = self._is_missing()

    def _is_missing(self) -> bool:
        if self.port.url == AUTO:
            return not list_adapters()
        return not self.port.scheme and not has_device(find_device_path(self.port.url))
