"""Messages that come in several frames: HDLC segments, blocks, M-Bus frames.

A frame that has come whole is never thrown away: what cannot become a message is given as it came, and whoever decodes
it finds what is missing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hanlogger.framing.formats import Format, Part
from hanlogger.model import Frame

_LONGEST_MESSAGE = 64 * 1024


class _Message(NamedTuple):
    """What has come of it."""

    row: Format
    part: Part  # where it stands
    data: bytes
    last: bytes  # its last frame
    received_at: datetime
    verified: bool

    @property
    def frame(self) -> Frame:
        return Frame(self.row.name, self.data, self.received_at, self.verified)

    @property
    def goes_on(self) -> bool:
        """Whether it has begun and is not at its end."""
        return self.part.first and (self.part.more or not self.part.last)

    def followed_by(self, new: _Message) -> bool:
        """Whether a frame belongs to it: the rest of a unit, the next block, or the last one once more."""
        before, part = self.part, new.part
        if new.row is not self.row or part.link != before.link or len(self.data) > _LONGEST_MESSAGE:
            return False
        if before.more:
            return not part.anew and part.place == (before.place + 1 if before.place or part.place else 0)
        return part.block == before.block + 1 or new.last == self.last

    def joined(self, new: _Message) -> _Message:
        inside = self.part.more
        part = self.part._replace(more=new.part.more, place=new.part.place) if inside else new.part._replace(first=True)
        return self._replace(part=part, data=self.data + new.data, last=new.last)


class Joiner:
    """Holds the parts of at most one message. Whatever comes between them that is no part of it ends it."""

    def __init__(self) -> None:
        self._held: _Message | None = None

    @property
    def waiting(self) -> int:
        """Octets held."""
        return len(self._held.data) if self._held else 0

    def add(self, row: Format, part: Part, data: bytes, received_at: datetime, *, verified: bool) -> list[Frame]:
        """A good frame: the message that it completes, and before it one that it shows to be incomplete."""
        new, events = _Message(row, part, data, data, received_at, verified), list[Frame]()
        if part.empty:
            return [new.frame]
        if self._held and self._held.followed_by(new):
            new, self._held = self._held.joined(new), None
        else:
            events = self.drop()
        if new.goes_on:
            self._held = new
        else:
            events.append(new.frame)
        return events

    def drop(self) -> list[Frame]:
        """What is held, which will not become whole."""
        held, self._held = self._held, None
        return [held.frame] if held else []
