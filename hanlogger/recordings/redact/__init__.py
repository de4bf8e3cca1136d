"""Hiding the meters' numbers in recorded octets, so that a recording may be published.

Lengths, times, values and damage stay; checksums are computed anew. Encrypted messages are decrypted to be searched and
come out decrypted, so their key is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from hanlogger.decoding import cipher
from hanlogger.errors import CaptureError, DecodeError, KeyNeeded
from hanlogger.model import Chunk, Frame, Key
from hanlogger.recordings.amend import Edit, Found, amend, extract_content, find, make_edits, replace, unwrap_cipher
from hanlogger.recordings.redact import apdu, damage, telegram
from hanlogger.recordings.redact.mask import Mask

_ORDINARY = (DecodeError, LookupError, ValueError)


def redact(chunks: Sequence[Chunk], keys: Sequence[Key] = ()) -> list[Chunk]:
    """Return the reads with the meters' numbers masked; CaptureError if a number might be left, then show nothing.

    keys: for the messages that are encrypted.
    """
    mask = Mask()
    found = find(chunks)
    messages = [edit for one in found for edit in make_edits(one, redact_frame(one.frame, mask, keys))]
    new = replace(chunks, [*messages, *_mask_between(chunks, found, mask)])
    _verify(new, found, mask)
    return new


def redact_frame(frame: Frame, mask: Mask, keys: Sequence[Key] = ()) -> bytes:
    """Return the frame's octets with the meters' numbers masked; CaptureError if no key decrypts an encrypted frame."""
    ciphered = cipher.find(extract_content(frame))
    if ciphered:
        frame = unwrap_cipher(frame, _decipher(ciphered, keys))
    return amend(frame, lambda octets: _hide(frame, octets, mask))


def _hide(frame: Frame, octets: bytes, mask: Mask) -> bytes:
    """Return a message with the meters' numbers masked; a message that cannot be read is treated as damage."""
    if frame.format == "p1":
        return telegram.hide(octets, mask)
    try:
        return apdu.hide(octets, mask)
    except _ORDINARY:
        return damage.hide(octets, mask.hidden)


def _decipher(ciphered: bytes, keys: Sequence[Key]) -> bytes:
    try:
        return cipher.decrypt(ciphered, keys)
    except KeyNeeded as error:
        raise CaptureError(
            f"{error}: an encrypted message can be redacted only with its key: give --key-file"
        ) from None
    except _ORDINARY:
        raise CaptureError("an encrypted message cannot be decrypted, so it cannot be redacted: leave it out") from None


def _mask_between(chunks: Sequence[Chunk], found: Sequence[Found], mask: Mask) -> list[Edit]:
    """Return the edits that mask the octets before, between and after the messages."""
    octets = b"".join(chunk.data for chunk in chunks)
    ends = (0, *chain.from_iterable(sorted(span for one in found for span in one.spans)), len(octets))
    gaps = [(start, end) for start, end in list(pairwise(ends))[::2] if start < end]
    return [Edit(start, end, damage.hide(octets[start:end], mask.hidden)) for start, end in gaps]


def _verify(new: Sequence[Chunk], before: Sequence[Found], mask: Mask) -> None:
    """Raise CaptureError if a message is no longer one, or a text that was masked is left anywhere."""
    octets = b"".join(chunk.data for chunk in new)
    left = [text for text in mask.hidden if text in octets and text.strip(b"0X")]
    if left or len(find(new)) != len(before):
        raise CaptureError(
            "hanlogger cannot be sure to have hidden every number, so nothing is written; report this without the file"
        )
