"""Try one line setting after the other on a port that nobody else reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from hanlogger.detect.hearing import Hearing, hear
from hanlogger.detect.search import CANDIDATES, LISTEN
from hanlogger.sources import LineSettings, Port


class Detection(NamedTuple):
    """What came with each of the line settings that were tried."""

    hearings: tuple[Hearing, ...]

    @property
    def best(self) -> Hearing | None:
        """The hearing with the most frames with a good checksum, else with the most frames; None without any frame."""
        best = max(self.hearings, key=lambda hearing: hearing.score, default=None)
        return best if best and best.frames else None

    @property
    def octets(self) -> int:
        """The number of octets that came with all settings together."""
        return sum(hearing.octets for hearing in self.hearings)


def find(
    port: Port,
    listen: float = LISTEN,
    *,
    stop: threading.Event | None = None,
    trying: Callable[[LineSettings | None], None] = lambda _: None,
    heard: Callable[[Hearing], None] = lambda _: None,
    tried: Callable[[Hearing], None] = lambda _: None,
) -> Detection:
    """Try all line settings, `listen` seconds each, until one gives a frame with a good checksum.

    A port that has no line settings is listened to once. `trying` is called before each setting, `heard` several times
    a second, `tried` after each setting. SourceError when the port cannot be read.
    """
    hearings: list[Hearing] = []
    for line in CANDIDATES if port.has_line else (None,):
        trying(line)
        hearings.append(hear(replace(port, line=line), listen, lambda hearing: hearing.verified > 0, stop, heard))
        tried(hearings[-1])
        if hearings[-1].verified or (stop and stop.is_set()):
            break
    return Detection(tuple(hearings))
