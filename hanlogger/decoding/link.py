"""Extract the content of a frame: ASCII, or an APDU without segments, blocks and LLC (docs/protocol.md C, E.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hanlogger.errors import DecodeError, LinkCommand, PartMissing
from hanlogger.model import Frame
from hanlogger.wire import blocks, ciphering, hdlc, llc, mbus, notification
from hanlogger.wire.blocks import Block
from hanlogger.wire.parity import to_seven_bits

_PUSHES = (bytes((notification.TAG,)), ciphering.TAG)


def extract_content(frame: Frame) -> bytes:
    """Return the content of a frame; IndexError or DecodeError where a part of it is missing or it is no push."""
    return _CONTENT[frame.format](frame.data)


def _read_hdlc(data: bytes) -> bytes:
    content = _join_blocks(list(_join_hdlc(data)))
    if content[:1] not in _PUSHES:
        raise DecodeError(f"an HDLC frame whose APDU has tag {content[:1].hex()}: it is no push")
    return content


def _join_hdlc(data: bytes) -> Iterator[bytes]:
    """Yield APDUs or blocks, without segments and LLC; some stacks send LLC again with each segment."""
    unit, more = b"", False
    for segment in hdlc.find_segments(data):
        information = _read_information(data, segment)
        headed = information.startswith(llc.HEADERS)
        if not headed and not more and information[:1] != blocks.TAG:
            raise DecodeError(f"an HDLC frame with LLC {information[:3].hex()}, or whose first segment is missing")
        unit, more = unit + (information[llc.OCTETS :] if headed else information), segment.segmented
        if not more:
            yield unit
            unit = b""
    if more:
        raise PartMissing("an HDLC message whose last segment is missing")


def _read_information(data: bytes, segment: hdlc.Segment) -> bytes:
    if segment.is_command:
        control = data[segment.control]
        raise LinkCommand(f"an HDLC frame without information, control {control:02x}: a command of the link")
    information = segment.information
    return data[information.start : information.stop]


def _join_blocks(units: Sequence[bytes]) -> bytes:
    """Join what the blocks of a general block transfer carry, or return the one unit that is none.

    Some stacks send a block twice.
    """
    if len(units) == 1 and units[0][:1] != blocks.TAG:
        return units[0]
    sent = [(block, unit[block.data.start : block.data.stop]) for unit in units for block in [_read_whole_block(unit)]]
    distinct = [each for at, each in enumerate(sent) if at == 0 or each != sent[at - 1]]
    missing = next((at for at, (block, _) in enumerate(distinct, 1) if block.number != at), len(distinct) + 1)
    if missing <= len(distinct) or not distinct[-1][0].last:
        raise PartMissing(f"a general block transfer whose block {missing} is missing")
    return b"".join([data for _, data in distinct])


def _read_whole_block(unit: bytes) -> Block:
    block = blocks.read_block(unit)
    if block is None or block.data.stop > len(unit):
        raise DecodeError("a block of a general block transfer that is cut short")
    return block


def _read_mbus(data: bytes) -> bytes:
    return _join_blocks(list(_join_mbus(data)))


def _join_mbus(data: bytes) -> Iterator[bytes]:
    """Yield APDUs or blocks, joined from frames that are numbered from 0."""
    unit, number = b"", 0
    for frame in mbus.find_frames(data):
        if not frame.is_dlms:
            raise DecodeError(f"an M-Bus frame with CI {frame.transport:02x}: it is no push of DLMS")
        if frame.number != number & mbus.NUMBER:
            raise PartMissing(f"an M-Bus message whose part {number} is missing")
        unit, number = unit + data[frame.data.start : frame.data.stop], number + 1
        if frame.is_last:
            yield unit
            unit, number = b"", 0
    if number:
        raise PartMissing(f"an M-Bus message whose part {number} is missing")


def _unwrap_apdu(octets: bytes) -> bytes:
    """Return an APDU out of its block, if it is the only one; LLC may stand before one that has lost its frame."""
    return _join_blocks([llc.strip_llc(octets)])


_CONTENT = {"p1": to_seven_bits, "hdlc": _read_hdlc, "mbus": _read_mbus, "dlms": _unwrap_apdu}
