"""Reads at the times at which they came, or faster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from hanlogger.model import Chunk
from hanlogger.recordings.replay.outputs import Output


class Played(NamedTuple):
    """Octets that were given to a listener, and that nobody listened to."""

    octets: int
    lost: int


def play(
    chunks: Iterable[Chunk],
    out: Output,
    stop: threading.Event,
    *,
    speed: float = 1.0,
    begin: datetime | None = None,
    shown: Callable[[Chunk], None] | None = None,
) -> Played:
    """Give each read when it is due, until the end or until `stop` is set.

    begin: the time of the recording at which playing begins; without one, that of its first read.
    speed: how many times as fast as the reads came; 0: as fast as they are taken. A slow listener is waited for.
    """
    begun = time.monotonic()
    octets = lost = 0
    for chunk in chunks:
        begin = begin or chunk.received_at
        due = begun + (chunk.received_at - begin).total_seconds() / speed if speed else begun
        if stop.wait(min(max(0.0, due - time.monotonic()), threading.TIMEOUT_MAX)):
            break
        given = out.write(chunk.data, stop)
        octets, lost = octets + given, lost + len(chunk.data) - given
        if shown is not None:
            shown(chunk)
    return Played(octets, lost)
