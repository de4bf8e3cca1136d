"""Seven data bits with even parity, read through a port of eight: bit 7 is the parity (docs/protocol.md B)."""

from __future__ import annotations

from typing import TypeVar

Octets = TypeVar("Octets", bytes, bytearray)

_WITHOUT = bytes(octet & 0x7F for octet in range(256))
_EVEN = bytes(octet & 0x7F | (octet & 0x7F).bit_count() % 2 << 7 for octet in range(256))
_ALL_EVEN = bytes(sorted(set(_EVEN)))
_STARTS = 0x80  # "/" and STX have an odd number of bits: with parity they are above


def has_parity(telegram: bytes) -> bool:
    """Tell whether a telegram came with parity bits, by its first octet: "/" or STX."""
    return telegram[:1] >= bytes((_STARTS,))


def strip_parity(octets: Octets) -> Octets:
    """Return the octets with bit 7 off."""
    return octets.translate(_WITHOUT)


def with_even_parity(octets: bytes) -> bytes:
    """Return the octets with bit 7 set where bits 0 to 6 are odd in number."""
    return octets.translate(_EVEN)


def is_even(octets: bytes) -> bool:
    """Tell whether every octet has even parity."""
    return not octets.translate(None, _ALL_EVEN)


def to_seven_bits(octets: bytes) -> bytes:
    """Return a telegram in seven bits, whether it came with parity bits or without."""
    return octets.translate(_WITHOUT) if has_parity(octets) else octets
