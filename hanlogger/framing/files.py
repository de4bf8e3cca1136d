"""Finding the messages of a whole file (docs/decode.md, "Files and framing")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from hanlogger.framing.framer import Framer
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.wire import ciphering, llc, notification

WHOLE = 1024 * 1024  # octets: up to this size a file is read as one, and may be an APDU that stands alone
_LOOK = 4096  # octets at the front of a larger one that tell whether it is hex text
_WHITE = b" \t\n\r\v\f"
_HEX = re.compile(rb"\s*(?:[0-9A-Fa-f]\s*[0-9A-Fa-f]\s*)+")
_UNFRAMED = (*llc.HEADERS, bytes((notification.TAG,)))
_BODY = re.compile(rb"\x01[^\0]\x02|\x02[^\0][\x00-\x02\x06\x09\x0a]", re.DOTALL)


def read_octets(data: bytes) -> bytes:
    """Return the octets that hex text spells, with white space anywhere in it; what is no hex text, as it is."""
    return bytes.fromhex("".join(data.decode().split())) if _HEX.fullmatch(data) else data


def begins_as_hex(data: bytes) -> bool:
    """Return whether these octets are hex text, also where it ends between the two digits of an octet."""
    return bool(_HEX.fullmatch(data) or _HEX.fullmatch(data + b"0"))


def find_all(data: bytes, received_at: datetime) -> list[Frame | BadFrame]:
    """Find the messages and the damage of a file in order, in raw octets or hex text.

    A file without either is one BadFrame. An APDU or a body that stands alone is a frame of format dlms.
    """
    data = read_octets(data)
    if data.startswith(_UNFRAMED):
        return [Frame("dlms", data, received_at, verified=False)]
    framer = Framer()
    events = framer.feed(Chunk(data, received_at)) + framer.feed(Chunk(b"", received_at))
    if events:
        return events
    if _BODY.match(data) or data[:1] == ciphering.TAG:
        return [Frame("dlms", data, received_at, verified=False)]
    return [BadFrame(None, data, received_at, "no message")]


def find_in(pieces: Iterable[bytes], received_at: datetime) -> Iterator[Frame | BadFrame]:
    """Find the messages and the damage in the pieces of a file of any size, in order, as `find_all` does.

    Of more than WHOLE octets an APDU that stands alone is not found, and a BadFrame of no message has the first ones.
    """
    head, rest = bytearray(), iter(pieces)
    for piece in rest:
        head += piece
        if len(head) > WHOLE:
            break
    else:
        yield from find_all(bytes(head), received_at)
        return
    found = _find_framed(chain((bytes(head),), rest), received_at)
    first = next(found, BadFrame(None, bytes(head), received_at, "no message"))
    yield from chain((first,), found)


def _find_framed(pieces: Iterable[bytes], received_at: datetime) -> Iterator[Frame | BadFrame]:
    framer, source = Framer(), iter(pieces)
    first = next(source, b"")
    whole = chain((first,), source)
    for octets in _spell(whole) if begins_as_hex(first[:_LOOK]) else whole:
        if octets:
            yield from framer.feed(Chunk(octets, received_at))
    yield from framer.feed(Chunk(b"", received_at))


def _spell(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the octets that pieces of hex text spell; from the first piece on that is none, all as it is."""
    source, half = iter(pieces), b""
    for piece in source:
        digits = half + piece.translate(None, _WHITE)
        whole = digits[: len(digits) & ~1]
        try:
            yield bytes.fromhex(whole.decode("ascii"))
        except ValueError:
            yield from chain((half + piece,), source)
            return
        half = digits[len(whole) :]
    yield half
