"""Hiding possible meter numbers in octets that are not a message: noise, damage, parts of telegrams.

Nothing is certain there, so everything that looks like a number is masked: runs of letters and digits with many digits,
octets printed in hex, the octets after the beginning of an encrypted APDU, and every text that was masked in a good
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hanlogger.recordings.redact.telegram import TIME
from hanlogger.wire import ciphering
from hanlogger.wire.parity import strip_parity

_RUN = re.compile(rb"(?<![0-9.])(?!(?:%b)\))(?=(?:[A-Za-z]*[0-9]){6})[0-9A-Za-z]+(?![0-9A-Za-z.*])" % TIME)
"""A run of letters and digits with six digits or more that is neither a measured value (point or unit) nor a time."""

_DUMP = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:[ :-][0-9A-Fa-f]{2}){7,}(?![0-9A-Za-z])")
"""Octets as bridges print them for people to read, `7E A0 E2 2B`: a number is in it digit by digit."""

_TITLE = re.compile(rb"(?<=%b).{1,%d}" % (ciphering.BEGINNING, ciphering.TITLE_OCTETS), re.DOTALL)

_BEGINNING = re.compile(rb"/[A-Za-z]{3}[0-9A-Z]")
_MAKER_AND_SPEED = 4
"""A telegram begins with its maker's letters and the speed, which stay: without them damage would be noise."""


def hide(octets: bytes, hidden: Iterable[bytes]) -> bytes:
    """Return the octets with possible meter numbers set to 0, of the same length.

    hidden: the texts that were masked elsewhere. The octets are searched with and without their eighth bit, which may
    be a parity bit; the digit 0 with even parity is the same octet.
    """
    new = bytearray(octets)
    for view in (octets, strip_parity(octets)):
        for text in hidden:
            _blank(new, re.finditer(re.escape(text), view))
        _blank(new, _RUN.finditer(view))
        _blank(new, _DUMP.finditer(view))
    _blank(new, _TITLE.finditer(octets), 0)
    return bytes(new)


def _blank(octets: bytearray, matches: Iterable[re.Match[bytes]], zero: int = 0x30) -> None:
    for match in matches:
        start = match.start()
        if _BEGINNING.match(match.string, start - 1):
            start += _MAKER_AND_SPEED
        octets[start : match.end()] = bytes((zero,)) * (match.end() - start)
