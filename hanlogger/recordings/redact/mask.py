"""What stands in the place of a meter's number: as long, of the same kind, and alike for all meters."""

from __future__ import annotations

import re

LONG_ENOUGH = 6  # octets of a hidden text that are looked for elsewhere too: shorter ones stand there by chance

_DIGIT, _LETTER = re.compile(rb"[0-9]"), re.compile(rb"[A-Za-z]")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")


class Mask:
    """Masks, and remembers what it has masked."""

    def __init__(self) -> None:
        self.hidden: set[bytes] = set()

    def __call__(self, octets: bytes) -> bytes:
        """0 for a digit, X for a letter; of octets that are no text nothing remains. NULs at the end stay."""
        text = octets.rstrip(b"\0")
        if len(text) >= LONG_ENOUGH:
            self.hidden.add(text)
        if not (text.isascii() and text.decode().isprintable()):
            return bytes(len(octets))
        return _letters_and_digits(text).ljust(len(octets), b"\0")

    def printed(self, text: bytes) -> bytes:
        """Mask a text of a telegram: itself, or its octets in hex (DSMR P1 5.0.2, 6.4: octet-string).

        A telegram has no NUL: X stands for octets that are no text, such as an empty memory of octets FF.
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


def _letters_and_digits(text: bytes) -> bytes:
    return _LETTER.sub(b"X", _DIGIT.sub(b"0", text))
