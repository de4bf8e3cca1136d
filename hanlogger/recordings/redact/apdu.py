"""Hiding the numbers of meters in notifications (docs/protocol.md D).

Every text and octet string may be one, whatever its place and code, so every one is hidden but codes, times, the names
of lists and types, and texts with few digits. Numbers are hidden where their code says that they are a name.
"""

from __future__ import annotations

from hanlogger.decoding.axdr import OCTET_STRING, TEXTS
from hanlogger.recordings.amend.apdu import is_time, leaves
from hanlogger.recordings.redact.mask import Mask

_NUMBERS = (0x05, 0x06, 0x11, 0x12, 0x14, 0x15)
_CODE = 6  # octets
_FEW_DIGITS = 6


def hide(apdu: bytes, mask: Mask) -> bytes:
    """A data-notification or its body, as long as before; DecodeError, IndexError or ValueError where it is neither."""
    new = bytearray(apdu)
    code = b""
    for tag, start, end in leaves(apdu):
        octets = apdu[start:end]
        if tag == OCTET_STRING and len(octets) == _CODE and not octets.isalnum():
            code = octets
            continue
        if tag in (OCTET_STRING, *TEXTS) and _is_name(tag, octets, code):
            new[start:end] = mask(octets)
        elif tag in _NUMBERS and _names_a_meter(code):
            new[start:end] = bytes(end - start)
        code = b""
    return bytes(new)


def _is_name(tag: int, octets: bytes, code: bytes) -> bool:
    if _names_a_meter(code):
        return True
    if _names_a_type(code) or (tag == OCTET_STRING and is_time(octets)):
        return False
    text = octets.rstrip(b"\0")
    is_text = text.isascii() and text.decode().isprintable()
    return not is_text or sum(map(str.isdigit, text.decode())) >= _FEW_DIGITS


def _names_a_type(code: bytes) -> bool:
    """x-x:0.2.x, the list; x-x:96.1.7 and Kamstrup's 1-1:96.1.1, the type; 0-0:96.1.4, the version."""
    is_kamstrups_type = code[:5] == b"\x01\x01\x60\x01\x01"
    return code[2:4] == b"\x00\x02" or code[2:5] in (b"\x60\x01\x07", b"\x60\x01\x04") or is_kamstrups_type


def _names_a_meter(code: bytes) -> bool:
    """x-x:0.0.x, 42.0.x, and 96.1.x where it is no type."""
    if code[2:4] in (b"\x00\x00", b"\x2a\x00"):
        return True
    return code[2:4] == b"\x60\x01" and not _names_a_type(code)
