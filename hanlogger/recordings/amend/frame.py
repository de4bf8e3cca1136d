"""One frame with another content."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import xor

from hanlogger.model import Frame
from hanlogger.simulate.checksums import arc, x25
from hanlogger.wire.parts import PARTS, Part, behind_control

Change = Callable[[bytes], bytes]
"""What a frame says -> what it shall say, of the same length: a telegram as ASCII, or an APDU."""

_STX, _ETX = 0x02, 0x03
_LLC = b"\xe6\xe7\x00"
_LONGEST = 2047  # octets between the flags of an HDLC frame
_AROUND = 6  # of them that are neither addresses and control field nor information
_FORMAT, _SEGMENTED = 0xA000, 0x0800
_ANY_LINK = b"\x41\x03\x13"
_MBUS_DATA = 245  # octets in one long frame, at most
_MBUS_FRAMES = 16  # of one message, at most: they are numbered in four bits
_MBUS_HEAD = b"\x53\xff%c\x01\x67"
_PARITY_BIT_OFF = bytes(octet & 0x7F for octet in range(256))
_EVEN_PARITY = bytes(octet & 0x7F | (octet & 0x7F).bit_count() % 2 << 7 for octet in range(256))
_CHECKSUM = re.compile(rb"!([0-9A-Fa-f]{1,4})\s*\Z")


def amend(frame: Frame, change: Change) -> bytes:
    """The octets of the frame with its content changed and its checksums right; a checksum of P1 keeps its form."""
    if frame.format == "p1":
        return _telegram(frame.data, change)
    parts = list(PARTS[frame.format](frame.data))
    places = [place for part in parts for place in part.content]
    data = bytearray(frame.data)
    for place, octet in zip(places, change(content(frame)), strict=True):
        data[place] = octet
    if frame.format in _CHECKED:
        _CHECKED[frame.format](data, parts)
    return bytes(data)


def content(frame: Frame) -> bytes:
    """What the frame was sent for, as `amend` gives it to a change: of any frame that is whole, malformed or not."""
    if frame.format == "p1":
        return frame.data.translate(_PARITY_BIT_OFF) if frame.data[:1] >= b"\x80" else frame.data
    return bytes([frame.data[place] for part in PARTS[frame.format](frame.data) for place in part.content])


def in_plain(frame: Frame, plain: bytes) -> Frame:
    """A frame around what was ciphered in this one: a telegram, else M-Bus where it was and it fits, else HDLC."""
    if plain.startswith(b"/") and b"!" in plain:
        text = plain[: plain.rindex(b"!") + 1]
        return frame._replace(format="p1", data=text + b"%04X\r\n" % arc(text))
    if frame.format == "mbus" and len(plain) <= _MBUS_FRAMES * _MBUS_DATA:
        return frame._replace(data=b"".join(_mbus_frames(plain)))
    return frame._replace(format="hdlc", data=_hdlc_frames(_link(frame), plain))


def _hdlc_frames(link: bytes, plain: bytes) -> bytes:
    """In as many segments as it takes, of which only the last has a flag behind it."""
    information = _LLC + plain
    room = _LONGEST - _AROUND - len(link)
    segments = [information[at : at + room] for at in range(0, len(information), room)]
    *first, last = segments
    return b"".join([*(_hdlc_frame(link, one, _SEGMENTED) for one in first), _hdlc_frame(link, last, 0), b"\x7e"])


def _hdlc_frame(link: bytes, information: bytes, segmented: int) -> bytes:
    header = (_FORMAT | segmented | len(link) + len(information) + _AROUND).to_bytes(2) + link
    body = header + x25(header) + information
    return b"\x7e" + body + x25(body)


def _telegram(data: bytes, change: Change) -> bytes:
    seven_bits = data[:1] >= b"\x80"
    text = change(data.translate(_PARITY_BIT_OFF) if seven_bits else data)
    text = _block_checked(text) if text[-2:-1] == bytes((_ETX,)) else _CHECKSUM.sub(_stated_anew(text), text)
    return text.translate(_EVEN_PARITY) if seven_bits else text


def _stated_anew(text: bytes) -> Callable[[re.Match[bytes]], bytes]:
    """The checksum in the form in which the meter states it: leading zeros or none, capitals or none."""
    checksum = arc(text[: text.rindex(b"!") + 1])

    def stated(match: re.Match[bytes]) -> bytes:
        old = match[1]
        new = b"%X" % checksum if len(old) < 4 else b"%04X" % checksum
        return match[0].replace(old, new.lower() if old.islower() else new)

    return stated


def _block_checked(text: bytes) -> bytes:
    """STX … ETX BCC: the exclusive or of all behind STX (docs/protocol.md B)."""
    return text[:-1] + bytes((reduce(xor, text[text.index(_STX) + 1 : -1]),))


def _hdlc_checked(data: bytearray, parts: Sequence[Part]) -> None:
    for part in parts:
        data[part.end - 2 : part.end] = x25(bytes(data[part.start + 1 : part.end - 2]))


def _mbus_checked(data: bytearray, parts: Sequence[Part]) -> None:
    for part in parts:
        data[part.end - 2] = sum(data[part.start + 4 : part.end - 2]) & 0xFF


_CHECKED = {"hdlc": _hdlc_checked, "mbus": _mbus_checked}


def _link(frame: Frame) -> bytes:
    """Addresses and control field of an HDLC frame."""
    return frame.data[3 : behind_control(frame.data, 0)] if frame.format == "hdlc" else _ANY_LINK


def _mbus_frames(plain: bytes) -> list[bytes]:
    """Numbered, the last one marked (docs/protocol.md E.1)."""
    frames = []
    for at in range(0, len(plain), _MBUS_DATA):
        last = 0x10 if at + _MBUS_DATA >= len(plain) else 0
        content = _MBUS_HEAD % (last | at // _MBUS_DATA) + plain[at : at + _MBUS_DATA]
        length = bytes((len(content),))
        frames.append(b"\x68" + length * 2 + b"\x68" + content + bytes((sum(content) & 0xFF, 0x16)))
    return frames
