"""A frame to a reading. `decode` is the one door."""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.decoding import cipher, dlms, link, p1
from hanlogger.errors import DecodeError
from hanlogger.model import Frame, Key, Meter, Reading

__all__ = ["decode"]

_ORDINARY = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_METER = Meter()


def decode(frame: Frame, meter: Meter = _METER, keys: Sequence[Key] = ()) -> Reading:
    """What the frame says, scaled to base units; DecodeError and nothing else where it cannot be read.

    KeyNeeded, a DecodeError, where it is encrypted and none of `keys` opens it.
    """
    try:
        content = link.content(frame)
        if ciphered := cipher.find(content):
            content = cipher.decrypt(ciphered, keys)
        if content.startswith(b"/") or (frame.format == "p1" and not ciphered):
            return p1.read(content.decode("latin-1"), meter)
        return dlms.read(content, meter)
    except DecodeError:
        raise
    except _ORDINARY as error:
        raise DecodeError(f"cannot be read: {error or type(error).__name__}") from error
