"""Decoding: a frame becomes a reading. `decode` is the one function for others."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

from hanlogger.decoding import cipher, dlms, link, p1, units
from hanlogger.decoding.plans import dlms as dlms_plan
from hanlogger.decoding.plans import p1 as p1_plan
from hanlogger.errors import DecodeError
from hanlogger.model import Frame, Key, Meter, Reading

__all__ = ["decode", "unread"]

_SHOWN = 120  # characters of what could not be read
_ORDINARY = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, struct.error)
_METER = Meter()


def decode(frame: Frame, meter: Meter = _METER, keys: Sequence[Key] = ()) -> Reading:
    """Decode a frame: return its reading, scaled to base units.

    `meter` gives the scale that the user knows and the message does not state; the other settings are of no importance
    here. DecodeError and no other error where the frame cannot be read; KeyNeeded, a DecodeError, where it is encrypted
    and none of `keys` opens it.
    """
    try:
        content = link.content(frame)
        ciphered = cipher.find(content)
        if ciphered:
            content = cipher.decrypt(ciphered, keys)
        is_telegram = content.startswith(b"/") or (frame.format == "p1" and not ciphered)
        reading = _telegram(content) if is_telegram else _apdu(content, meter)
        return reading if meter.scale.ratio == 1 else units.with_ratio(reading, meter.scale.ratio)
    except DecodeError:
        raise
    except IndexError as error:
        raise DecodeError("cannot be read: it ends too early") from error
    except _ORDINARY as error:
        raise DecodeError(f"cannot be read: {error or type(error).__name__}") from error


def _telegram(content: bytes) -> Reading:
    return p1_plan.decode(content) or _learn(p1_plan.learn, content, p1.decode_telegram(content.decode("latin-1")))


def _apdu(content: bytes, meter: Meter) -> Reading:
    return dlms_plan.decode(content) or _learn(dlms_plan.learn, content, dlms.decode_apdu(content, meter))


def _learn(learn: Callable[[bytes, Reading], object], content: bytes, reading: Reading) -> Reading:
    """Learn a plan from a message that has been decoded. Where that fails the message is no worse for it."""
    with suppress(*_ORDINARY):
        learn(content, reading)
    return reading


def unread(reading: Reading) -> str:
    """Say what of a reading could not be read, as a sentence without a full stop; "" where everything was read."""
    if not reading.unread:
        return ""
    sent = ", ".join(reading.unread)
    shown = sent if len(sent) <= _SHOWN else f"{sent[:_SHOWN]}…"
    return f"{len(reading.unread)} of {len(reading.unread) + len(reading.registers)} values cannot be read: {shown}"
