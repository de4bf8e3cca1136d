"""A-XDR values put together by hand (docs/protocol.md C.4, C.5)."""

from __future__ import annotations

from datetime import datetime


def array(*values: bytes) -> bytes:
    return b"\x01" + bytes((len(values),)) + b"".join(values)


def structure(*values: bytes) -> bytes:
    return b"\x02" + bytes((len(values),)) + b"".join(values)


def octets(value: bytes) -> bytes:
    return b"\x09" + bytes((len(value),)) + value


def text(value: str) -> bytes:
    return b"\x0a" + bytes((len(value),)) + value.encode()


def code(text: str) -> bytes:
    """`1-0:1.7.0` as an octet string of six."""
    medium, _, rest = text.partition(":")
    return octets(bytes([*map(int, medium.split("-")), *map(int, rest.split(".")), 255]))


def u8(value: int) -> bytes:
    return b"\x11" + value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    return b"\x12" + value.to_bytes(2, "big")


def i16(value: int) -> bytes:
    return b"\x10" + value.to_bytes(2, "big", signed=True)


def u32(value: int) -> bytes:
    return b"\x06" + value.to_bytes(4, "big")


def bcd(value: int) -> bytes:
    return b"\x0d" + bytes.fromhex(f"{value:02d}")


def scaler_unit(scaler: int, unit: int) -> bytes:
    return structure(b"\x0f" + scaler.to_bytes(1, "big", signed=True), b"\x16" + bytes((unit,)))


def date_time(local: datetime, deviation: int | None = None, *, weekday: int = 1, status: int = 0) -> bytes:
    """The 12 octets, without tag or length."""
    stated = (-0x8000 if deviation is None else deviation).to_bytes(2, "big", signed=True)
    day = bytes((local.month, local.day, weekday, local.hour, local.minute, local.second, 0xFF))
    return local.year.to_bytes(2, "big") + day + stated + bytes((status,))


def notification(body: bytes, header: bytes = b"\x00") -> bytes:
    return b"\x0f\x40\x00\x00\x00" + header + body


NULL = b"\x00"
