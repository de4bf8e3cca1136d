"""general-glo-ciphering (Green Book, 9.2.7; docs/protocol.md E.2).

    DB | title length | system title 8 | length 1-3 | security control | frame counter 4 | ciphertext | GCM tag 12

The length counts all that follows. The GCM tag of 96 bits is there where the security control says "authenticated".
"""

from __future__ import annotations

TAG = b"\xdb"
TITLE_OCTETS, COUNTER_OCTETS, GCM_TAG_OCTETS = 8, 4, 12
BEGINNING = TAG + bytes((TITLE_OCTETS,))
TITLE_AT = 2
LENGTH_AT = TITLE_AT + TITLE_OCTETS

AUTHENTICATED, ENCRYPTED, SUITE = 0x10, 0x20, 0x0F
KNOWN_CONTROL = AUTHENTICATED | ENCRYPTED | SUITE
"""The bits above say that another key is used, and that the content is compressed."""

IN_TELEGRAM = b"\x00\x82"
"""How the ciphered part of a Polish telegram begins: no tag, a title of no octets, a length of two."""


def count_gcm_tag_octets(control: int) -> int:
    """Return how many octets the GCM tag has under a security control."""
    return GCM_TAG_OCTETS if control & AUTHENTICATED else 0
