"""What a frame carries: a telegram as ASCII, or an APDU without segments, blocks, LLC (docs/protocol.md C, E.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanlogger.errors import DecodeError
from hanlogger.model import Frame
from hanlogger.wire.ber import ber_length
from hanlogger.wire.mbus import mbus_end

_LLC = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
_SEGMENTED = 0x08
_PUSHES = (b"\x0f", b"\xdb")  # data-notification, general-glo-ciphering
_BLOCK, _LAST_BLOCK = b"\xe0", 0x80
_MBUS_DLMS, _MBUS_LAST = 0x1F, 0x10
_PARITY_BIT_OFF = bytes(octet & 0x7F for octet in range(256))


def content(frame: Frame) -> bytes:
    """What the frame was sent for; IndexError or DecodeError where it is cut short."""
    return _CONTENT[frame.format](frame.data)


def _telegram(data: bytes) -> bytes:
    return data.translate(_PARITY_BIT_OFF) if data[:1] >= b"\x80" else data


def _hdlc(data: bytes) -> bytes:
    content = _unblocked(list(_units(data)))
    if content[:1] not in _PUSHES:
        raise DecodeError(f"an HDLC frame whose APDU has tag {content[:1].hex()}: it is no push")
    return content


def _units(data: bytes) -> Iterator[bytes]:
    """APDUs or blocks, without segments and LLC; some stacks send LLC again with each segment."""
    unit, more = b"", False
    for segmented, information in _information_fields(data):
        headed = information.startswith(_LLC)
        if not headed and not more and information[:1] != _BLOCK:
            raise DecodeError(f"an HDLC frame with LLC {information[:3].hex()}, or whose first segment is missing")
        unit, more = unit + (information[3:] if headed else information), segmented
        if not more:
            yield unit
            unit = b""
    if more:
        raise DecodeError("an HDLC message whose last segment is missing")


def _information_fields(data: bytes) -> Iterator[tuple[bool, bytes]]:
    """Of each frame, and whether another segment follows; between frames and behind the last there may be a flag."""
    at = 0
    while at < len(data) and data[at:] != b"\x7e":
        end = at + 1 + ((data[at + 1] & 0x07) << 8 | data[at + 2])
        control = _end_of_address(data, _end_of_address(data, at + 3))
        if end > len(data) or end < control + 3 or data[at] != 0x7E:
            raise DecodeError("an HDLC frame that is cut short")
        if end == control + 3:
            raise DecodeError(f"an HDLC frame without information, control {data[control]:02x}: a command of the link")
        yield bool(data[at + 1] & _SEGMENTED), data[control + 3 : end - 2]
        at = end


def _unblocked(units: Sequence[bytes]) -> bytes:
    """What the blocks of a general block transfer carry together, or the one unit that is none."""
    if len(units) == 1 and units[0][:1] != _BLOCK:
        return units[0]
    blocks = list(map(_block, units))
    distinct = [block for at, block in enumerate(blocks) if at == 0 or block != blocks[at - 1]]
    missing = next((at for at, block in enumerate(distinct, 1) if block.number != at), len(distinct) + 1)
    if missing <= len(distinct) or not distinct[-1].last:
        raise DecodeError(f"a general block transfer whose block {missing} is missing")
    return b"".join([block.data for block in distinct])


class _Block(NamedTuple):
    number: int
    last: bool
    data: bytes


def _block(octets: bytes) -> _Block:
    """E0 | control | block 2 | acknowledged 2 | length 1-3 | block data"""
    length, start = ber_length(octets, 6)
    if octets[:1] != _BLOCK or start + length > len(octets):
        raise DecodeError("a block of a general block transfer that is cut short")
    return _Block(int.from_bytes(octets[2:4], "big"), bool(octets[1] & _LAST_BLOCK), octets[start : start + length])


def _end_of_address(data: bytes, at: int) -> int:
    while not data[at] & 1:
        at += 1
    return at + 1


def _mbus(data: bytes) -> bytes:
    return _unblocked(list(_mbus_units(data)))


def _mbus_units(data: bytes) -> Iterator[bytes]:
    """68 L L 68 C A CI STSAP DTSAP data checksum 16, one behind the other; an L above 255 has wrapped.

    CI 00 to 1F: low nibble, the number of the part; bit 4, the last part.
    """
    unit, number, at = b"", 0, 0
    while at < len(data):
        end = mbus_end(data, at)
        transport = data[at + 6]
        if transport > _MBUS_DLMS:
            raise DecodeError(f"an M-Bus frame with CI {transport:02x}: it is no push of DLMS")
        if transport & 0x0F != number & 0x0F:
            raise DecodeError(f"an M-Bus message whose part {number} is missing")
        unit, number, at = unit + data[at + 9 : end - 2], number + 1, end
        if transport & _MBUS_LAST:
            yield unit
            unit, number = b"", 0
    if number:
        raise DecodeError(f"an M-Bus message whose part {number} is missing")


def _apdu(octets: bytes) -> bytes:
    """Without LLC, which may stand before an APDU that has lost its frame, and out of its block, if that is the one."""
    octets = octets[3:] if octets.startswith(_LLC) else octets
    return _unblocked([octets])


_CONTENT = {"p1": _telegram, "hdlc": _hdlc, "mbus": _mbus, "dlms": _apdu}
