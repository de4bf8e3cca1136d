"""Find messages in reads, wherever the reads cut them, and put changed ones back in the same pieces."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import NamedTuple

from hanlogger.framing import Framer
from hanlogger.model import Chunk, Frame
from hanlogger.recordings.amend.parts import PARTS


class Found(NamedTuple):
    """A message, and where its frames stand among all octets."""

    frame: Frame
    spans: tuple[tuple[int, int], ...]


class Edit(NamedTuple):
    """`data` in the place of the octets from `start` up to `end`."""

    start: int
    end: int
    data: bytes


def find(chunks: Sequence[Chunk]) -> list[Found]:
    """Find all messages, and where their frames stand. A command of the link may stand between the segments of one."""
    framer = Framer()
    last = chunks[-1].received_at if chunks else datetime.min.replace(tzinfo=UTC)
    events = [event for chunk in (*chunks, Chunk(b"", last)) for event in framer.feed(chunk)]
    octets = b"".join(chunk.data for chunk in chunks)
    found, at = [], 0
    for frame in (event for event in events if isinstance(event, Frame)):
        parts = list(PARTS[frame.format](frame.data))
        spans, end = [], at
        for part in parts:
            start = octets.index(frame.data[part.start : part.end], end)
            end = start + part.end - part.start
            spans.append((start, end))
        found.append(Found(frame, tuple(spans)))
        at = end if any(part.content for part in parts) else at
    return found


def make_edits(found: Found, data: bytes) -> Iterable[Edit]:
    """Return the edits that put `data` in the place of a message.

    Frame by frame where it is as long as they are, else all in the place of the first frame.
    """
    if len(data) == sum(end - start for start, end in found.spans):
        at = 0
        for start, end in found.spans:
            yield Edit(start, end, data[at : at + end - start])
            at += end - start
    else:
        first, *others = found.spans
        yield Edit(*first, data)
        yield from (Edit(*span, b"") for span in others)


def replace(chunks: Sequence[Chunk], changes: Iterable[Edit]) -> list[Chunk]:
    """Return the reads with the edits made: each octet in its own read, or, of another length, where it begins.

    A read of which nothing is left is left out.
    """
    starts = [0, *accumulate(len(chunk.data) for chunk in chunks)]
    reads = [bytearray(chunk.data) for chunk in chunks]
    for edit in sorted(changes, reverse=True):
        _put(reads, starts, edit)
    return [Chunk(bytes(data), chunk.received_at) for data, chunk in zip(reads, chunks, strict=True) if data]


def _put(reads: list[bytearray], starts: list[int], edit: Edit) -> None:
    """Make one edit; called from the last edit to the first, so that the places before it still hold."""
    at, rest = edit.start, edit.data
    keeps_length = len(rest) == edit.end - edit.start
    index = bisect_right(starts, at) - 1
    while at < edit.end:
        here = min(edit.end, starts[index + 1])
        taken = rest[: here - at] if keeps_length else rest
        reads[index][at - starts[index] : here - starts[index]] = taken
        rest = rest[len(taken) :]
        at, index = here, index + 1
