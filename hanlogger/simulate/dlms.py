"""Encoders of DLMS: A-XDR values, COSEM date-times, notifications, and HDLC frames around them (docs/protocol.md C)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from hanlogger.wire.crc import make_x25_sequence

NO_DEVIATION = b"\x80\x00"
LLC = bytes.fromhex("E6E700")
NULL = b"\x00"

_FLAG = b"\x7e"


def array(items: Sequence[bytes]) -> bytes:
    """Return an A-XDR array (tag 01) of encoded values."""
    return b"\x01" + bytes([len(items)]) + b"".join(items)


def structure(*items: bytes) -> bytes:
    """Return an A-XDR structure (tag 02) of encoded values."""
    return b"\x02" + bytes([len(items)]) + b"".join(items)


def u32(number: int) -> bytes:
    """Return an A-XDR double-long-unsigned (tag 06)."""
    return b"\x06" + number.to_bytes(4)


def octets(value: bytes) -> bytes:
    """Return an A-XDR octet-string (tag 09)."""
    return b"\x09" + bytes([len(value)]) + value


def text(value: str) -> bytes:
    """Return an A-XDR visible-string (tag 0A)."""
    return b"\x0a" + bytes([len(value)]) + value.encode("ascii")


def i16(number: int) -> bytes:
    """Return an A-XDR long (tag 10)."""
    return b"\x10" + number.to_bytes(2, signed=True)


def u16(number: int) -> bytes:
    """Return an A-XDR long-unsigned (tag 12)."""
    return b"\x12" + number.to_bytes(2)


def u64(number: int) -> bytes:
    """Return an A-XDR long64-unsigned (tag 15)."""
    return b"\x15" + number.to_bytes(8)


@lru_cache
def code(obis: str) -> bytes:
    """Return an OBIS code such as `1-0:1.7.0` as an octet-string of six octets, the sixth of them 255."""
    groups = [int(group) for group in obis.replace("-", ".").replace(":", ".").split(".")]
    return octets(bytes([*groups, 255]))


@lru_cache
def scaler_unit(scaler: int, unit: int) -> bytes:
    """Return the structure of a register's scaler, a power of ten, and its unit (Blue Book, table 4)."""
    return structure(b"\x0f" + scaler.to_bytes(1, signed=True), b"\x16" + bytes([unit]))


def date_time(local: datetime, deviation: bytes = NO_DEVIATION, status: int = 0, sunday: int = 7) -> bytes:
    """Return the 12 octets of a COSEM date-time. sunday: the number that the meter gives that day (Aidon: 0)."""
    day_of_week = local.isoweekday() if local.isoweekday() < 7 else sunday
    fields = (local.month, local.day, day_of_week, local.hour, local.minute, local.second, 0xFF)
    return local.year.to_bytes(2) + bytes(fields) + deviation + bytes([status])


def deviation(local: datetime) -> bytes:
    """Return the deviation of an aware local time in minutes, as two octets, so that UTC = local + deviation."""
    offset = local.utcoffset()
    return b"" if offset is None else int(-offset.total_seconds() // 60).to_bytes(2, signed=True)


def notification(body: bytes, time: bytes = NULL, invoke_id: int = 0) -> bytes:
    """Return a data-notification. time: its date-time with the tag or length that the meter puts before it."""
    return b"\x0f" + invoke_id.to_bytes(4) + time + body


def hdlc(addresses_and_control: str, information: bytes) -> bytes:
    """Return an HDLC frame of format type 3, not segmented (docs/protocol.md C.2). The addresses are given in hex."""
    link = bytes.fromhex(addresses_and_control)
    length = 2 + len(link) + 2 + len(information) + 2
    header = (0xA000 | length).to_bytes(2) + link
    frame = header + make_x25_sequence(header) + information
    return _FLAG + frame + make_x25_sequence(frame) + _FLAG
