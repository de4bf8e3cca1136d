"""HDLC frames of format type 3 (docs/protocol.md C.2): framed by length, no octet stuffing, two checks.

    7E | A S L L | destination 1-4 | source 1-4 | control | HCS HCS | information | FCS FCS | 7E
           `--- 11 bits: all octets between the flags ---'

A frame ends with its FCS: the closing flag may come with the next one, seconds later, or be the next one's.
A message is one frame, or segments (bit S), or the numbered blocks of a general block transfer (APDU tag E0), each of
them one frame or segments. Commands of the link (SNRM, UA, RR …) have no information, and no HCS before it.
"""

from __future__ import annotations

from hanlogger.framing.blocks import block
from hanlogger.framing.formats import GOOD, NOTHING, Extent, Format, Part, Verdict, unfinished
from hanlogger.wire.crc import x25_good

FLAG = 0x7E
_SEGMENTED = 0x08
_LLC = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
_BEGINNINGS = (b"\x0f", b"\xdb")  # data-notification, general-glo-ciphering


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """A start is a flag, format type 3, two whole addresses and a good HCS; of a command, all of it."""
    if len(buffer) < 2 or buffer[1] & 0xF0 != 0xA0:
        return NOTHING if len(buffer) > 1 else None  # the flag that ends this frame may begin the next, much later
    header = _header(buffer)
    if header > len(buffer):
        return unfinished(buffer, quiet)
    if not header:
        return NOTHING
    good = x25_good(bytes(buffer[1:header]))
    length = 1 + _length(buffer)
    if length == header:
        return Extent(length) if good else NOTHING
    if not good:
        return Extent(header, "header")
    return Extent(length) if length <= len(buffer) else unfinished(buffer, quiet)


def _length(frame: bytearray | bytes) -> int:
    return (frame[1] & 0x07) << 8 | frame[2]


def _header(frame: bytearray | bytes) -> int:
    """Octets through the HCS, or through the FCS where there is no information. May be more than there are yet.

    0 where addresses do not end, or L fits neither.
    """
    at = 3
    for _ in range(2):
        octets = next((n for n in range(1, 5) if at + n > len(frame) or frame[at + n - 1] & 1), 0)
        if not octets:
            return 0
        at += octets
    return at + 3 if at > len(frame) or at + 4 < _length(frame) or at + 2 == _length(frame) else 0


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """The FCS; the HCS has been good already."""
    return GOOD if x25_good(frame[1:]) else Verdict("checksum")


def part(frame: bytes) -> Part:
    """A message begins with LLC and the tag of an APDU, or with block 1; other blocks need no LLC."""
    header = _header(frame)
    if header == len(frame):
        return Part(empty=True)
    information, link = frame[header:-2], frame[3 : header - 3]
    more = bool(frame[1] & _SEGMENTED)
    headed = information.startswith(_LLC)
    apdu = information[3:] if headed else information
    if found := block(apdu, more=more):
        return Part(found.number == 1, headed, found.last, found.number, more, link=link)
    begins = headed and apdu.startswith(_BEGINNINGS)
    return Part(begins, begins, more=more, link=link)


FORMAT = Format("hdlc", FLAG, measure, check, part, fill=b"\x7e", shared=1)
