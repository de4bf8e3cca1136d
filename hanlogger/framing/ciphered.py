"""Measure ciphered APDUs on the bare line, as in Luxembourg: nothing frames them but their own length.

The layout is in `wire/ciphering.py` (docs/protocol.md E.2). The first three octets of a system title are the letters of
the maker: with them and a sensible security control a start is sure enough on a quiet line. Within damage, and after
the header of a framed APDU, it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.framing.formats import NOTHING, Extent, Format, Verdict, judge_unfinished
from hanlogger.wire.ber import read_partial_ber_length
from hanlogger.wire.ciphering import BEGINNING, ENCRYPTED, LENGTH_AT, SUITE, TITLE_AT

LONGEST = 4096
_MAKER = slice(TITLE_AT, TITLE_AT + 3)
_SUITES = 3  # that are defined
_SHORTEST = 6  # octets: a security control, a frame counter, and something


def begins(octets: Sequence[int]) -> bool:
    """Tell whether octets, or the first of them that there are, are the tag and a title that begins with letters."""
    tag, maker = bytes(octets[: len(BEGINNING)]), bytes(octets[_MAKER])
    return BEGINNING.startswith(tag) and all(chr(octet).isalpha() and octet <= 0x7F for octet in maker)


def find_secured_end(octets: Sequence[int], at: int) -> int | None:
    """Return where the part ends whose length field stands at `at`.

    None while octets are missing, -1 where there can be no such part.
    """
    field = read_partial_ber_length(octets, at)
    if field is None:
        return None
    length, start = field
    if length < _SHORTEST or start + length > LONGEST:
        return -1
    if start >= len(octets):
        return None
    control = octets[start]
    return start + length if control & ENCRYPTED and control & SUITE < _SUITES else -1


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """Measure a part that starts with the tag, a title that begins with letters, and a control that encrypts."""
    if not begins(buffer):
        return NOTHING
    end = find_secured_end(buffer, LENGTH_AT)
    if end is not None and end <= len(buffer):
        return NOTHING if end < 0 else Extent(end)
    return judge_unfinished(buffer, quiet) if len(buffer) > LENGTH_AT else (NOTHING if quiet else None)


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """Take every frame, as unverified: only its key can tell whether it is whole."""
    return Verdict(verified=False)


FORMAT = Format("dlms", BEGINNING[0], measure, check, raw=True)
