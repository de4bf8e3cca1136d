"""M-Bus long frames (protocol.md E.1): a checksum of eight bits, and a message in one or more of them.

    68 | L | L | 68 | C | A | CI | STSAP | DTSAP | data | checksum | 16
                      `------------ L octets ------------'
    CI: low nibble = number of the part from 0, bit 4 = the last part

Some meters need more than 255 octets and let L wrap: `68 01 01 68` is 257, and `68 04 04 68` is 260 where it is not 4.
"""

from __future__ import annotations

from hanlogger.framing.formats import GOOD, NOTHING, Extent, Format, Part, Verdict, unfinished

_STOP = 0x16
_SEND_USER_DATA = b"\x53\x73"
_HEADER = 5  # through the control field
_AROUND = 6  # octets that L does not count
_LAST = 0x10
_SMALLEST = 4  # a smaller L has wrapped
_WRAP = 256


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """A start is `68 L L 68` and a control field that sends data."""
    if not (buffer[1:2] * 2 + b"\x68").startswith(buffer[1:4]):
        return NOTHING
    if len(buffer) < _HEADER:
        return NOTHING if quiet else None
    if buffer[4] not in _SEND_USER_DATA:
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
    """The control information says which part it is and whether it is the last."""
    transport = frame[6]
    number = transport & 0x0F
    return Part(number == 0, bool(transport & _LAST), number, frame[5:6])


FORMAT = Format("mbus", 0x68, measure, check, part)
