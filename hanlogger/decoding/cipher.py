"""Deciphering general-glo-ciphering, AES-128-GCM (docs/protocol.md E.2; Green Book, section 9.2.7).

The layout is in `wire/ciphering.py`. IV = system title, frame counter. Additional data = security control,
authentication key. Without an authentication key the tag cannot be verified, and GCM is plain counter mode from IV
00000002: then a key has opened a message where what comes out is one, from its first octet to its last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hanlogger.decoding import apdu as notifications
from hanlogger.errors import DecodeError, KeyNeeded
from hanlogger.model import Key
from hanlogger.wire import ciphering, notification
from hanlogger.wire.ber import read_ber_length
from hanlogger.wire.ciphering import COUNTER_OCTETS, ENCRYPTED, GCM_TAG_OCTETS, KNOWN_CONTROL, TAG, TITLE_AT

_IN_TELEGRAM = re.compile(rb"/[^\r\n]*\r\n\r\n(%b|%b)" % (ciphering.IN_TELEGRAM, ciphering.BEGINNING), re.DOTALL)
_FIRST_COUNTER = b"\0\0\0\2"
_TELEGRAM = re.compile(rb"/[A-Za-z]{3}[\t\n\r -~\xa0-\xff]*\0*")


class _Ciphered(NamedTuple):
    title: bytes
    control: int
    counter: bytes
    text: bytes
    tag: bytes

    @property
    def iv(self) -> bytes:
        return self.title + self.counter


def find(content: bytes) -> bytes | None:
    """Return the ciphered APDU that a frame carries, in a telegram behind its identification; None where there is none.

    In Poland the telegram leaves out the tag, and the title has no octets.
    """
    if content[:1] == TAG:
        return content
    match = _IN_TELEGRAM.match(content)
    return match and (TAG if match[1] == ciphering.IN_TELEGRAM else b"") + content[match.start(1) :]


def decrypt(apdu: bytes, keys: Sequence[Key]) -> bytes:
    """Return the plaintext under the first of `keys` that opens an APDU.

    KeyNeeded where none does; DecodeError or IndexError where the APDU is cut short or its security is unknown.
    """
    message = _read(apdu)
    name = f"system title {message.title.hex().upper() or 'not stated'}"
    if not keys:
        raise KeyNeeded(f"encrypted, {name}: a key is needed")
    if len(message.title) != ciphering.TITLE_OCTETS:
        raise KeyNeeded(f"encrypted, {name}: it cannot be opened: the meter does not state its system title")
    for key in keys:
        plain = _open(message, key)
        if plain is not None and (_is_verified(message, key) or _is_message(plain)):
            return plain
    raise KeyNeeded(f"encrypted, {name}: {'the key does' if len(keys) == 1 else 'none of the keys does'} not open it")


def _read(apdu: bytes) -> _Ciphered:
    title_end = TITLE_AT + apdu[1]
    length, start = read_ber_length(apdu, title_end)
    secured = apdu[start : start + length]
    control = secured[0]
    tag, text_at = ciphering.count_gcm_tag_octets(control), 1 + COUNTER_OCTETS
    if len(secured) != length or length < text_at + tag + 1:
        raise DecodeError("a ciphered APDU that is cut short")
    if not control & ENCRYPTED or control & ~KNOWN_CONTROL:
        raise DecodeError(f"a ciphered APDU with security control {control:02x}")
    end = length - tag
    return _Ciphered(apdu[TITLE_AT:title_end], control, secured[1:text_at], secured[text_at:end], secured[end:])


def _is_verified(message: _Ciphered, key: Key) -> bool:
    return bool(message.tag) and key.authentication is not None


def _is_message(plain: bytes) -> bool:
    """Tell whether octets are a telegram, a notification or its bare body, as no wrong key makes them.

    A wrong key gives octets that begin like one of them once in a thousand messages, but never continue like one.
    """
    if _TELEGRAM.fullmatch(plain):
        return True
    try:
        left_over = notifications.decode_notification(plain).left_over
    except (DecodeError, IndexError):
        return False
    return plain[0] == notification.TAG or not left_over


def _open(message: _Ciphered, key: Key) -> bytes | None:
    """Decipher under one key; None where the tag says that it is wrong.

    The library is loaded only by those who have keys: it is large.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    aes = algorithms.AES128(key.encryption)
    if not message.tag or key.authentication is None:
        counting = Cipher(aes, modes.CTR(message.iv + _FIRST_COUNTER)).decryptor()
        return counting.update(message.text) + counting.finalize()
    opening = Cipher(aes, modes.GCM(message.iv, message.tag, min_tag_length=GCM_TAG_OCTETS)).decryptor()
    opening.authenticate_additional_data(bytes((message.control,)) + key.authentication)
    try:
        return opening.update(message.text) + opening.finalize()
    except InvalidTag:
        return None
