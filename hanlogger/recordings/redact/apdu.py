"""Hiding the meters' numbers in notifications (docs/protocol.md D).

Every text and octet-string may be such a number, whatever its position and code, so all are masked but codes, times,
names of lists and types, and texts with few digits. A numeric value is masked if its code says that it names a meter.
"""

from __future__ import annotations

from hanlogger.decoding.axdr import OCTET_STRING, TEXTS
from hanlogger.recordings.amend.apdu import find_leaves, is_time
from hanlogger.recordings.redact.mask import Mask

_NUMBERS = (0x05, 0x06, 0x0D, 0x11, 0x12, 0x14, 0x15)
_CODE = 6  # octets
_FEW_DIGITS = 6


def hide(apdu: bytes, mask: Mask) -> bytes:
    """Return a data-notification or its body with the meters' numbers masked, of the same length.

    DecodeError, IndexError or ValueError if it is neither.
    """
    new = bytearray(apdu)
    code = b""
    for tag, start, end in find_leaves(apdu):
        octets = apdu[start:end]
        if tag == OCTET_STRING and len(octets) == _CODE and not octets.isalnum() and not _names_a_meter(code):
            code = octets
            continue
        if tag in (OCTET_STRING, *TEXTS) and _is_name(tag, octets, code):
            new[start:end] = mask.mask_but_maker(octets)
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
    """Return whether the code is of a list (x-x:0.2.x), a type (x-x:96.1.7, Kamstrup's 1-1:96.1.1) or a version."""
    is_kamstrups_type = code[:5] == b"\x01\x01\x60\x01\x01"
    return code[2:4] == b"\x00\x02" or code[2:5] in (b"\x60\x01\x07", b"\x60\x01\x04") or is_kamstrups_type


def _names_a_meter(code: bytes) -> bool:
    """Return whether the code names a meter: x-x:0.0.x, x-x:42.0.x, or x-x:96.1.x unless it names a type."""
    if code[2:4] in (b"\x00\x00", b"\x2a\x00"):
        return True
    return code[2:4] == b"\x60\x01" and not _names_a_type(code)
