"""Where in a frame the octets stand that it was sent for, and where its checksums (docs/protocol.md C.2, C.3, E.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hanlogger.errors import DecodeError
from hanlogger.model import FormatName
from hanlogger.wire.ber import ber_length
from hanlogger.wire.mbus import mbus_end

_LLC = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
_BLOCK_TRANSFER = 0xE0
_BLOCK_HEAD = 6  # octets before the length of a block
_FLAG = 0x7E
_HCS = 2  # octets
_CI, _NUMBER = 6, 0x0F  # the number of the part, from 0


class Part(NamedTuple):
    """One frame of a message: `data[start:end]`, and in it the octets of the APDU."""

    start: int
    end: int
    content: range


def hdlc(data: bytes) -> Iterator[Part]:
    """Each segment, from its opening flag through its FCS; a closing flag is in none.

    7E | A S L L | addresses | control | HCS 2 | information | FCS 2
    """
    at = 0
    while at < len(data) and data[at:] != bytes((_FLAG,)):
        end = at + 1 + ((data[at + 1] & 0x07) << 8 | data[at + 2])
        yield Part(at, end, _apdu(data, behind_control(data, at) + _HCS, end - 2))
        at = end


def mbus(data: bytes) -> Iterator[Part]:
    """68 | L | L | 68 | C | A | CI | STSAP | DTSAP | content | checksum | 16; a length above 255 has wrapped."""
    at = 0
    while at < len(data):
        end = mbus_end(data, at)
        begins = not data[at + _CI] & _NUMBER
        yield Part(at, end, _apdu(data, at + 9, end - 2) if begins else range(at + 9, end - 2))
        at = end


def telegram(data: bytes) -> Iterator[Part]:
    """Itself."""
    yield Part(0, len(data), range(len(data)))


def bare(data: bytes) -> Iterator[Part]:
    """An APDU without a frame."""
    yield Part(0, len(data), _apdu(data, 0, len(data)))


def behind_control(data: bytes, at: int) -> int:
    """Where the addresses and the control field end of the HDLC frame that begins at `at`."""
    return _behind_address(data, _behind_address(data, at + 3)) + 1


def _behind_address(data: bytes, at: int) -> int:
    while not data[at] & 1:
        at += 1
    return at + 1


def _apdu(data: bytes, start: int, end: int) -> range:
    """Behind the LLC, and within the block of a general block transfer; all of it where that block is malformed."""
    if data.startswith(_LLC, start, end):
        start += 3
    if start < end and data[start] == _BLOCK_TRANSFER:
        return _block(data, start, end)
    return range(start, end)


def _block(data: bytes, start: int, end: int) -> range:
    try:
        length, behind = ber_length(data, start + _BLOCK_HEAD)
    except (DecodeError, IndexError):
        return range(start, end)
    return range(behind, min(end, behind + length))


PARTS: dict[FormatName, Callable[[bytes], Iterator[Part]]] = {
    "p1": telegram,
    "hdlc": hdlc,
    "mbus": mbus,
    "dlms": bare,
}
