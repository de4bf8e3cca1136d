"""Messages that come in several frames: HDLC segments, blocks, M-Bus frames.

A whole frame is never dropped: what cannot become a message is returned as it came, and the decoder reports what is
missing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hanlogger.framing.formats import Format, Part
from hanlogger.model import Frame

_LONGEST_MESSAGE = 64 * 1024
_NUMBERS = 16  # M-Bus counts the frames of a unit in four bits


class _Message(NamedTuple):
    """The part of a message in several frames that has come so far."""

    row: Format
    part: Part  # which part of the message the octets so far are
    data: bytes
    last: bytes  # the last frame
    received_at: datetime
    verified: bool

    @property
    def frame(self) -> Frame:
        """The octets so far, as they came."""
        return Frame(self.row.name, self.data, self.received_at, self.verified)

    def is_followed_by(self, new: _Message) -> bool:
        """Tell whether a frame belongs to the message: rest of a unit, next block, or the last frame once more."""
        before, part = self.part, new.part
        if new.row is not self.row or part.link != before.link or len(self.data) > _LONGEST_MESSAGE:
            return False
        if before.more:
            if before.number or part.number:
                return part.number == (before.number + 1) % _NUMBERS
            return not part.begins_unit
        return part.block == before.block + 1 or new.last == self.last

    def join(self, new: _Message) -> _Message:
        """Return the message with a frame added that belongs to it."""
        inside = self.part.more
        part = (
            self.part._replace(more=new.part.more, number=new.part.number) if inside else new.part._replace(first=True)
        )
        return self._replace(part=part, data=self.data + new.data, last=new.last)


def goes_on(part: Part) -> bool:
    """Tell whether a message has begun with its parts so far, and is not at its end."""
    return part.first and (part.more or not part.last)


class Joiner:
    """Holds the frames of at most one message. What comes between them and is no part of the message ends it."""

    def __init__(self) -> None:
        self._held: _Message | None = None

    @property
    def waiting(self) -> int:
        """How many octets are held."""
        return len(self._held.data) if self._held else 0

    def add(self, row: Format, part: Part, data: bytes, received_at: datetime, *, verified: bool) -> list[Frame]:
        """Take a good frame; return the message it completes, and before that one that it shows to be incomplete."""
        if self._held is None and not goes_on(part):
            return [Frame(row.name, data, received_at, verified)]
        new, events = _Message(row, part, data, data, received_at, verified), list[Frame]()
        if part.empty:
            return [new.frame]
        if self._held and self._held.is_followed_by(new):
            new, self._held = self._held.join(new), None
        else:
            events = self.drop()
        if goes_on(new.part):
            self._held = new
        else:
            events.append(new.frame)
        return events

    def drop(self) -> list[Frame]:
        """Give up the incomplete message that is held, and return it as it came."""
        held, self._held = self._held, None
        return [held.frame] if held else []
