"""The messages for all libraries: Swedish telegrams as five makers write them, and the Swedish Aidon list."""

from __future__ import annotations

import random
from collections.abc import Iterator

_PHASES = (20, 40, 60)
_BY_PHASE = tuple(c + phase for phase in _PHASES for c in (1, 2))
_BY_DIRECTION = tuple(c + phase for c in (1, 2) for phase in _PHASES)
MAKERS = (  # identification, order of the powers of phases, spelling of var
    ("/ELL5\\253833635_A", _BY_DIRECTION, "var"),
    ("/KAM5", _BY_DIRECTION, "VAr"),
    ("/LGF5E360", _BY_PHASE, "VAr"),
    ("/KFM5KAIFA-METER", _BY_PHASE, "VAr"),
    ("/ADN9 6534", _BY_PHASE, "VAr"),
)
COUNT = 500


def telegrams(count: int = COUNT) -> list[bytes]:
    """Return whole telegrams of 27 rows with right checksums, all different."""
    chance = random.Random(1)
    return [_telegram(number, chance) for number in range(count)]


def _telegram(number: int, chance: random.Random) -> bytes:
    identification, order, var = MAKERS[number % len(MAKERS)]
    hour, minute, second = _time(number)
    rows = [f"0-0:1.0.0(250114{hour:02}{minute:02}{second:02}W)", *_rows(order, var, chance)]
    text = "\r\n".join([identification, "", *rows, "!"]).encode()
    return text + b"%04X\r\n" % _crc(text, 0xA001, 0)


def _time(number: int) -> tuple[int, int, int]:
    """Return hour, minute and second of a message by its number, one every ten seconds."""
    return number // 360, number // 6 % 60, number % 6 * 10


def _rows(order: tuple[int, ...], var: str, chance: random.Random) -> Iterator[str]:
    for c, unit in ((1, "kWh"), (2, "kWh"), (3, f"k{var}h"), (4, f"k{var}h")):
        yield f"1-0:{c}.8.0({chance.uniform(0, 99999):012.3f}*{unit})"
    for c, unit in ((1, "kW"), (2, "kW"), (3, f"k{var}"), (4, f"k{var}")):
        yield f"1-0:{c}.7.0({chance.uniform(0, 9):08.3f}*{unit})"
    for added, unit in ((0, "kW"), (2, f"k{var}")):
        for c in order:
            yield f"1-0:{c + added}.7.0({chance.uniform(0, 4):08.3f}*{unit})"
    for c in (32, 52, 72):
        yield f"1-0:{c}.7.0({chance.uniform(225, 240):05.1f}*V)"
    for c in (31, 51, 71):
        yield f"1-0:{c}.7.0({chance.uniform(0, 16):05.1f}*A)"


def aidon_bodies(count: int = COUNT) -> list[bytes]:
    """Return notification bodies of 27 elements: a clock, powers, currents, voltages, energies."""
    chance = random.Random(2)
    return [_aidon(number, chance) for number in range(count)]


def _aidon(number: int, chance: random.Random) -> bytes:
    clock = bytes((7, 0xE9, 1, 14, 2, *_time(number), 0xFF, 0x80, 0x00, 0xFF))
    items = [b"\x02\x02\x09\x06\x00\x00\x01\x00\x00\xff\x09\x0c" + clock, *_items(chance)]
    return b"\x01" + bytes((len(items),)) + b"".join(items)


def _items(chance: random.Random) -> Iterator[bytes]:
    for c in (1, 2, 3, 4, *(c + phase for phase in _PHASES for c in (1, 2, 3, 4))):
        yield _register(c, 7, b"\x06" + chance.randrange(9999).to_bytes(4, "big"), 0, 29 if c % 20 in (3, 4) else 27)
    for c in (31, 51, 71):
        yield _register(c, 7, b"\x10" + chance.randrange(-99, 160).to_bytes(2, "big", signed=True), -1, 33)
    for c in (32, 52, 72):
        yield _register(c, 7, b"\x12" + chance.randrange(2250, 2400).to_bytes(2, "big"), -1, 35)
    for c in (1, 2, 3, 4):
        yield _register(c, 8, b"\x06" + chance.randrange(99_999_999).to_bytes(4, "big"), 0, 30 if c < 3 else 32)


def _register(c: int, d: int, value: bytes, scaler: int, unit: int) -> bytes:
    name = bytes((1, 0, c, d, 0, 255))
    return (
        b"\x02\x03\x09\x06"
        + name
        + value
        + b"\x02\x02\x0f"
        + scaler.to_bytes(1, "big", signed=True)
        + bytes((0x16, unit))
    )


def hdlc(body: bytes) -> bytes:
    """Return a body in an HDLC frame like that of an Aidon meter."""
    information = b"\xe6\xe7\x00\x0f\x40\x00\x00\x00\x00" + body
    header = b"\x41\x08\x83\x13"
    head = (0xA000 | 2 + len(header) + 2 + len(information) + 2).to_bytes(2, "big") + header
    content = head + _x25(head) + information
    return b"\x7e" + content + _x25(content) + b"\x7e"


def _x25(data: bytes) -> bytes:
    return (_crc(data, 0x8408, 0xFFFF) ^ 0xFFFF).to_bytes(2, "little")


def _crc(data: bytes, polynomial: int, crc: int) -> int:
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc
