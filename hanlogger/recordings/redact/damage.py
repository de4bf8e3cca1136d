"""Hiding what may be the number of a meter in octets that are no message: noise, damage, halves of telegrams.

Nothing is certain there, so whatever looks like one is hidden: runs of letters and digits with many digits, the octets
behind the beginning of a ciphered APDU, and every text that was hidden in a good message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hanlogger.recordings.redact.telegram import TIME
from hanlogger.wire import ciphering
from hanlogger.wire.parity import without_parity

_RUN = re.compile(rb"(?<![0-9.])(?!(?:%b)\))(?=(?:[A-Za-z]*[0-9]){6})[0-9A-Za-z]+(?![0-9A-Za-z.*])" % TIME)
"""No measure, which has a point or a unit, and no time of a telegram."""

_TITLE = re.compile(rb"(?<=%b).{1,%d}" % (ciphering.BEGINNING, ciphering.TITLE_OCTETS), re.DOTALL)


def hide(octets: bytes, hidden: Iterable[bytes]) -> bytes:
    """As long as before. Seven bits with parity are looked at as well: an even 0 is the same octet."""
    new = bytearray(octets)
    for view in (octets, without_parity(octets)):
        for text in hidden:
            _zero(new, re.finditer(re.escape(text), view))
        _zero(new, _RUN.finditer(view))
    _zero(new, _TITLE.finditer(octets), 0)
    return bytes(new)


def _zero(octets: bytearray, matches: Iterable[re.Match[bytes]], zero: int = 0x30) -> None:
    for match in matches:
        octets[match.start() : match.end()] = bytes((zero,)) * len(match[0])
