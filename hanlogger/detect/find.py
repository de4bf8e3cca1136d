"""Trying one setting after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from hanlogger.detect.hearing import Hearing, hear
from hanlogger.detect.search import CANDIDATES, LISTEN
from hanlogger.sources import LineSettings, Port


class Detection(NamedTuple):
    """What was heard with each setting that was tried."""

    hearings: tuple[Hearing, ...]

    @property
    def best(self) -> Hearing | None:
        """That with the most frames with a good checksum, else by form; None where none had any."""
        best = max(self.hearings, key=lambda hearing: hearing.score, default=None)
        return best if best and best.frames else None

    @property
    def octets(self) -> int:
        """With all settings together."""
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
    """Try all settings, `listen` seconds each, until one gives a frame with a good checksum; SourceError.

    A port that has no settings is listened to as it is. trying, heard, tried: are told what is done.
    """
    hearings: list[Hearing] = []
    for line in CANDIDATES if port.has_line else (None,):
        trying(line)
        hearings.append(hear(replace(port, line=line), listen, lambda hearing: hearing.verified > 0, stop, heard))
        tried(hearings[-1])
        if hearings[-1].verified or (stop and stop.is_set()):
            break
    return Detection(tuple(hearings))
