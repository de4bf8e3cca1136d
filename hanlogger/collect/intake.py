"""Pass on what a framer found: frames are recorded, damaged ones are counted and kept for reports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from hanlogger.framing import REASONS
from hanlogger.hostclock import HOST, HostClock, Marker
from hanlogger.journal import Damaged, Entry, Journal
from hanlogger.model import BadFrame, Frame
from hanlogger.sources import Port

OnFrame = Callable[[Port, Frame], None]

log = logging.getLogger(__name__)


class Intake:
    """The way of one port's frames into the journal."""

    def __init__(
        self,
        port: Port,
        journal: Journal,
        record: Callable[[Sequence[Entry]], None],
        on_frame: OnFrame,
        clock: HostClock = HOST,
    ) -> None:
        self._port, self._journal, self._record, self._on_frame = port, journal, record, on_frame
        self._marker = Marker(clock)
        self._damage_told = False
        self.captured = False  # True: frames of a capture, which came live once, at times that are known

    def take(self, events: Iterable[Frame | BadFrame], *, stale: bool = False) -> int:
        """Record frames and count damaged ones; return the number of frames.

        stale: nobody knows when they were sent, so they are not shown as what the meter says now.
        """
        frames = []
        for event in events:
            match event:
                case Frame():
                    frames.append(event)
                case BadFrame():
                    self._take_damaged(event)
        if frames:
            self._record([self._make_entry(frame) for frame in frames])
        for frame in frames if not stale else ():
            self._on_frame(self._port, frame)
        return len(frames)

    def count_noise(self, octets: int) -> None:
        """Count octets that belong to no frame."""
        self._count("noise", octets)

    def _make_entry(self, frame: Frame) -> Entry:
        if self.captured:
            return Entry(frame, self._port.meter)
        mark = self._marker.mark(frame.received_at, datetime.now(UTC))
        return Entry(frame, self._port.meter, self._port.live, mark.judged, mark.uptime)

    def _take_damaged(self, bad: BadFrame) -> None:
        name = self._port.meter.name
        self._journal.damaged.keep(Damaged(name, bad.received_at, bad.format or "", bad.reason, bad.data))
        self._count(bad.reason, 1)
        if bad.format is not None and not self._damage_told:
            self._damage_told = True
            log.warning("%s: a damaged telegram (%s); from now on such are only counted", name, REASONS[bad.reason])

    def _count(self, name: str, by: int) -> None:
        if by:
            self._journal.counters.count(self._port.meter.name, name, by)
