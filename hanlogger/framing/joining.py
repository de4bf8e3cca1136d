"""Messages that come in several frames: HDLC segments, blocks, M-Bus frames. A lost one drops the message."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hanlogger.framing.formats import WHOLE, Format, Part
from hanlogger.model import BadFrame, Frame

_LONGEST_MESSAGE = 64 * 1024


class _Held(NamedTuple):
    row: Format
    data: bytes
    received_at: datetime
    part: Part  # the last one


class Joiner:
    """Holds the parts of at most one message. Whatever comes between them that is no part of it drops it."""

    def __init__(self) -> None:
        self._held: _Held | None = None

    @property
    def waiting(self) -> int:
        """Octets held."""
        return len(self._held.data) if self._held else 0

    def add(self, row: Format, frame: bytes, received_at: datetime, *, verified: bool) -> list[Frame | BadFrame]:
        """A good frame: what it completes, and what it shows to be incomplete."""
        part = row.part(frame) if row.part else WHOLE
        if self._held and not part.first and _follows(self._held, row, part):
            frame, received_at, self._held = self._held.data + frame, self._held.received_at, None
            part = part._replace(first=True)
        events = self.drop()
        if not part.first:
            events.append(BadFrame(row.name, frame, received_at, "segment"))
        elif part.last:
            events.append(Frame(row.name, frame, received_at, verified))
        else:
            self._held = _Held(row, frame, received_at, part)
        return events

    def drop(self) -> list[Frame | BadFrame]:
        """What is held will not become whole."""
        held, self._held = self._held, None
        return [BadFrame(held.row.name, held.data, held.received_at, "segment")] if held else []


def _follows(held: _Held, row: Format, part: Part) -> bool:
    before = held.part
    consecutive = part.number == (before.number + 1 if before.number or part.number else 0)
    return row is held.row and part.link == before.link and consecutive and len(held.data) < _LONGEST_MESSAGE
