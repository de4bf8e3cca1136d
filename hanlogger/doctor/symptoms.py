"""Octets that hold no message: what is done to them on the way, told from the octets alone. Pure.

Damage that can be undone is proof: where the octets, put right in one way, hold a message, that way is the answer. The
rest is told by the shape of the octets (docs/protocol.md A.2, B and F).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from hanlogger.framing import find_all
from hanlogger.model import Frame

Symptom = Literal[
    "another service",
    "hex text",
    "line ends",
    "inverted",
    "seven bits",
    "eighth bit cut",
    "identification only",
    "octets lost",
    "floating",
    "port too fast",
    "wrong speed",
]
"""Keys of the texts; the last one is what remains: wrong speed, wrong parity, or noise."""


class Row(NamedTuple):
    """A row: the symptom is there when `fits` says so of the octets."""

    symptom: Symptom
    fits: Callable[[bytes], bool]


def symptom(octets: bytes) -> Symptom:
    """The first of ROWS that fits; `octets` is what a port gave, some seconds of it, and no message is in it."""
    return next((row.symptom for row in ROWS if row.fits(octets)), "wrong speed")


# --- proof: what holds a message once it is put right

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_CODE = re.compile(rb"\d-\d{1,2}:\d{1,2}\.\d{1,2}\.\d{1,3}\(")
_ENOUGH_CODES = 5  # no noise has that many OBIS codes


def _holds_message(octets: bytes) -> bool:
    return any(isinstance(event, Frame) and event.verified for event in find_all(octets, _ANY_TIME))


def _reads_as_telegram(octets: bytes) -> bool:
    return len(_CODE.findall(octets)) >= _ENOUGH_CODES


def _hex_text(octets: bytes) -> bool:
    """`7EA0E2…` or `7E A0 E2 …`, which begins anywhere."""
    digits = re.sub(rb"[\s,;:]+|0x", b"", octets)
    if len(digits) < 0.9 * len(re.sub(rb"\s", b"", octets)) or re.search(rb"[^0-9A-Fa-f]", digits):
        return False
    return any(_holds_message(bytes.fromhex(digits[at : at + (len(digits) - at & ~1)].decode())) for at in (0, 1))


def _line_ends(octets: bytes) -> bool:
    """Undo what bridges do. A cut frame proves nothing, but no meter has a CR before each LF of its binary frames."""
    undone = (
        octets.replace(b"\r\n", b"\n"),
        octets.replace(b"\r\r\n", b"\r\n"),
        octets.replace(b"\n\n", b"\r\n"),
        re.sub(rb"\r?\n|\r", b"\r\n", octets),
    )
    feeds = octets.count(b"\n")
    binary = b"\xe6\xe7\x00" in octets
    return any(map(_holds_message, undone)) or (binary and feeds > 1 and octets.count(b"\r\n") == feeds)


def _inverted(octets: bytes) -> bool:
    r"""Text is proof, else a message has more zeros than ones, and its inverse has not (ciphered ones have as many).

    The receiver takes each stop bit for a start bit, so that seven bits stand one place too high:

        sent       0 d0 d1 d2 d3 d4 d5 d6 0  1  0 …
        inverted   1 \0 \1 \2 \3 \4 \5 \6 1  0  1 …
        taken                             1 |0  1 \0 \1 \2 \3 \4 \5 \6 1|
    """
    text = bytes(~octet >> 1 & 0x7F for octet in octets)
    plain = bytes(octet ^ 0xFF for octet in octets)
    if _reads_as_telegram(text) or _reads_as_telegram(plain) or _holds_message(plain):
        return True
    ones = sum(octet.bit_count() for octet in octets)
    return len(octets) > _FEW and (ones > 4.5 * len(octets) or _share(octets, _IDLE_INVERTED) > 0.9)


def _seven_bits(octets: bytes) -> bool:
    """Text below bit 7 that bit 7 spoils: a parity that is odd, or even with octets lost."""
    return max(octets, default=0) > 0x7F and _reads_as_telegram(bytes(octet & 0x7F for octet in octets))


def _eighth_bit_cut(octets: bytes) -> bool:
    """The LLC header E6 E7 00 and the tag 0F of a notification, less bit 7."""
    return max(octets, default=0) < 0x80 and b"fg\x00\x0f" in octets


# --- shape

_FEW = 24  # octets: less than a tenth of a message
_SERVICE = re.compile(rb"HTTP/1|<html|<!DOCTYPE|SSH-\d|\A\xff[\xfb\xfd]|\{\s*\"", re.IGNORECASE)
_IDENTIFICATION = re.compile(rb"/[A-Z]{2}[A-Za-z]\d[^\r\n]{0,40}\r?\n")
_IDLE_INVERTED = bytes((0x00, 0xF8, 0xFF))  # docs/protocol.md F
_HELD = bytes((0x00, 0x80, 0xC0, 0xE0, 0xF0, 0xF8, 0xFC, 0xFE, 0xFF))  # one edge at most


def _shortest_run(octet: int) -> int:
    """Of equal bits from the start bit on; the last run is cut by the stop bit and says nothing."""
    bits = f"{octet:08b}0"[::-1]
    runs = [len(run) for run in re.findall("0+|1+", bits)]
    return min(runs[:-1], default=len(bits))


_LONG_RUNS = bytes(octet for octet in range(256) if _shortest_run(octet) > 2)


def _share(octets: bytes, of: bytes) -> float:
    return 1 - len(octets.translate(None, of)) / len(octets) if octets else 0.0


def _port_too_fast(octets: bytes) -> bool:
    """No bit is shorter than three of the port's: 00, 80, 78 and F8 where the port is four times too fast."""
    return len(octets) > _FEW and _share(octets, _LONG_RUNS) > 0.9


def _floating(octets: bytes) -> bool:
    """A few octets of one edge: the line moves now and then, and nobody drives it."""
    return len(octets) <= _FEW and _share(octets, _HELD) > 0.8


def _identification_only(octets: bytes) -> bool:
    """`/KAM5` and no row: Kamstrup's module without its 5 V (docs/protocol.md A.2)."""
    return bool(_IDENTIFICATION.search(octets)) and not _CODE.search(octets)


ROWS = (
    Row("another service", lambda octets: bool(_SERVICE.search(octets[:200]))),
    Row("hex text", _hex_text),
    Row("line ends", _line_ends),
    Row("octets lost", _reads_as_telegram),
    Row("identification only", _identification_only),
    Row("floating", _floating),
    Row("port too fast", _port_too_fast),
    Row("inverted", _inverted),
    Row("seven bits", _seven_bits),
    Row("eighth bit cut", _eighth_bit_cut),
)
"""In this order: what is proved or plain to see before what is likely."""
