"""The checksums of telegrams: a CRC in hex behind "!", or a block check character (docs/protocol.md A.5, B).

    /ELL5… CR LF … !7945          from "/" through "!", both included
    STX … ! CR LF ETX BCC         the exclusive or of all behind STX, through ETX

One maker's telegrams have X.25 in the place of ARC: `framing/p1.py` takes either.
"""

from __future__ import annotations

from functools import reduce
from operator import xor

from hanlogger.wire.crc import calculate_arc

STX, ETX = b"\x02", b"\x03"
END = b"!"


def has_block_check(telegram: bytes) -> bool:
    """Tell whether a telegram ends with ETX and a block check character."""
    return telegram[-2:-1] == ETX


def calculate_block_check(telegram: bytes) -> int:
    """Return the character that such a telegram should end with; ValueError where STX is missing."""
    return reduce(xor, telegram[telegram.index(STX) + 1 : -1])


def calculate_checksum(telegram: bytes) -> int:
    """Return the CRC-16/ARC that should stand behind the last "!"; ValueError where there is none."""
    return calculate_arc(telegram[: telegram.rindex(END) + 1])
