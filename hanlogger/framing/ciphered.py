"""Ciphered APDUs on the bare line, as in Luxembourg (docs/protocol.md E.2): nothing frames them but their own length.

    DB | 08 | system title 8 | length 1-3 | security control | frame counter 4 | ciphertext | tag 12

The first three octets of a system title are the letters of the maker: with them and a sensible security control a start
is sure enough on a quiet line. Inside damage, and behind the header of a framed APDU, it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.framing.formats import NOTHING, Extent, Format, Verdict, unfinished

LONGEST = 4096
_ENCRYPTED, _SUITES = 0x20, 0x0F
_TITLE_END = 10


def length_field(octets: Sequence[int], at: int) -> tuple[int, int] | None:
    """A BER length and where it ends; None while octets are missing, (-1, at) where it is none."""
    if at >= len(octets):
        return None
    first = octets[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    if size not in (1, 2):
        return -1, at
    if at + size >= len(octets):
        return None
    return int.from_bytes(bytes(octets[at + 1 : at + 1 + size]), "big"), at + 1 + size


def secured_end(octets: Sequence[int], at: int) -> int | None:
    """Where the part ends whose length field stands at `at`; None while octets are missing, -1 where it is none."""
    field = length_field(octets, at)
    if field is None:
        return None
    length, start = field
    if length < 6 or start + length > LONGEST:
        return -1
    if start >= len(octets):
        return None
    security = octets[start]
    return start + length if security & _ENCRYPTED and security & _SUITES < 3 else -1


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """A start is the tag, a title that begins with letters, a length and a security control that encrypts."""
    if not b"\xdb\x08".startswith(buffer[:2]) or any(not chr(octet).isalpha() or octet > 0x7F for octet in buffer[2:5]):
        return NOTHING
    end = secured_end(buffer, _TITLE_END)
    if end is not None and end <= len(buffer):
        return NOTHING if end < 0 else Extent(end)
    return unfinished(buffer, quiet) if len(buffer) > _TITLE_END else (NOTHING if quiet else None)


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """Only its key can tell."""
    return Verdict(verified=False)


FORMAT = Format("dlms", 0xDB, measure, check, raw=True)
