"""What the framer must know about each format: one row each, collected in `framer.FORMATS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hanlogger.model import FormatName

REASONS = {
    "checksum": "a stated checksum is wrong",
    "header": "the checksum of an HDLC header is wrong",
    "cut off": "another telegram begins inside",
    "unfinished": "the line fell quiet before the end",
    "form": "a telegram without a checksum that is not beyond doubt",
    "octets": "octets that no telegram has",
    "parity": "an octet with odd parity",
    "length": "longer than any frame of its format",
    "no message": "a whole file without one",
}
"""What `BadFrame.reason` may be, and what each means."""


class Extent(NamedTuple):
    """How many octets belong to the frame at the front of the buffer; 0: no frame begins there."""

    length: int
    reason: str = ""  # why it cannot be a frame


NOTHING = Extent(0)


class Verdict(NamedTuple):
    """The result of a check: why a frame is bad, or "" and whether a checksum has proved it good."""

    reason: str = ""
    verified: bool = True


GOOD = Verdict()


class Part(NamedTuple):
    """Which part of a message one frame is.

    A message is one unit, or the numbered blocks of a general block transfer, each a unit. A unit is one frame, or
    several, which HDLC calls segments.
    """

    first: bool = True  # a message may begin with it
    begins_unit: bool = True  # it is never the rest of a unit, where numbers do not tell
    last: bool = True  # its unit ends the message
    block: int = 0  # the number of its block, from 1; 0: it is in no block, or in the middle of one
    more: bool = False  # its unit goes on in the next frame
    number: int = 0  # counts the frames of a unit, modulo 16, where the format has it
    link: bytes = b""  # the same in all parts of a message
    empty: bool = False  # it carries nothing, and may come between the parts of any message


WHOLE = Part()
"""A message of its own."""


class Format(NamedTuple):
    """A row of the table.

    `measure(buffer, searched, quiet)` looks at what begins at the front of the buffer and gives an Extent, or None when
    more octets are needed to tell. `searched` octets were there at the last look; `quiet`: no more will come.
    `check(frame, checksummed)` judges the octets of an extent; `checksummed`: this port has sent telegrams with a good
    checksum. `part(frame)` tells which part of a message a good frame is; `is_alone(frame)` tells sooner, of most of
    them, that they are a message of their own where none has begun. All return the same whatever the chunking.
    """

    name: FormatName
    start: int  # the first octet
    measure: Callable[[bytearray, int, bool], Extent | None]
    check: Callable[[bytes, bool], Verdict]
    part: Callable[[bytes], Part] | None = None
    is_alone: Callable[[bytes], bool] = lambda _: False
    fill: bytes = b""  # octets that close a frame and may be missing
    raw: bool = False  # nothing but its length ends it: never sought inside damage
    shared: int = 0  # octets at its front that may be the end of the frame before, long ago


def judge_unfinished(buffer: bytearray, quiet: bool) -> Extent | None:
    """Return the extent of a frame whose end is missing: None while it may come, a bad frame on a quiet line."""
    return Extent(len(buffer), "unfinished") if quiet else None
