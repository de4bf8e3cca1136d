"""Listen to a port for some seconds with one line setting."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from hanlogger.framing import Framer
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.sources import LineSettings, Port, open_port

SAMPLE = 4096  # octets that are kept for a diagnosis
MOST_FRAMES = 100  # that are kept, and as many bad ones
POLL = 0.2  # seconds: how soon a stop is noticed


class Hearing:
    """The octets that came with one line setting, and the frames that were found in them."""

    def __init__(self, line: LineSettings | None = None) -> None:
        self.line = line  # with which the port was opened; None: it has no settings
        self.lasted = 0.0  # seconds of listening
        self.octets = 0
        self.sample = bytearray()  # the first octets
        self.frames: list[Frame] = []
        self.bad: list[BadFrame] = []
        self._framer = Framer()

    def take(self, chunk: Chunk) -> None:
        """Add octets; an empty chunk changes nothing."""
        if chunk.data:
            self._take(chunk)

    def end(self) -> None:
        """Count an unfinished frame as bad, as nothing more will come."""
        self._take(Chunk(b"", datetime.now(UTC)))

    def _take(self, chunk: Chunk) -> None:
        self.octets += len(chunk.data)
        self.sample += chunk.data[: SAMPLE - len(self.sample)]
        for event in self._framer.feed(chunk):
            if isinstance(event, Frame):
                self.frames.append(event)
            else:
                self.bad.append(event)
        del self.frames[MOST_FRAMES:], self.bad[MOST_FRAMES:]

    @property
    def verified(self) -> int:
        """The number of frames with a good checksum."""
        return sum(frame.verified for frame in self.frames)

    @property
    def score(self) -> tuple[int, int]:
        """The greater, the better: the number of frames with a good checksum, then of all frames."""
        return self.verified, len(self.frames)

    @property
    def seven_bits(self) -> bool:
        """Whether the frames have a parity in bit 7, so that the meter sends 7E1."""
        return any(frame.format == "p1" and frame.data[0] > 0x7F for frame in self.frames)


def hear(
    port: Port,
    seconds: float,
    enough: Callable[[Hearing], bool],
    stop: threading.Event | None = None,
    heard: Callable[[Hearing], None] = lambda _: None,
) -> Hearing:
    """Open a port and listen for `seconds`, or until `enough` returns True for what has come, or `stop` is set.

    `heard` is called several times a second with what has come. SourceError when the port cannot be read.
    """
    hearing = Hearing(port.line if port.has_line else None)
    started = time.monotonic()
    until = started + seconds
    with contextlib.closing(open_port(port)) as source:
        while not enough(hearing) and (left := until - time.monotonic()) > 0 and not (stop and stop.is_set()):
            hearing.take(source.read(min(POLL, left)))
            heard(hearing)
    hearing.end()
    hearing.lasted = time.monotonic() - started
    return hearing
