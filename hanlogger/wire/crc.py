"""The two 16-bit checksums of meter ports: CRC-16/ARC of telegrams and X.25 of HDLC."""

from __future__ import annotations

from fastcrc import crc16

_X25_RESIDUE = 0x0F47  # the X.25 of any octets that end with their own check sequence


def calculate_arc(data: bytes) -> int:
    """Return the CRC-16/ARC (DSMR P1 5.0.2, 6.2; docs/protocol.md A.5); 0xBB3D over `123456789`."""
    return crc16.arc(data)


def calculate_x25(data: bytes) -> int:
    """Return the CRC-16/X-25 (docs/protocol.md C.2); 0x906E over `123456789`."""
    return crc16.ibm_sdlc(data)


def make_x25_sequence(data: bytes) -> bytes:
    """Return the X.25 check sequence as it is sent: low octet first (docs/protocol.md C.2)."""
    return calculate_x25(data).to_bytes(2, "little")


def ends_with_x25(data: bytes) -> bool:
    """Tell whether octets end with their own X.25 check sequence."""
    return calculate_x25(data) == _X25_RESIDUE
