"""Tests of octets by undoing damage: when undoing one kind of damage recovers a message, that damage is proved.

All functions are pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hanlogger.doctor.octet_shapes import is_probably_inverted, reads_as_telegram
from hanlogger.framing import find_all
from hanlogger.model import Frame
from hanlogger.wire import llc, notification

_CUT_BEGINNING = bytes(octet & 0x7F for octet in (*llc.SENT, notification.TAG))
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def is_hex_text(octets: bytes) -> bool:
    """Return whether a message is written as hexadecimal digits, `7EA0E2…` or `7E A0 E2 …`, from any digit on."""
    digits = re.sub(rb"[\s,;:]+|0x", b"", octets)
    if len(digits) < 0.9 * len(re.sub(rb"\s", b"", octets)) or re.search(rb"[^0-9A-Fa-f]", digits):
        return False
    return any(_has_message(bytes.fromhex(digits[at : at + (len(digits) - at & ~1)].decode())) for at in (0, 1))


def has_changed_line_ends(octets: bytes) -> bool:
    """Return whether a bridge has rewritten line ends, by undoing each of the usual rewritings.

    A binary frame that was cut cannot be recovered; but no meter sends a CR before each LF of its binary frames.
    """
    undone = (
        octets.replace(b"\r\n", b"\n"),
        octets.replace(b"\r\r\n", b"\r\n"),
        octets.replace(b"\n\n", b"\r\n"),
        re.sub(rb"\r?\n|\r", b"\r\n", octets),
    )
    feeds = octets.count(b"\n")
    binary = llc.SENT in octets
    return any(map(_has_message, undone)) or (binary and feeds > 1 and octets.count(b"\r\n") == feeds)


def is_inverted(octets: bytes) -> bool:
    r"""Return whether the line is inverted: the inverse holds text or a message, or there are too many ones.

    The receiver takes each stop bit for a start bit, so that seven bits stand one place too high:

        sent       0 d0 d1 d2 d3 d4 d5 d6 0  1  0 …
        inverted   1 \0 \1 \2 \3 \4 \5 \6 1  0  1 …
        taken                             1 |0  1 \0 \1 \2 \3 \4 \5 \6 1|
    """
    text = bytes(~octet >> 1 & 0x7F for octet in octets)
    plain = bytes(octet ^ 0xFF for octet in octets)
    return reads_as_telegram(text) or reads_as_telegram(plain) or _has_message(plain) or is_probably_inverted(octets)


def has_spoilt_eighth_bit(octets: bytes) -> bool:
    """Return whether bit 7 spoils a text: a parity bit that is odd, or even parity with octets lost."""
    return max(octets, default=0) > 0x7F and reads_as_telegram(bytes(octet & 0x7F for octet in octets))


def has_cut_eighth_bit(octets: bytes) -> bool:
    """Return whether the LLC header and the tag of a notification are there without bit 7 of their octets."""
    return max(octets, default=0) < 0x80 and _CUT_BEGINNING in octets


def _has_message(octets: bytes) -> bool:
    return any(isinstance(event, Frame) and event.verified for event in find_all(octets, _ANY_TIME))
