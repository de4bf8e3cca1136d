"""Tests of octets by their shape: which kind of disturbance they look like when no message can be recovered.

All functions are pure. Their facts about lines and levels are in docs/protocol.md A.2, B and F.
"""

from __future__ import annotations

import re

FEW = 24  # octets: less than a tenth of a message

_SERVICE = re.compile(rb"HTTP/1|<html|<!DOCTYPE|SSH-\d|\A\xff[\xfb\xfd]|\{\s*\"", re.IGNORECASE)
_IDENTIFICATION = re.compile(rb"/[A-Z]{2}[A-Za-z]\d[^\r\n]{0,40}\r?\n")
_IDLE_INVERTED = bytes((0x00, 0xF8, 0xFF))  # docs/protocol.md F
_ONE_EDGE = bytes((0x00, 0x80, 0xC0, 0xE0, 0xF0, 0xF8, 0xFC, 0xFE, 0xFF))  # octets with one change of level at most

OBIS_CODE = re.compile(rb"\d-\d{1,2}:\d{1,2}\.\d{1,2}\.\d{1,3}\(")
_ENOUGH_CODES = 5  # noise does not contain so many OBIS codes


def is_another_service(octets: bytes) -> bool:
    """Return whether the octets begin like a web page, a login or JSON."""
    return bool(_SERVICE.search(octets[:200]))


def reads_as_telegram(octets: bytes) -> bool:
    """Return whether the octets contain so many OBIS codes that they can only be a P1 telegram."""
    return len(OBIS_CODE.findall(octets)) >= _ENOUGH_CODES


def is_identification_only(octets: bytes) -> bool:
    """Return whether `/KAM5` and no row is sent: a Kamstrup module without its 5 V (docs/protocol.md A.2)."""
    return bool(_IDENTIFICATION.search(octets)) and not OBIS_CODE.search(octets)


def is_floating(octets: bytes) -> bool:
    """Return whether there are a few octets of one edge each, as on a line that no transmitter drives."""
    return len(octets) <= FEW and _compute_share(octets, _ONE_EDGE) > 0.8


def is_port_too_fast(octets: bytes) -> bool:
    """Return whether each bit lasts three bit times of the port: 00, 80, 78 and F8 when it is four times too fast."""
    return len(octets) > FEW and _compute_share(octets, _LONG_RUNS) > 0.9


def is_probably_inverted(octets: bytes) -> bool:
    """Return whether the octets have too many ones: a message has more zeros (a ciphered one has as many)."""
    ones = sum(octet.bit_count() for octet in octets)
    return len(octets) > FEW and (ones > 4.5 * len(octets) or _compute_share(octets, _IDLE_INVERTED) > 0.9)


def _find_shortest_run(octet: int) -> int:
    """Return the length of the shortest run of equal bits, from the start bit on.

    The last run does not count: the stop bit cuts it.
    """
    bits = f"{octet:08b}0"[::-1]
    runs = [len(run) for run in re.findall("0+|1+", bits)]
    return min(runs[:-1], default=len(bits))


_LONG_RUNS = bytes(octet for octet in range(256) if _find_shortest_run(octet) > 2)


def _compute_share(octets: bytes, of: bytes) -> float:
    return 1 - len(octets.translate(None, of)) / len(octets) if octets else 0.0
