"""Finding the messages of a whole file (docs/decode.md, "Files and framing")."""

from __future__ import annotations

import re
from datetime import datetime

from hanlogger.framing.framer import Framer
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.wire import ciphering, llc, notification

_HEX = re.compile(rb"\s*(?:[0-9A-Fa-f]\s*[0-9A-Fa-f]\s*)+")
_UNFRAMED = (*llc.HEADERS, bytes((notification.TAG,)))
_BODY = re.compile(rb"\x01[^\0]\x02|\x02[^\0][\x00-\x02\x06\x09\x0a]", re.DOTALL)


def octets_of(data: bytes) -> bytes:
    """Return the octets that hex text spells, with white space anywhere in it; what is no hex text, as it is."""
    return bytes.fromhex("".join(data.decode().split())) if _HEX.fullmatch(data) else data


def begins_as_hex(data: bytes) -> bool:
    """Return whether these octets are hex text, also where it ends between the two digits of an octet."""
    return bool(_HEX.fullmatch(data) or _HEX.fullmatch(data + b"0"))


def find_all(data: bytes, received_at: datetime) -> list[Frame | BadFrame]:
    """Find the messages and the damage of a file in order, in raw octets or hex text.

    A file without either is one BadFrame. An APDU or a body that stands alone is a frame of format dlms.
    """
    data = octets_of(data)
    if data.startswith(_UNFRAMED):
        return [Frame("dlms", data, received_at, verified=False)]
    framer = Framer()
    events = framer.feed(Chunk(data, received_at)) + framer.feed(Chunk(b"", received_at))
    if events:
        return events
    if _BODY.match(data) or data[:1] == ciphering.TAG:
        return [Frame("dlms", data, received_at, verified=False)]
    return [BadFrame(None, data, received_at, "no message")]
