"""What a frame carries: a telegram as ASCII, or an APDU without segments, blocks, LLC (protocol.md C.2, C.3, E.1)."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.errors import DecodeError
from hanlogger.model import Frame

_LLC = (b"\xe6\xe7\x00", b"\xe6\xe6\x00")
_BLOCK_TRANSFER = 0xE0
_PARITY_BIT_OFF = bytes(octet & 0x7F for octet in range(256))


def content(frame: Frame) -> bytes:
    """What the frame was sent for; IndexError or DecodeError where it is cut short."""
    return _CONTENT[frame.format](frame.data)


def _telegram(data: bytes) -> bytes:
    return data.translate(_PARITY_BIT_OFF) if data[:1] >= b"\x80" else data


def _hdlc(data: bytes) -> bytes:
    return b"".join([_apdu(information) for information in _information_fields(data)])


def _information_fields(data: bytes) -> Iterator[bytes]:
    """Of each segment; between segments and behind the last there may be a flag."""
    at = 0
    while at < len(data) and data[at:] != b"\x7e":
        end = at + 1 + ((data[at + 1] & 0x07) << 8 | data[at + 2])
        start = _end_of_address(data, _end_of_address(data, at + 3)) + 3  # control, HCS
        if end > len(data) or start + 2 > end or data[at] != 0x7E:
            raise DecodeError("an HDLC frame that is cut short")
        yield data[start : end - 2]
        at = end


def _end_of_address(data: bytes, at: int) -> int:
    while not data[at] & 1:
        at += 1
    return at + 1


def _mbus(data: bytes) -> bytes:
    """68 L L 68 C A CI STSAP DTSAP data checksum 16, one behind the other; an L above 255 has wrapped."""
    parts, at = [], 0
    while at < len(data):
        end = mbus_end(data, at)
        parts.append(data[at + 9 : end - 2])
        at = end
    return b"".join(parts)


def mbus_end(data: bytes, at: int) -> int:
    """Where the M-Bus long frame that begins at `at` ends, its length as stated or wrapped; DecodeError without one."""
    stated = at + data[at + 1] + 6
    end = next((end for end in (stated, stated + 256) if _ends_mbus(data, at, end)), None)
    if end is None:
        raise DecodeError("an M-Bus frame that is cut short")
    return end


def _ends_mbus(data: bytes, at: int, end: int) -> bool:
    whole = at + 10 <= end <= len(data)
    return whole and data[end - 1] == 0x16 and sum(data[at + 4 : end - 2]) & 0xFF == data[end - 2]


def _apdu(octets: bytes) -> bytes:
    """Without LLC, and without the head of a block of a general block transfer.

    E0 | control | block 2 | acknowledged 2 | length 1-3 | block data
    """
    if octets.startswith(_LLC):
        octets = octets[3:]
    if octets[:1] != bytes((_BLOCK_TRANSFER,)):
        return octets
    length, start = ber_length(octets, 6)
    return octets[start : start + length]


def ber_length(data: bytes, at: int) -> tuple[int, int]:
    """A length of one octet, or 81 nn, 82 nn nn, … -> the length and where it ends."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if first == 0x80 or end > len(data) or end > at + 5:
        raise DecodeError(f"a length of form {first:02x}")
    return int.from_bytes(data[at + 1 : end], "big"), end


_CONTENT = {"p1": _telegram, "hdlc": _hdlc, "mbus": _mbus, "dlms": _apdu}
