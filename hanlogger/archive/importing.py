"""Recorded octets into the journal, at the times at which they came."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.errors import CaptureError
from hanlogger.framing import Framer, find_all
from hanlogger.journal import Damaged, Entry, Journal
from hanlogger.model import BadFrame, Chunk, Frame, Meter
from hanlogger.recordings.capture import is_capture, reads

BATCH = 500  # frames an append
MILLISECOND = timedelta(milliseconds=1)


class Imported(NamedTuple):
    """Messages that are in the journal now, that were there before, and damaged ones."""

    new: int = 0
    known: int = 0
    damaged: int = 0


def events_of(file: Path) -> tuple[list[Frame | BadFrame], bool]:
    """What is in a capture, raw octets or hex text, and whether its times are those of arrival; CaptureError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CaptureError(f"{file} cannot be read: {error.strerror}") from error
    now = datetime.now(UTC)
    if not is_capture(data):
        return find_all(data, now), False
    framer = Framer()
    chunks = reads(io.StringIO(data.decode("utf-8", "replace")), str(file))
    events = [event for chunk in chunks for event in framer.feed(chunk)]
    return events + framer.feed(Chunk(b"", now)), True


def take_in(journal: Journal, events: Sequence[Frame | BadFrame], meter: Meter, *, timed: bool) -> Imported:
    """Append what is not there yet, and count and keep damage. `timed`: its times of receipt are true ones."""
    frames = [event for event in events if isinstance(event, Frame)]
    bad = [event for event in events if isinstance(event, BadFrame)]
    new = [frame for frame in frames if not (timed and _is_known(journal, frame, meter))]
    for at in range(0, len(new), BATCH):
        journal.append([Entry(frame, meter, live=timed) for frame in new[at : at + BATCH]])
    _count(journal, meter.name, new, bad)
    return Imported(len(new), len(frames) - len(new), len(bad))


def _is_known(journal: Journal, frame: Frame, meter: Meter) -> bool:
    at = frame.received_at
    at -= timedelta(microseconds=at.microsecond % 1000)
    return any(record.data == frame.data for record in journal.frames(meter.name, at, at + 20 * MILLISECOND))


def _count(journal: Journal, meter: str, new: Sequence[Frame], bad: Iterable[BadFrame]) -> None:
    journal.count(meter, "frames", len(new))
    journal.count(meter, "unverified", sum(not frame.verified for frame in new))
    for one in bad:
        journal.count(meter, one.reason)
        journal.keep_damaged(Damaged(meter, one.received_at, one.format or "", one.reason, one.data))
