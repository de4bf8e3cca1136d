"""What a port gives while somebody listens."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from hanlogger.framing import Framer
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.sources import LineSettings, Port, open_port

SAMPLE = 4096  # octets kept for a look at them
MOST_FRAMES = 100  # frames, and bad ones
POLL = 0.2  # seconds: how soon a stop is noticed


class Hearing:
    """Octets and what was found in them."""

    def __init__(self, line: LineSettings | None = None) -> None:
        self.line = line  # with which the port was opened; None: it has no settings
        self.lasted = 0.0  # seconds
        self.octets = 0
        self.sample = bytearray()  # the first of them
        self.frames: list[Frame] = []
        self.bad: list[BadFrame] = []
        self._framer = Framer()

    def take(self, chunk: Chunk) -> None:
        """Octets, if any."""
        if chunk.data:
            self._take(chunk)

    def end(self) -> None:
        """Nothing more will come: what is unfinished is bad."""
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
        """Frames with a good checksum."""
        return sum(frame.verified for frame in self.frames)

    @property
    def score(self) -> tuple[int, int]:
        """Which of two is better: frames with a good checksum, then frames by their form."""
        return self.verified, len(self.frames)

    @property
    def seven_bits(self) -> bool:
        """Whether the frames came with a parity in bit 7."""
        return any(frame.format == "p1" and frame.data[0] > 0x7F for frame in self.frames)


def hear(
    port: Port,
    seconds: float,
    enough: Callable[[Hearing], bool],
    stop: threading.Event | None = None,
    heard: Callable[[Hearing], None] = lambda _: None,
) -> Hearing:
    """Listen until it is `enough`, but no longer than that; SourceError when the port cannot be read.

    heard: is called several times a second, to show how it goes.
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
