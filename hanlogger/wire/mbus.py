"""M-Bus long frames, as meters push DLMS in them (EN 13757-2; docs/protocol.md E.1).

    68 | L | L | 68 | C | A | CI | STSAP | DTSAP | data | checksum | 16
                      `------------ L octets ------------'

CI 00 to 1F is DLMS: its low nibble counts the frames of a message from 0, bit 4 marks the last one. Some meters need
more than 255 octets and let L wrap: `68 01 01 68` is 257, and `68 04 04 68` is 260 where it is not 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hanlogger.errors import DecodeError

START, STOP = 0x68, 0x16
CONTROL_AT, ADDRESS_AT, TRANSPORT_AT, DATA_AT = 4, 5, 6, 9
SAPS = b"\x01\x67"

_SEND_USER_DATA, _RESPOND = b"\x53\x73", b"\x08\x18\x28\x38"
CONTROLS = _SEND_USER_DATA + _RESPOND
"""Control fields that bring data, asked or not."""

_AROUND = 6  # octets that L does not count
_BEHIND = 2  # the checksum and the stop
_WRAP = 256
_SMALLEST = 3  # C, A and CI; a smaller L has wrapped
_DLMS, _LAST = 0x1F, 0x10
NUMBER = 0x0F
"""The bits of CI that count."""

_MOST_DATA = 245  # octets in one frame that does not wrap
_MOST_FRAMES = NUMBER + 1
_BROADCAST = b"\x53\xff"


class LongFrame(NamedTuple):
    """Where one frame of a message stands, and the transport octet CI that says which one it is."""

    start: int
    end: int
    transport: int

    @property
    def data(self) -> range:
        """Where its data stands, behind the two SAPs."""
        return range(self.start + DATA_AT, self.end - _BEHIND)

    @property
    def is_dlms(self) -> bool:
        """Whether the frame carries DLMS, numbered."""
        return self.transport <= _DLMS

    @property
    def number(self) -> int:
        """Which frame of its message it is, from 0, in four bits."""
        return self.transport & NUMBER

    @property
    def is_last(self) -> bool:
        """Whether it is the last frame of its message."""
        return bool(self.transport & _LAST)


def list_possible_lengths(stated: int) -> tuple[int, ...]:
    """Return how many octets a frame has in all whose L is `stated`: as stated, or wrapped."""
    whole = stated + _AROUND
    return (whole, whole + _WRAP) if stated >= _SMALLEST else (whole + _WRAP,)


def calculate_checksum(frame: bytes | bytearray) -> int:
    """Return the sum of the octets from C through the data, modulo 256."""
    return sum(frame[CONTROL_AT:-_BEHIND]) & 0xFF


def is_good(frame: bytes | bytearray) -> bool:
    """Tell whether a frame ends with its checksum and the stop."""
    return frame[-1] == STOP and calculate_checksum(frame) == frame[-_BEHIND]


def find_frames(data: bytes) -> Iterator[LongFrame]:
    """Find the frames of a message, which stand one behind the other; DecodeError where one is cut short."""
    at = 0
    while at < len(data):
        end = _find_end(data, at)
        yield LongFrame(at, end, data[at + TRANSPORT_AT])
        at = end


def _find_end(data: bytes, at: int) -> int:
    for length in list_possible_lengths(data[at + 1]):
        end = at + length
        if at + DATA_AT <= end <= len(data) and is_good(data[at:end]):
            return end
    raise DecodeError("an M-Bus frame that is cut short")


def read_frame(frame: bytes) -> LongFrame:
    """Return what a frame says of itself."""
    return LongFrame(0, len(frame), frame[TRANSPORT_AT])


def fits(apdu: bytes) -> bool:
    """Tell whether the frames of one message can carry an APDU: they are numbered in four bits."""
    return len(apdu) <= _MOST_FRAMES * _MOST_DATA


def make_message(apdu: bytes) -> bytes:
    """Make the frames that carry an APDU."""
    pieces = [apdu[at : at + _MOST_DATA] for at in range(0, len(apdu), _MOST_DATA)]
    last = len(pieces) - 1
    return b"".join([_make_frame(piece, number | _LAST * (number == last)) for number, piece in enumerate(pieces)])


def _make_frame(data: bytes, transport: int) -> bytes:
    content = _BROADCAST + bytes((transport,)) + SAPS + data
    length = bytes((len(content),))
    return bytes((START,)) + length * 2 + bytes((START,)) + content + bytes((sum(content) & 0xFF, STOP))
