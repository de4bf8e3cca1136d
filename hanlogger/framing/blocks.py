"""The head of a block of a general block transfer (Green Book, 9.3.9), as far as blocks must be told apart and joined.

    E0 | block control | block number 2 | acknowledged 2 | length 1-3 | block data

Block control: bit 7, the last block; bit 6, streaming; the rest, the window. The last two ask something of a client,
and nothing of one that only listens.
"""

from __future__ import annotations

from typing import NamedTuple

from hanlogger.framing.ciphered import length_field

TAG = 0xE0
_LAST, _LENGTH_AT = 0x80, 6


class Block(NamedTuple):
    """Where a block stands in its transfer: numbers count from 1."""

    number: int
    last: bool


def block(apdu: bytes, *, more: bool) -> Block | None:
    """The block that an APDU is, or begins where `more` of it comes in other frames; None for any other APDU."""
    field = length_field(apdu, _LENGTH_AT) if apdu[:1] == bytes((TAG,)) else None
    number = int.from_bytes(apdu[2:4], "big")
    if field is None or number == 0 or field[0] < 0:
        return None
    length, start = field
    return Block(number, bool(apdu[1] & _LAST)) if more or start + length <= len(apdu) else None
