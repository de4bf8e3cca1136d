"""Messages put together by hand, with checks computed bit by bit: nothing here is shared with what it tests.

This is the only place of the tests that computes a check, and it takes nothing from hanlogger/wire/.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from hanlogger.framing import Framer
from hanlogger.model import BadFrame, Chunk, Frame

RECEIVED_AT = datetime(2025, 1, 14, 14, 4, 11, tzinfo=UTC)


def crc16(data: bytes, polynomial: int, start: int) -> int:
    """A reflected CRC, one bit at a time for each octet there is."""
    crc, remainders = start, _remainders(polynomial)
    for octet in data:
        crc = crc >> 8 ^ remainders[(crc ^ octet) & 0xFF]
    return crc


@cache
def _remainders(polynomial: int) -> list[int]:
    return [_remainder(octet, polynomial) for octet in range(256)]


def _remainder(octet: int, polynomial: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (polynomial if octet & 1 else 0)
    return octet


def arc(data: bytes) -> int:
    return crc16(data, 0xA001, 0)


def x25(data: bytes) -> bytes:
    return (crc16(data, 0x8408, 0xFFFF) ^ 0xFFFF).to_bytes(2, "little")


def telegram(*rows: str, identification: str = "/TST5", checksum: bool = True) -> bytes:
    """A telegram of these rows."""
    text = "\r\n".join([identification, "", *rows, "!"]).encode()
    return with_checksum(text) if checksum else text + b"\r\n"


def with_checksum(text: bytes) -> bytes:
    """A telegram of octets from its "/" to its "!"."""
    return text + b"%04X\r\n" % arc(text)


def hdlc(information: bytes, *, segmented: bool = False, header: bytes = b"\x41\x08\x83\x13") -> bytes:
    """A frame of type 3 between two flags."""
    length = 2 + len(header) + 2 + len(information) + 2
    head = (0xA000 | (0x800 if segmented else 0) | length).to_bytes(2, "big") + header
    content = head + x25(head) + information
    return b"\x7e" + content + x25(content) + b"\x7e"


def mbus(data: bytes, control_information: int = 0x10) -> bytes:
    """A long frame; L wraps above 255."""
    content = b"\x53\xff" + bytes((control_information,)) + b"\x01\x67" + data
    length = bytes((len(content) & 0xFF,))
    return b"\x68" + length * 2 + b"\x68" + content + bytes((sum(content) & 0xFF, 0x16))


def even_parity(data: bytes) -> bytes:
    """As seven data bits with even parity look through a port of eight."""
    return data.translate(_EVEN)


_EVEN = bytes(octet | (octet.bit_count() & 1) << 7 for octet in range(256))


def feed(
    framer: Framer, data: bytes, *, pieces: int | None = None, quiet: bool = True, at: datetime = RECEIVED_AT
) -> list[Frame | BadFrame]:
    """What comes of `data`, whole or in pieces of that size, and then of silence."""
    size = pieces or max(len(data), 1)
    events = [
        event for start in range(0, len(data), size) for event in framer.feed(Chunk(data[start : start + size], at))
    ]
    return events + (framer.feed(Chunk(b"", at)) if quiet else [])


def find(data: bytes, *, pieces: int | None = None) -> list[Frame | BadFrame]:
    return feed(Framer(), data, pieces=pieces)


def frames(events: list[Frame | BadFrame]) -> list[bytes]:
    return [event.data for event in events if isinstance(event, Frame)]


def reasons(events: list[Frame | BadFrame]) -> list[str]:
    return [event.reason for event in events if isinstance(event, BadFrame)]


def later(seconds: float) -> datetime:
    return RECEIVED_AT + timedelta(seconds=seconds)
