"""Lengths as the Basic Encoding Rules write them (ITU-T X.690, 8.1.3; docs/protocol.md C.4).

    7F          127          below 80: the length itself
    81 FF       255          80 + n: the n octets behind it, big-endian
    82 01 00    256

Lengths of a list count its elements, of a bit string its bits, all others octets.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.errors import DecodeError

_ONE_OCTET = 0x80
_MOST_OCTETS = 4
NOT_A_LENGTH = -1


def read_ber_length(data: bytes, at: int) -> tuple[int, int]:
    """Return the length that stands at `at`, and where it ends.

    DecodeError where it is of a form that is not defined or ends early; IndexError where `at` is past the end.
    """
    first = data[at]
    if first < _ONE_OCTET:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if first == _ONE_OCTET or end > len(data) or end > at + 1 + _MOST_OCTETS:
        raise DecodeError(f"a length of form {first:02x}")
    return int.from_bytes(data[at + 1 : end], "big"), end


def read_partial_ber_length(octets: Sequence[int], at: int) -> tuple[int, int] | None:
    """Return the length at `at` and where it ends, of octets that may go on.

    None while octets of the length are missing; (NOT_A_LENGTH, at) where its form is not defined.
    """
    if at >= len(octets):
        return None
    first = octets[at]
    if first < _ONE_OCTET:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if not at + 1 < end <= at + 1 + _MOST_OCTETS:
        return NOT_A_LENGTH, at
    return (int.from_bytes(bytes(octets[at + 1 : end]), "big"), end) if end <= len(octets) else None
