"""Give a frame another content of the same length, with new checksums."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hanlogger.model import Frame
from hanlogger.recordings.amend.parts import PARTS, Part
from hanlogger.wire import hdlc, llc, mbus
from hanlogger.wire.crc import calculate_arc, make_x25_sequence
from hanlogger.wire.parity import has_parity, to_seven_bits, with_even_parity
from hanlogger.wire.telegram import calculate_block_check, calculate_checksum, has_block_check

Change = Callable[[bytes], bytes]
"""A function from a frame's content to new content of the same length: a telegram as ASCII, or an APDU."""

_ANY_LINK = b"\x41\x03\x13"
_CHECKSUM = re.compile(rb"!([0-9A-Fa-f]{1,4})\s*\Z")
_FULL_CHECKSUM = 4  # hexadecimal digits


def amend(frame: Frame, change: Change) -> bytes:
    """Return the octets of the frame with its content changed and its checksums right.

    A checksum of P1 keeps its form. ValueError where the change does not keep the length.
    """
    if frame.format == "p1":
        return _amend_telegram(frame.data, change)
    parts = list(PARTS[frame.format](frame.data))
    places = [place for part in parts for place in part.content]
    data = bytearray(frame.data)
    for place, octet in zip(places, change(extract_content(frame)), strict=True):
        data[place] = octet
    if frame.format in _CHECKED:
        _CHECKED[frame.format](data, parts)
    return bytes(data)


def extract_content(frame: Frame) -> bytes:
    """Return the content of any whole frame, malformed or not, as `amend` passes it to a change."""
    if frame.format == "p1":
        return to_seven_bits(frame.data)
    return b"".join(frame.data[part.content.start : part.content.stop] for part in PARTS[frame.format](frame.data))


def unwrap_cipher(frame: Frame, plain: bytes) -> Frame:
    """Return a frame around what was ciphered in this one: a telegram, M-Bus where it was and it fits, else HDLC."""
    if plain.startswith(b"/") and b"!" in plain:
        text = plain[: plain.rindex(b"!") + 1]
        return frame._replace(format="p1", data=text + b"%04X\r\n" % calculate_arc(text))
    if frame.format == "mbus" and mbus.fits(plain):
        return frame._replace(data=mbus.make_message(plain))
    return frame._replace(format="hdlc", data=hdlc.make_message(_choose_link(frame), llc.SENT + plain))


def _amend_telegram(data: bytes, change: Change) -> bytes:
    text = _renew_checksum(change(to_seven_bits(data)))
    return with_even_parity(text) if has_parity(data) else text


def _renew_checksum(text: bytes) -> bytes:
    if has_block_check(text):
        return text[:-1] + bytes((calculate_block_check(text),))
    return _CHECKSUM.sub(_make_restater(text), text)


def _make_restater(text: bytes) -> Callable[[re.Match[bytes]], bytes]:
    """Return the checksum in the form in which the meter states it: leading zeros or none, capitals or none."""
    new = calculate_checksum(text)

    def stated(match: re.Match[bytes]) -> bytes:
        old = match[1]
        digits = b"%X" % new if len(old) < _FULL_CHECKSUM else b"%04X" % new
        return match[0].replace(old, digits.lower() if old.islower() else digits)

    return stated


def _check_hdlc(data: bytearray, parts: Sequence[Part]) -> None:
    """Put the FCS of each segment in its place; headers, and so each HCS, stay as they are."""
    for part in parts:
        fcs_at = part.end - hdlc.CHECK_OCTETS
        data[fcs_at : part.end] = make_x25_sequence(bytes(data[part.start + 1 : fcs_at]))


def _check_mbus(data: bytearray, parts: Sequence[Part]) -> None:
    for part in parts:
        data[part.end - 2] = mbus.calculate_checksum(data[part.start : part.end])


_CHECKED = {"hdlc": _check_hdlc, "mbus": _check_mbus}


def _choose_link(frame: Frame) -> bytes:
    """Return the addresses and the control field of an HDLC frame; of any other, some that are as good as any."""
    return hdlc.read_link(frame.data) if frame.format == "hdlc" else _ANY_LINK
