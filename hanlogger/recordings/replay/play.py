"""Playing reads to an output at the intervals at which they came, or faster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from hanlogger.model import Chunk
from hanlogger.recordings.replay.outputs import Output


class Played(NamedTuple):
    """The number of octets that a reader was given, and of those that were lost for want of one."""

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
    """Write each read to `out` when it is due, until the last one or until `stop` is set.

    begin: the time in the recording at which playing begins; without one, the time of the first read.
    speed: how many times as fast as the reads came; 0: as fast as the reader takes them.
    shown: is called after each read.
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
