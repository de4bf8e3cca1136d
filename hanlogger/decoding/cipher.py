"""general-glo-ciphering, AES-128-GCM (docs/protocol.md E.2; Green Book, section 9.2.7).

    DB | title length | system title 8 | length 1-3 | security control | frame counter 4 | ciphertext | tag 12

IV = system title, frame counter. Additional data = security control, authentication key. The tag of 96 bits is there
only when the security control says so. Without an authentication key it cannot be verified, and GCM is plain counter
mode from IV 00000002.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hanlogger.errors import DecodeError, KeyNeeded
from hanlogger.model import Key
from hanlogger.wire.ber import ber_length

_TAG_OCTET = b"\xdb"
_IN_TELEGRAM = re.compile(rb"/[^\r\n]*\r\n\r\n(\0\x82|\xdb\x08)")
_AUTHENTICATED, _ENCRYPTED, _KNOWN = 0x10, 0x20, 0x3F  # above: another key, compression
_TAG = 12
_TITLE = 8
_FIRST_COUNTER = b"\0\0\0\2"
_PLAINTEXT = re.compile(rb"\x0f.{4}[\x00\x09\x0c\x19]|/[A-Za-z]{3}|[\x01\x02].[\x00-\x19]", re.DOTALL)


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
    """The ciphered APDU that a frame carries, in a telegram behind its identification line; None where there is none.

    In Poland the telegram leaves out the tag, and the title has no octets.
    """
    if content[:1] == _TAG_OCTET:
        return content
    match = _IN_TELEGRAM.match(content)
    return match and (_TAG_OCTET if match[1] == b"\0\x82" else b"") + content[match.start(1) :]


def decrypt(apdu: bytes, keys: Sequence[Key]) -> bytes:
    """The plaintext under the first of `keys` that opens it; KeyNeeded where none does."""
    message = _read(apdu)
    name = f"system title {message.title.hex().upper() or 'not stated'}"
    if not keys:
        raise KeyNeeded(f"encrypted, {name}: a key is needed")
    if len(message.title) != _TITLE:
        raise KeyNeeded(f"encrypted, {name}: no key can open it without one")
    for key in keys:
        plain = _open(message, key)
        if plain is not None and _PLAINTEXT.match(plain):
            return plain
    raise KeyNeeded(f"encrypted, {name}: {'the key does' if len(keys) == 1 else 'none of the keys does'} not open it")


def _read(apdu: bytes) -> _Ciphered:
    title_end = 2 + apdu[1]
    length, start = ber_length(apdu, title_end)
    secured = apdu[start : start + length]
    control = secured[0]
    tag = _TAG if control & _AUTHENTICATED else 0
    if len(secured) != length or length < 1 + 4 + tag + 1:
        raise DecodeError("a ciphered APDU that is cut short")
    if not control & _ENCRYPTED or control & ~_KNOWN:
        raise DecodeError(f"a ciphered APDU with security control {control:02x}")
    end = length - tag
    return _Ciphered(apdu[2:title_end], control, secured[1:5], secured[5:end], secured[end:])


def _open(message: _Ciphered, key: Key) -> bytes | None:
    """None where the tag says that the key is wrong. The library is loaded only by those who have keys."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    aes = algorithms.AES128(key.encryption)
    if not message.tag or key.authentication is None:
        counting = Cipher(aes, modes.CTR(message.iv + _FIRST_COUNTER)).decryptor()
        return counting.update(message.text) + counting.finalize()
    opening = Cipher(aes, modes.GCM(message.iv, message.tag, min_tag_length=_TAG)).decryptor()
    opening.authenticate_additional_data(bytes((message.control,)) + key.authentication)
    try:
        return opening.update(message.text) + opening.finalize()
    except InvalidTag:
        return None
