"""The two checksums of meters' ports, computed apart from hanlogger's own code, whose errors they are to reveal."""

from __future__ import annotations


def _table(polynomial: int) -> tuple[int, ...]:
    """Return the remainder of each octet for a polynomial, least significant bit first."""
    remainders = list(range(256))
    for _ in range(8):
        remainders = [(r >> 1) ^ (polynomial if r & 1 else 0) for r in remainders]
    return tuple(remainders)


_ARC = _table(0xA001)
_X25 = _table(0x8408)


def arc(data: bytes) -> int:
    """Return the CRC-16/ARC of a P1 telegram from its "/" to its "!" (DSMR P1 5.0.2, section 6.2)."""
    remainder = 0
    for octet in data:
        remainder = (remainder >> 8) ^ _ARC[(remainder ^ octet) & 0xFF]
    return remainder


def x25(data: bytes) -> bytes:
    """Return the CRC-16/X-25 of an HDLC header or frame as it is sent: low octet first (ISO/IEC 13239)."""
    remainder = 0xFFFF
    for octet in data:
        remainder = (remainder >> 8) ^ _X25[(remainder ^ octet) & 0xFF]
    return (remainder ^ 0xFFFF).to_bytes(2, "little")
