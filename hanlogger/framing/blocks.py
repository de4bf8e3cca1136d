"""Blocks of a general block transfer, as far as they must be told apart and joined (docs/protocol.md C.3)."""

from __future__ import annotations

from hanlogger.wire.blocks import Block, block


def block_in_frame(apdu: bytes, *, more: bool) -> Block | None:
    """Return the block that an APDU is, or begins where `more` of it comes in other frames; None for any other APDU."""
    found = block(apdu)
    if found is None or found.number == 0:
        return None
    return found if more or found.data.stop <= len(apdu) else None
