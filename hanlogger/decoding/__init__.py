"""Decoding: a frame becomes a reading. `decode` is the one function for others."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from hanlogger.decoding import cipher, dlms, link, p1, units
from hanlogger.decoding.plans import dlms as dlms_plan
from hanlogger.decoding.plans import p1 as p1_plan
from hanlogger.decoding.plans.places import Places
from hanlogger.decoding.plans.plan import Planned
from hanlogger.errors import DecodeError
from hanlogger.humanize import shorten
from hanlogger.model import Frame, Key, Meter, Reading

__all__ = ["Content", "decode", "describe_unread", "find_places", "open_frame"]

_ORDINARY = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, struct.error)
_METER = Meter()

_telegrams, _apdus = Planned(), Planned()


class Content(NamedTuple):
    """The content of a frame, deciphered: a telegram or an APDU."""

    octets: bytes
    is_telegram: bool


def decode(frame: Frame, meter: Meter = _METER, keys: Sequence[Key] = ()) -> Reading:
    """Decode a frame: return its reading, scaled to base units.

    `meter` gives the scale that the user knows and the message does not state; its other settings do not matter
    here. DecodeError and no other error where the frame cannot be read; KeyNeeded, a DecodeError, where it is encrypted
    and none of `keys` opens it.
    """
    try:
        reading = _read(open_frame(frame, keys), meter)
        return reading if meter.scale.ratio == 1 else units.apply_ratio(reading, meter.scale.ratio)
    except DecodeError:
        raise
    except IndexError as error:
        raise DecodeError("cannot be read: it ends too early") from error
    except _ORDINARY as error:
        raise DecodeError(f"cannot be read: {error or type(error).__name__}") from error


def open_frame(frame: Frame, keys: Sequence[Key] = ()) -> Content:
    """Return the deciphered content of a frame; raise DecodeError, or an error that `decode` turns into one."""
    content = link.extract_content(frame)
    ciphered = cipher.find(content)
    if ciphered:
        content = cipher.decrypt(ciphered, keys)
    return Content(content, content.startswith(b"/") or (frame.format == "p1" and not ciphered))


def find_places(content: Content, meter: Meter) -> tuple[Places, Reading] | None:
    """Return where the numbers stand in a message that can be decoded, and what it says, both before any ratio.

    None where other messages of its shape cannot be relied on to mean the same.
    """
    with suppress(DecodeError, *_ORDINARY):
        reading = _read_with_care(content, meter)
        places = _find_places(content, reading, meter)
        return (places, reading) if places else None
    return None


def _read(content: Content, meter: Meter) -> Reading:
    planned = _telegrams if content.is_telegram else _apdus
    reading = planned.decode(content.octets, meter)
    if reading is not None:
        return reading
    reading = _read_with_care(content, meter)
    if planned.plans.may_learn():
        with suppress(*_ORDINARY):  # where that fails the message is no worse for it
            planned.learn(content.octets, reading, _find_places(content, reading, meter))
    return reading


def _read_with_care(content: Content, meter: Meter) -> Reading:
    if content.is_telegram:
        return p1.decode_telegram(content.octets.decode("latin-1"))
    return dlms.decode_apdu(content.octets, meter)


def _find_places(content: Content, reading: Reading, meter: Meter) -> Places | None:
    if content.is_telegram:
        return p1_plan.find_places(content.octets, reading)
    return dlms_plan.find_places(content.octets, reading, meter)


def describe_unread(reading: Reading) -> str:
    """Describe the rows of a reading that could not be read, in words without a full stop; "" where there are none."""
    if not reading.unread:
        return ""
    shown = shorten(", ".join(reading.unread))
    return f"{len(reading.unread)} of {len(reading.unread) + len(reading.registers)} values cannot be read: {shown}"
