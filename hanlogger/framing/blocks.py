"""Recognise blocks of a general block transfer, so that they can be joined (docs/protocol.md C.3)."""

from __future__ import annotations

from hanlogger.wire.blocks import Block, read_block

_MOST_BLOCKS = 255
_ACKNOWLEDGED = slice(4, 6)


def find_block(apdu: bytes, *, more: bool) -> Block | None:
    """Return the block that an APDU is, or begins where `more` of it comes in other frames; None for any other APDU."""
    found = read_block(apdu)
    if found is None or found.number == 0:
        return None
    return found if more or found.data.stop <= len(apdu) else None


def is_whole_block(apdu: bytes, *, more: bool) -> bool:
    """Tell whether an APDU is a block beyond doubt: one of the first 255, that acknowledges none, and fills its frame.

    Where `more` of it comes in other frames it needs more octets than there are.
    """
    found = find_block(apdu, more=more)
    if found is None or found.number > _MOST_BLOCKS or any(apdu[_ACKNOWLEDGED]):
        return False
    return found.data.stop > len(apdu) if more else found.data.stop == len(apdu)
