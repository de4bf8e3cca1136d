"""The two 16-bit checksums of meter ports: CRC-16/ARC of telegrams and X.25 of HDLC, both at the speed of C."""

from __future__ import annotations

from binascii import crc_hqx

_REFLECTED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
_FACTOR = 0x8003  # x^15 + x + 1; the polynomial of ARC is (x + 1) times that
_FOLDS = [(n, 15 * n, (1 << 15 * n) - 1) for n in (1 << power for power in range(13, -1, -1))]
_X25_RESIDUE = 0x1D0F  # left by the CRC over a frame with its own check sequence


def arc(data: bytes) -> int:
    """Return the CRC-16/ARC (DSMR P1 5.0.2, 6.2; docs/protocol.md A.5); 0xBB3D over `123456789`.

    The data is one long polynomial. Modulo x^15 + x + 1, and so modulo its square, its fourth power …, x^(15 n) equals
    x^n + 1 for n = 1, 2, 4 …: it folds in half with two shifts. The parity of its bits is the remainder modulo x + 1.
    """
    rest = int.from_bytes(data.translate(_REFLECTED), "big") << 16
    parity = rest.bit_count() & 1
    for n, width, mask in _FOLDS[-(rest.bit_length() // 15).bit_length() :]:
        while high := rest >> width:
            rest = rest & mask ^ high << n ^ high
    if rest.bit_count() & 1 != parity:
        rest ^= _FACTOR
    return _REFLECTED[rest & 0xFF] << 8 | _REFLECTED[rest >> 8]


def x25(data: bytes) -> int:
    """Return the CRC-16/X-25 (docs/protocol.md C.2); 0x906E over `123456789`.

    The C function of the standard library has the same polynomial, the other way round.
    """
    crc = crc_hqx(data.translate(_REFLECTED), 0xFFFF) ^ 0xFFFF
    return _REFLECTED[crc & 0xFF] << 8 | _REFLECTED[crc >> 8]


def x25_sequence(data: bytes) -> bytes:
    """Return the X.25 check sequence as it is sent: low octet first (docs/protocol.md C.2)."""
    return x25(data).to_bytes(2, "little")


def x25_good(data: bytes) -> bool:
    """Tell whether octets end with their own X.25 check sequence."""
    return crc_hqx(data.translate(_REFLECTED), 0xFFFF) == _X25_RESIDUE
