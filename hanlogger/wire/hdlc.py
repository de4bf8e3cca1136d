"""HDLC frames of format type 3 (ISO/IEC 13239; docs/protocol.md C.2).

    7E | A S L L | destination 1-4 | source 1-4 | control | HCS 2 | information | FCS 2 | 7E
         |   `--- 11 bits: all octets between the flags
         `------- bit 11: another segment follows

Both check sequences are X.25, low octet first. Without information there is no HCS. The closing flag may be missing or
be the next frame's: to this module a frame ends with its FCS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hanlogger.errors import DecodeError
from hanlogger.wire.crc import make_x25_sequence

FLAG = 0x7E
LONGEST = 0x7FF
"""Octets between the flags, at most."""

CHECK_OCTETS = 2
_TYPE_3, _TYPE_MASK, _SEGMENTED = 0xA0, 0xF0, 0x08
_ADDRESSES_AT = 3  # from the opening flag
_LONGEST_ADDRESS = 4
_AROUND = 2 + 2 * CHECK_OCTETS  # octets between the flags beside addresses, control field and information


class Segment(NamedTuple):
    """Where one frame of a message stands, from its opening flag through its FCS."""

    start: int
    end: int
    control: int  # where its control field stands
    segmented: bool  # another one follows

    @property
    def information(self) -> range:
        """Where the information field stands; empty, and stopping before it begins, where there is none."""
        return range(self.control + 1 + CHECK_OCTETS, self.end - CHECK_OCTETS)

    @property
    def is_command(self) -> bool:
        """Whether the frame has no information field: SNRM, UA, RR and the like."""
        return self.end == self.control + 1 + CHECK_OCTETS


def is_type_3(format_octet: int) -> bool:
    """Tell whether the octet behind a flag begins a format field of type 3."""
    return format_octet & _TYPE_MASK == _TYPE_3


def find_frame_end(data: bytes | bytearray, at: int = 0) -> int:
    """Return where the frame ends whose opening flag stands at `at`, by its length field; IndexError without one."""
    return at + 1 + ((data[at + 1] & 0x07) << 8 | data[at + 2])


def find_control(data: bytes | bytearray, at: int = 0) -> int:
    """Return where the control field stands of the frame that begins at `at`, behind its two addresses.

    0 where an address does not end within four octets; past the end of `data` where octets are missing.
    """
    place = at + _ADDRESSES_AT
    for _ in range(2):
        limit = place + _LONGEST_ADDRESS
        while place < len(data) and not data[place] & 1:
            place += 1
            if place == limit:
                return 0
        place += 1
    return place


def read_link(frame: bytes) -> bytes:
    """Return the addresses and the control field of a frame."""
    return frame[_ADDRESSES_AT : find_control(frame) + 1]


def is_segmented(data: bytes | bytearray, at: int = 0) -> bool:
    """Tell whether another segment follows the frame that begins at `at`."""
    return bool(data[at + 1] & _SEGMENTED)


def find_segments(data: bytes) -> Iterator[Segment]:
    """Find the frames of a message; between them and behind the last there may be a flag.

    DecodeError or IndexError where one is cut short.
    """
    at = 0
    while at < len(data) and data[at:] != bytes((FLAG,)):
        end, control = find_frame_end(data, at), find_control(data, at)
        if data[at] != FLAG or not control or not control + 1 + CHECK_OCTETS <= end <= len(data):
            raise DecodeError("an HDLC frame that is cut short")
        yield Segment(at, end, control, is_segmented(data, at))
        at = end


def make_frame(link: bytes, information: bytes, *, segmented: bool = False) -> bytes:
    """Make a frame, without its closing flag, of addresses with the control field, and of an information field."""
    length = (_TYPE_3 | _SEGMENTED * segmented) << 8 | _AROUND + len(link) + len(information)
    header = length.to_bytes(2, "big") + link
    content = header + make_x25_sequence(header) + information
    return bytes((FLAG,)) + content + make_x25_sequence(content)


def make_message(link: bytes, information: bytes) -> bytes:
    """Make as many segments as the information takes, of which only the last has a flag behind it."""
    room = LONGEST - _AROUND - len(link)
    pieces = [information[at : at + room] for at in range(0, len(information), room)] or [b""]
    frames = [make_frame(link, piece, segmented=True) for piece in pieces[:-1]]
    return b"".join([*frames, make_frame(link, pieces[-1]), bytes((FLAG,))])
