"""The thread that reads a file or standard input to its end, and records what it has read before it reads on."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Literal, Self

from hanlogger.collect.intake import Intake, OnFrame
from hanlogger.collect.recent_octets import RecentOctets
from hanlogger.collect.silence import SilenceWatch
from hanlogger.errors import CaptureError, JournalUnavailable, SourceError
from hanlogger.framing import Framer, begins_as_hex, find_all
from hanlogger.humanize import count_telegrams
from hanlogger.journal import Entry, Journal
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.recordings.capture import is_capture, read_chunks
from hanlogger.sources import Port
from hanlogger.sources.file import FileSource

WHOLE = 16 * 1024 * 1024  # octets: up to this size a file is read as one, and may be hex text or a bare APDU
HEAD_QUIET = 1.0  # seconds without an octet after which standard input is read as a stream
POLL = 0.5  # seconds
BATCH = 500  # frames that are appended at once
RETRY_SECONDS = 1.0

NO_TELEGRAM = "{}: found no whole telegram; allowed: a capture, raw octets or hex text of a meter's messages"

log = logging.getLogger(__name__)


class FiniteCollector(threading.Thread):
    """Reads one port to its end. Any thread may read its attributes."""

    def __init__(self, port: Port, journal: Journal, stop: threading.Event, on_frame: OnFrame) -> None:
        super().__init__(name=f"port of {port.meter.name}", daemon=True)
        self.port = port
        self.state: Literal["open", "ended"] = "open"
        self.words = ""  # why the file could not be read to its end
        self.line = None
        self.lost = 0  # telegrams that the journal did not take before the stop
        self.recent = RecentOctets()
        self.silence = SilenceWatch()
        self._journal, self._stopped = journal, stop
        self._intake = Intake(port, journal, self._append, on_frame)

    @property
    def meters(self) -> list[Self]:
        """The meters behind the port: its one, of which this object tells all."""
        return [self]

    def run(self) -> None:
        """Read the port to its end, or until `stop` is set."""
        log.info("%s: reads %s", self.port.meter.name, self.port.url)
        frames = 0
        try:
            with contextlib.closing(FileSource(self.port)) as source:
                for events in self._read_events(source):
                    frames += self._intake.take(events)
        except (SourceError, CaptureError) as error:
            self.words = str(error)
            log.error("%s: %s", self.port.meter.name, error)  # noqa: TRY400 the sentence says all
        else:
            self._check_for_none(frames)
        self.state = "ended"
        log.info("%s: %s has ended: %s", self.port.meter.name, self.port.url, count_telegrams(frames))

    def _check_for_none(self, frames: int) -> None:
        """Say it where a port that was read to its end gave no telegram: most likely it is the wrong file."""
        if not frames and not self._stopped.is_set():
            self.words = NO_TELEGRAM.format(self.port.url)
            log.error("%s: %s", self.port.meter.name, self.words)

    def _read_events(self, source: FileSource) -> Iterator[list[Frame | BadFrame]]:
        head = self._read_head(source)
        if is_capture(head.data):
            yield from self._read_capture(head, source)
            return
        if source.ended:
            yield find_all(head.data, head.received_at)
            return
        framer, chunk = Framer(), head
        while not self._stopped.is_set():
            if chunk.data or source.ended:
                yield framer.feed(chunk)
            if source.ended:
                return self._intake.count_noise(framer.noise)
            chunk = source.read(POLL)

    def _read_capture(self, head: Chunk, source: FileSource) -> Iterator[list[Frame | BadFrame]]:
        """Yield what the chunks of a capture hold, at their recorded arrival times."""
        self._intake.captured = True
        framer, last = Framer(), head.received_at
        page: list[Frame | BadFrame] = []
        try:
            for chunk in read_chunks(self._read_lines(head, source), self.port.url):
                page, last = page + framer.feed(chunk), chunk.received_at
                if len(page) >= BATCH:
                    yield page
                    page = []
        except CaptureError:
            yield page  # what was whole before the damage
            raise
        yield page + framer.feed(Chunk(b"", last))
        self._intake.count_noise(framer.noise)

    def _read_lines(self, head: Chunk, source: FileSource) -> Iterator[str]:
        octets = head.data
        while not (source.ended or self._stopped.is_set()):
            *lines, octets = octets.split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
            octets += source.read(POLL).data
        if source.ended:
            yield from octets.decode("utf-8", "replace").split("\n")

    def _read_head(self, source: FileSource) -> Chunk:
        """Return a file whole, unless it is larger than WHOLE; of standard input what comes without a pause.

        Hex text is only read as a whole, so a pause does not end it.
        """
        data = bytearray()
        while True:
            chunk = source.read(HEAD_QUIET if data else POLL)
            data += chunk.data
            paused = bool(data) and not chunk.data and not begins_as_hex(bytes(data))
            if source.ended or paused or len(data) > WHOLE or self._stopped.is_set():
                return Chunk(bytes(data), chunk.received_at)

    def _append(self, entries: Sequence[Entry]) -> None:
        """Append frames, and try again for as long as that takes: a file can wait, unlike a port."""
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            while not self._try_append(batch):
                if self._stopped.wait(RETRY_SECONDS):
                    self._drop(batch)
                    break

    def _drop(self, entries: Sequence[Entry]) -> None:
        self.lost += len(entries)
        self._journal.counters.count(self.port.meter.name, "dropped", len(entries))

    def _try_append(self, entries: Sequence[Entry]) -> bool:
        try:
            self._journal.records.append(entries)
        except JournalUnavailable as error:
            if str(error) != self.words:
                log.error("%s: %s; it is tried again", self.port.meter.name, error)  # noqa: TRY400
            self.words = str(error)
            return False
        self.words = ""
        return True
