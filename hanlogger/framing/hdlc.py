"""HDLC frames of format type 3 (protocol.md C.2): framed by length, no octet stuffing, two checks.

    7E | A S L L | destination 1-4 | source 1-4 | control | HCS HCS | information | FCS FCS | 7E
           `--- 11 bits: all octets between the flags ---'

A frame ends with its FCS: the closing flag may come with the next one, seconds later, or be the next one's.
A message is one frame, or segments (bit S), or the numbered blocks of a general block transfer (APDU tag E0).
"""

from __future__ import annotations

from hanlogger.framing.crc import x25_good
from hanlogger.framing.formats import GOOD, NOTHING, Extent, Format, Part, Verdict, unfinished

FLAG = 0x7E
_SEGMENTED = 0x08
_LLC = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
_BEGINNINGS = (0x0F, 0xDB, 0xE0)  # data-notification, general-glo-ciphering, general-block-transfer
_LAST_BLOCK = 0x80


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """A start is a flag, format type 3, two whole addresses and a good HCS."""
    if len(buffer) < 2 or buffer[1] & 0xF0 != 0xA0:
        return NOTHING if len(buffer) > 1 else None  # the flag that ends this frame may begin the next, much later
    header = _header(buffer)
    if header > len(buffer):
        return unfinished(buffer, quiet)
    if not header:
        return NOTHING
    if not x25_good(bytes(buffer[1:header])):
        return Extent(header, "header")
    length = 1 + _length(buffer)
    return Extent(length) if length <= len(buffer) else unfinished(buffer, quiet)


def _length(frame: bytearray | bytes) -> int:
    return (frame[1] & 0x07) << 8 | frame[2]


def _header(frame: bytearray | bytes) -> int:
    """Octets through the HCS, 0 where addresses do not end or L is too small. May be more than there are yet."""
    at = 3
    for _ in range(2):
        octets = next((n for n in range(1, 5) if at + n > len(frame) or frame[at + n - 1] & 1), 0)
        if not octets:
            return 0
        at += octets
    return at + 3 if at > len(frame) or at + 4 < _length(frame) else 0


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """The FCS; the HCS has been good already."""
    return GOOD if x25_good(frame[1:]) else Verdict("checksum")


def part(frame: bytes) -> Part:
    """A first part has LLC and the tag of an APDU; blocks have numbers, segments do not."""
    header = _header(frame)
    information = frame[header:-2]
    more = bool(frame[1] & _SEGMENTED)
    first = information.startswith(_LLC) and information[3:4] != b"" and information[3] in _BEGINNINGS
    if first and information[3] == 0xE0 and len(information) > 6:
        number = int.from_bytes(information[5:7], "big")
        return Part(number == 1, not more and bool(information[4] & _LAST_BLOCK), number, frame[3 : header - 3])
    return Part(first, not more, 0, frame[3 : header - 3])


FORMAT = Format("hdlc", FLAG, measure, check, part, fill=b"\x7e", shared=1)
