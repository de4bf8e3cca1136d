"""Lengths as the Basic Encoding Rules write them (ITU-T X.690, 8.1.3), used by A-XDR and block transfer."""

from __future__ import annotations

from hanlogger.errors import DecodeError


def ber_length(data: bytes, at: int) -> tuple[int, int]:
    """A length of one octet, or 81 nn, 82 nn nn, … -> the length and where it ends."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if first == 0x80 or end > len(data) or end > at + 5:
        raise DecodeError(f"a length of form {first:02x}")
    return int.from_bytes(data[at + 1 : end], "big"), end
