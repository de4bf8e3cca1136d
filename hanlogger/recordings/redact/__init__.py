"""Hiding the numbers of meters in what was recorded, so that it may be shown to anybody.

Lengths, times, values and damage stay; checksums are made anew. What is enciphered can only be searched in plain: such
messages come out deciphered, which needs their key.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from hanlogger.decoding import cipher
from hanlogger.errors import CaptureError, DecodeError, KeyNeeded
from hanlogger.model import Chunk, Frame, Key
from hanlogger.recordings.amend import Edit, Found, amend, content, edits, find, in_plain, replace
from hanlogger.recordings.redact import apdu, damage, telegram
from hanlogger.recordings.redact.mask import Mask

_ORDINARY = (DecodeError, LookupError, ValueError)


def redact(chunks: Sequence[Chunk], keys: Sequence[Key] = ()) -> list[Chunk]:
    """The reads without numbers of meters; CaptureError where that cannot be had, and then nothing may be shown."""
    mask = Mask()
    found = find(chunks)
    messages = [edit for one in found for edit in edits(one, redacted(one.frame, mask, keys))]
    new = replace(chunks, [*messages, *_between(chunks, found, mask)])
    _verify(new, found, mask)
    return new


def redacted(frame: Frame, mask: Mask, keys: Sequence[Key] = ()) -> bytes:
    """The frame without numbers of meters; CaptureError where it is enciphered and no key opens it."""
    ciphered = cipher.find(content(frame))
    if ciphered:
        frame = in_plain(frame, _deciphered(ciphered, keys))
    return amend(frame, lambda octets: _hide(frame, octets, mask))


def _hide(frame: Frame, octets: bytes, mask: Mask) -> bytes:
    """What cannot be read is treated as damage."""
    if frame.format == "p1":
        return telegram.hide(octets, mask)
    try:
        return apdu.hide(octets, mask)
    except _ORDINARY:
        return damage.hide(octets, mask.hidden)


def _deciphered(ciphered: bytes, keys: Sequence[Key]) -> bytes:
    try:
        return cipher.decrypt(ciphered, keys)
    except KeyNeeded as error:
        raise CaptureError(f"{error}: what is enciphered can only be redacted with its key: give --key-file") from None
    except _ORDINARY:
        raise CaptureError(
            "an enciphered message cannot be read, so that it cannot be redacted: leave it out"
        ) from None


def _between(chunks: Sequence[Chunk], found: Sequence[Found], mask: Mask) -> list[Edit]:
    """What stands before, between and behind the messages."""
    octets = b"".join(chunk.data for chunk in chunks)
    ends = (0, *chain.from_iterable(sorted(span for one in found for span in one.spans)), len(octets))
    gaps = [(start, end) for start, end in list(pairwise(ends))[::2] if start < end]
    return [Edit(start, end, damage.hide(octets[start:end], mask.hidden)) for start, end in gaps]


def _verify(new: Sequence[Chunk], before: Sequence[Found], mask: Mask) -> None:
    """Every message is still one, and nothing that was hidden stands anywhere."""
    octets = b"".join(chunk.data for chunk in new)
    left = [text for text in mask.hidden if text in octets and text.strip(b"0X")]
    if left or len(find(new)) != len(before):
        raise CaptureError(
            "this cannot be redacted without doubt, so nothing is written; please report it, without the file"
        )
