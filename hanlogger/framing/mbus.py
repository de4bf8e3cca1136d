"""M-Bus long frames (docs/protocol.md E.1): a checksum of eight bits, and a message in one or more of them.

    68 | L | L | 68 | C | A | CI | STSAP | DTSAP | data | checksum | 16
                      `------------ L octets ------------'
    CI 00 to 1F, DLMS: low nibble = number of the part from 0, bit 4 = the last part. Behind any other CI is something
    else, and no more than a frame of it.

Some meters need more than 255 octets and let L wrap: `68 01 01 68` is 257, and `68 04 04 68` is 260 where it is not 4.
"""

from __future__ import annotations

from hanlogger.framing.blocks import block
from hanlogger.framing.formats import GOOD, NOTHING, WHOLE, Extent, Format, Part, Verdict, unfinished

_STOP = 0x16
_SEND_USER_DATA, _RESPOND = b"\x53\x73", b"\x08\x18\x28\x38"
_HEADER = 5  # through the control field
_AROUND = 6  # octets that L does not count
_CI = 6
_OF_DLMS, _LAST = 0x1F, 0x10
_SMALLEST = 3  # C, A and CI; a smaller L has wrapped
_WRAP = 256


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """A start is `68 L L 68` and a control field that sends data, asked or not."""
    if not (buffer[1:2] * 2 + b"\x68").startswith(buffer[1:4]):
        return NOTHING
    if len(buffer) < _HEADER:
        return NOTHING if quiet else None
    if buffer[4] not in _SEND_USER_DATA + _RESPOND:
        return NOTHING
    stated = buffer[1] + _AROUND
    lengths = (stated, stated + _WRAP) if buffer[1] >= _SMALLEST else (stated + _WRAP,)
    for length in lengths:
        if length > len(buffer):
            return unfinished(buffer, quiet) if length == lengths[0] or not quiet else Extent(lengths[0])
        if _good(buffer[:length]):
            return Extent(length)
    return Extent(lengths[0])


def _good(frame: bytes | bytearray) -> bool:
    """The sum of the octets from C on, and the stop."""
    return frame[-1] == _STOP and sum(frame[4:-2]) & 0xFF == frame[-2]


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """A sum of eight bits."""
    return GOOD if _good(frame) else Verdict("checksum")


def part(frame: bytes) -> Part:
    """The control information says which part of a unit it is, and whether it is the last; the unit may be a block."""
    transport, link = frame[_CI], frame[5:6]
    if transport > _OF_DLMS:
        return WHOLE
    place, more = transport & 0x0F, not transport & _LAST
    if place == 0 and (found := block(frame[9:-2], more=more)):
        return Part(found.number == 1, True, found.last, found.number, more, link=link)
    return Part(place == 0, place == 0, more=more, place=place, link=link)


FORMAT = Format("mbus", 0x68, measure, check, part)
