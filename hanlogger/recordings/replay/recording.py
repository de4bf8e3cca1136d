"""Reading a recording that is to be played: a capture, raw octets, or hex text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.errors import CaptureError, DecodeError
from hanlogger.framing import read_octets
from hanlogger.model import Chunk, Key, Meter
from hanlogger.points.timestamp import convert_meter_clock
from hanlogger.recordings.amend import Found, find
from hanlogger.recordings.capture import is_capture, read_chunks

INTERVAL = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)  # longest time between two messages of a file that is taken from their clocks


class Recording(NamedTuple):
    """The reads of a recording in order. timed: their times are arrival times, not derived ones."""

    chunks: Sequence[Chunk]
    timed: bool


def load(
    path: Path, *, interval: timedelta = INTERVAL, meter: Meter | None = None, keys: Sequence[Key] = ()
) -> Recording:
    """Return the recording in a file; CaptureError if the file cannot be read or holds no octets.

    A file without arrival times becomes one read a message, at the times of the clocks in the messages while these
    increase, else one each `interval`. meter, keys: with which the clocks are read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path} cannot be read: {error.strerror}") from error
    if is_capture(data):
        recording = Recording(list(read_chunks(io.StringIO(data.decode("utf-8", "replace")), str(path))), timed=True)
    else:
        recording = Recording(_pace(read_octets(data), interval, meter or Meter(), keys), timed=False)
    if not recording.chunks:
        raise CaptureError(f"{path} has no octets in it: nothing can be played")
    return recording


def _pace(octets: bytes, interval: timedelta, meter: Meter, keys: Sequence[Key]) -> list[Chunk]:
    """Return one read for each message, which ends before the first octet of the next message."""
    if not octets:
        return []
    found = find([Chunk(octets, datetime.now(UTC))])
    clocks = [_find_clock(one, meter, keys) for one in found] or [None]
    cuts = [0, *(one.spans[0][0] for one in found[1:]), len(octets)]
    time = clocks[0] or datetime.now(UTC)
    chunks = []
    for number, clock in enumerate(clocks):
        if number:
            time = clock if clock and timedelta() < clock - time <= LONGEST_PAUSE else time + interval
        chunks.append(Chunk(octets[cuts[number] : cuts[number + 1]], time))
    return chunks


def _find_clock(found: Found, meter: Meter, keys: Sequence[Key]) -> datetime | None:
    try:
        return convert_meter_clock(decode(found.frame, meter, keys), meter)
    except DecodeError:
        return None
