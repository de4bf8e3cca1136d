"""All messages of a whole file (docs/decode.md, "Files and framing")."""

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
    """The octets that hex text spells, white space anywhere in it; what is no hex text stands for itself."""
    return bytes.fromhex("".join(data.decode().split())) if _HEX.fullmatch(data) else data


def find_all(data: bytes, received_at: datetime) -> list[Frame | BadFrame]:
    """Messages and damage in order, from raw octets or hex text. A file with neither is one BadFrame."""
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
