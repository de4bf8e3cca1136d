"""Importing recorded octets into the journal, with their arrival times."""

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
from hanlogger.recordings.capture import is_capture, read_chunks

BATCH = 500  # frames in one append to the journal
MILLISECOND = timedelta(milliseconds=1)


class Imported(NamedTuple):
    """The number of messages that were appended, that were in the journal already, and that are damaged."""

    new: int = 0
    known: int = 0
    damaged: int = 0


def read_events(file: Path) -> tuple[list[Frame | BadFrame], bool]:
    """Return the frames in a capture, raw octets or hex text, and whether their times are true arrival times.

    CaptureError if the file cannot be read or is a damaged capture.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CaptureError(f"{file} cannot be read: {error.strerror}") from error
    now = datetime.now(UTC)
    if not is_capture(data):
        return find_all(data, now), False
    framer = Framer()
    chunks = read_chunks(io.StringIO(data.decode("utf-8", "replace")), str(file))
    events = [event for chunk in chunks for event in framer.feed(chunk)]
    return events + framer.feed(Chunk(b"", now)), True


def import_events(journal: Journal, events: Sequence[Frame | BadFrame], meter: Meter, *, timed: bool) -> Imported:
    """Append the frames that the journal does not have yet; count damaged ones and keep their octets.

    timed: the times of the frames are true arrival times, by which a frame that is there already is recognised.
    """
    frames = [event for event in events if isinstance(event, Frame)]
    bad = [event for event in events if isinstance(event, BadFrame)]
    new = [frame for frame in frames if not (timed and _is_known(journal, frame, meter))]
    for at in range(0, len(new), BATCH):
        journal.records.append([Entry(frame, meter, live=timed) for frame in new[at : at + BATCH]])
    _count(journal, meter.name, new, bad)
    return Imported(len(new), len(frames) - len(new), len(bad))


def _is_known(journal: Journal, frame: Frame, meter: Meter) -> bool:
    at = frame.received_at
    at -= timedelta(microseconds=at.microsecond % 1000)
    return any(
        record.data == frame.data for record in journal.records.read_frames(meter.name, at, at + 20 * MILLISECOND)
    )


def _count(journal: Journal, meter: str, new: Sequence[Frame], bad: Iterable[BadFrame]) -> None:
    journal.counters.count(meter, "frames", len(new))
    journal.counters.count(meter, "unverified", sum(not frame.verified for frame in new))
    for one in bad:
        journal.counters.count(meter, one.reason)
        journal.damaged.keep(Damaged(meter, one.received_at, one.format or "", one.reason, one.data))
