"""The two checksums of meters' ports, not shared with the reader: that would hide its faults."""

from __future__ import annotations


def _table(polynomial: int) -> tuple[int, ...]:
    """Remainders of each octet, least significant bit first."""
    remainders = list(range(256))
    for _ in range(8):
        remainders = [(r >> 1) ^ (polynomial if r & 1 else 0) for r in remainders]
    return tuple(remainders)


_ARC = _table(0xA001)
_X25 = _table(0x8408)


def arc(data: bytes) -> int:
    """CRC-16/ARC of a P1 telegram, from its "/" to its "!" (DSMR P1 5.0.2, section 6.2)."""
    remainder = 0
    for octet in data:
        remainder = (remainder >> 8) ^ _ARC[(remainder ^ octet) & 0xFF]
    return remainder


def x25(data: bytes) -> bytes:
    """CRC-16/X-25 of an HDLC frame's header or of all of it, as sent: low octet first (ISO 13239)."""
    remainder = 0xFFFF
    for octet in data:
        remainder = (remainder >> 8) ^ _X25[(remainder ^ octet) & 0xFF]
    return (remainder ^ 0xFFFF).to_bytes(2, "little")
