"""Blocks of a general block transfer (Green Book, 9.3.9; docs/protocol.md C.3).

    E0 | block control | block number 2 | acknowledged 2 | length 1-3 | block data

Block control: bit 7, the last block; bit 6, streaming; the rest, the window. The last two ask something of a client,
and nothing of one that only listens. Block numbers count from 1.
"""

from __future__ import annotations

from typing import NamedTuple

from hanlogger.wire.ber import read_partial_ber_length

TAG = b"\xe0"
_LAST = 0x80
_NUMBER, _LENGTH_AT = slice(2, 4), 6


class Block(NamedTuple):
    """One block of a transfer, and where its data stands in the APDU; the end may lie past that of the APDU."""

    number: int
    last: bool
    data: range


def read_block(apdu: bytes) -> Block | None:
    """Return the block that an APDU is, or begins; None where it is none, or its head is malformed or cut short."""
    field = read_partial_ber_length(apdu, _LENGTH_AT) if apdu[:1] == TAG else None
    if field is None or field[0] < 0:
        return None
    length, start = field
    return Block(int.from_bytes(apdu[_NUMBER], "big"), bool(apdu[1] & _LAST), range(start, start + length))
