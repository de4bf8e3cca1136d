"""The mask that replaces a meter's number: of the same length and kind, and the same for all meters."""

from __future__ import annotations

import re

LONG_ENOUGH = 6  # octets from which on a hidden text is searched for elsewhere; shorter ones occur by chance

_DIGIT, _LETTER = re.compile(rb"[0-9]"), re.compile(rb"[A-Za-z]")
_MAKER = re.compile(rb"[A-Z]{3}(?=[0-9]{4})")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")


class Mask:
    """A function from octets to their mask, which remembers every text that it has masked."""

    def __init__(self) -> None:
        self.hidden: set[bytes] = set()

    def __call__(self, octets: bytes) -> bytes:
        """Return the octets with 0 for each digit and X for each letter; NUL for all if they are not text.

        NULs at the end stay.
        """
        text = octets.rstrip(b"\0")
        if len(text) >= LONG_ENOUGH:
            self.hidden.add(text)
        if not (text.isascii() and text.decode().isprintable()):
            return bytes(len(octets))
        return _count_letters_and_digits(text).ljust(len(octets), b"\0")

    def mask_but_maker(self, octets: bytes) -> bytes:
        """Return the mask, in which a maker's three letters before a number stay: layouts are known by them."""
        maker = _MAKER.match(octets)
        masked = self(octets)
        return maker[0] + masked[len(maker[0]) :] if maker else masked

    def mask_printed(self, text: bytes) -> bytes:
        """Return the mask of a text in a telegram, which is plain, or octets in hex (DSMR P1 5.0.2, 6.4: octet-string).

        A telegram contains no NUL: X replaces octets that are not text, such as those of an empty memory (FF).
        """
        if not _HEX.fullmatch(text):
            return self(text).replace(b"\0", b"X")
        if len(text) >= LONG_ENOUGH:
            self.hidden.add(text)
        octets = bytes.fromhex(text.decode())
        if octets.isalnum():
            masked = self(octets).hex().encode()
            return masked.upper() if text.upper() == text else masked
        return b"0" * len(text)


def _count_letters_and_digits(text: bytes) -> bytes:
    return _LETTER.sub(b"X", _DIGIT.sub(b"0", text))
