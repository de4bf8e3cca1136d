"""What can be played: captures, raw octets, hex text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.decoding import decode
from hanlogger.errors import CaptureError, DecodeError
from hanlogger.framing import octets_of
from hanlogger.model import Chunk, Key, Meter
from hanlogger.points.timestamp import convert_meter_clock
from hanlogger.recordings.amend import Found, find
from hanlogger.recordings.capture import is_capture, reads

INTERVAL = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)  # between two messages of a file: above, their clocks do not tell its pace


class Recording(NamedTuple):
    """Reads in order. `timed`: their times are those of their arrival, not made up."""

    chunks: Sequence[Chunk]
    timed: bool


def load(
    path: Path, *, interval: timedelta = INTERVAL, meter: Meter | None = None, keys: Sequence[Key] = ()
) -> Recording:
    """A capture, raw octets or hex text; CaptureError where it cannot be read or there is nothing in it.

    A file without times is played message by message: by the clocks in them where these go on, else each `interval`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path} cannot be read: {error.strerror}") from error
    if is_capture(data):
        recording = Recording(list(reads(io.StringIO(data.decode("utf-8", "replace")), str(path))), timed=True)
    else:
        recording = Recording(_paced(octets_of(data), interval, meter or Meter(), keys), timed=False)
    if not recording.chunks:
        raise CaptureError(f"{path} has no octets in it: nothing can be played")
    return recording


def _paced(octets: bytes, interval: timedelta, meter: Meter, keys: Sequence[Key]) -> list[Chunk]:
    """A read for each message, from its first octet up to the next one's."""
    if not octets:
        return []
    found = find([Chunk(octets, datetime.now(UTC))])
    clocks = [_clock(one, meter, keys) for one in found] or [None]
    cuts = [0, *(one.spans[0][0] for one in found[1:]), len(octets)]
    time = clocks[0] or datetime.now(UTC)
    chunks = []
    for number, clock in enumerate(clocks):
        if number:
            time = clock if clock and timedelta() < clock - time <= LONGEST_PAUSE else time + interval
        chunks.append(Chunk(octets[cuts[number] : cuts[number + 1]], time))
    return chunks


def _clock(found: Found, meter: Meter, keys: Sequence[Key]) -> datetime | None:
    try:
        return convert_meter_clock(decode(found.frame, meter, keys), meter)
    except DecodeError:
        return None
