"""Measuring HDLC frames of format type 3: by their length, without octet stuffing, by two check sequences.

The layout is in `wire/hdlc.py` (docs/protocol.md C.2). A frame ends with its FCS: the closing flag may come with the
next frame, seconds later, or be that frame's. A message is one frame, or segments (bit S), or the numbered blocks of a
general block transfer (APDU tag E0), each of them one frame or segments. Commands of the link (SNRM, UA, RR …) have no
information field, and no HCS before it.
"""

from __future__ import annotations

import re
from typing import TypeVar

from hanlogger.framing import ciphered
from hanlogger.framing.blocks import find_block, is_whole_block
from hanlogger.framing.formats import GOOD, NOTHING, Extent, Format, Part, Verdict, judge_unfinished
from hanlogger.wire import ciphering, llc, notification
from hanlogger.wire.crc import ends_with_x25
from hanlogger.wire.hdlc import CHECK_OCTETS, FLAG, find_control, find_frame_end, is_segmented, is_type_3

T = TypeVar("T")

_BEGINNINGS = (bytes((notification.TAG,)), ciphering.TAG)
_ADDRESSES_AT = 3
_HEAD_OF_APDU = 8  # octets: enough to know it by
_HEADED = 1 + CHECK_OCTETS  # octets from the control field through the HCS
_HEADER = 1 + 2 + 2 * 4 + _HEADED  # octets from the flag through the HCS, at most
_HEAD = 48  # octets of a frame that decide which part of a message it is
_MOST_KNOWN = 256

_ADDRESS = b"[%b]{0,3}[%b]" % tuple(re.escape(bytes(range(bit, 256, 2))) for bit in (0, 1))
_ALONE = re.compile(
    rb"%c[\xa0-\xa7].%b%b.{3}(?:%b)%c" % (FLAG, _ADDRESS, _ADDRESS, b"|".join(llc.HEADERS), notification.TAG), re.DOTALL
)
"""The head of a frame of one segment: addresses, control field, HCS, LLC, the tag of a notification."""

_lengths: dict[bytes, int] = {}
"""Lengths of frames by their first octets: a memory of headers that are whole, good and before an information field."""

_parts: dict[bytes, Part] = {}
"""Parts of messages that frames are, by their first octets, among which is their length."""


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """Measure a frame: flag, format type 3, two whole addresses, a good HCS. A command ends with that."""
    length = _lengths.get(bytes(buffer[:_HEADER]))
    if length:
        return Extent(length) if length <= len(buffer) else judge_unfinished(buffer, quiet)
    if len(buffer) < 2 or not is_type_3(buffer[1]):
        return NOTHING if len(buffer) > 1 else None  # the flag that ends this frame may begin the next, much later
    header = _find_header_end(buffer)
    if header > len(buffer):
        return judge_unfinished(buffer, quiet)
    if not header:
        return NOTHING
    good = ends_with_x25(bytes(buffer[1:header]))
    length = find_frame_end(buffer)
    if length == header:
        return Extent(length) if good else NOTHING
    if not good:
        return Extent(header, "header")
    if len(buffer) >= _HEADER:
        _remember(_lengths, bytes(buffer[:_HEADER]), length)
    return Extent(length) if length <= len(buffer) else judge_unfinished(buffer, quiet)


def _find_header_end(frame: bytearray | bytes) -> int:
    """Return where the HCS ends, or the FCS where there is no information; past the end where octets are missing.

    0 where an address does not end, or the length field fits neither.
    """
    control = find_control(frame)
    header = control + _HEADED
    if not control or control > len(frame):
        return header if control else 0
    end = find_frame_end(frame)
    return header if header == end or header + CHECK_OCTETS < end else 0


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """Judge a frame by its FCS; its HCS has been good already."""
    return GOOD if ends_with_x25(frame[1:]) else Verdict("checksum")


def is_alone(frame: bytes) -> bool:
    """Tell whether a frame carries a notification, behind LLC, and no other segment follows."""
    return _ALONE.match(frame) is not None


def find_part(frame: bytes) -> Part:
    """Tell which part of a message a frame is.

    A message begins with LLC and the tag of an APDU, or with block 1; other blocks need no LLC. Some stacks send LLC
    with each segment, and the octets behind it may begin like an APDU: only what is one beyond doubt begins a unit.
    """
    head = frame[:_HEAD]
    known = _parts.get(head)
    return known or _remember(_parts, head, _find_part(frame))


def _remember(memory: dict[bytes, T], head: bytes, what: T) -> T:
    if len(memory) >= _MOST_KNOWN:
        memory.clear()
    memory[head] = what
    return what


def _find_part(frame: bytes) -> Part:
    header = _find_header_end(frame)
    if header == len(frame):
        return Part(empty=True)
    information, link = frame[header:-CHECK_OCTETS], frame[_ADDRESSES_AT : header - _HEADED]
    more = is_segmented(frame)
    headed = information.startswith(llc.HEADERS)
    apdu = llc.strip_llc(information)
    if found := find_block(apdu, more=more):
        return Part(
            found.number == 1, headed and is_whole_block(apdu, more=more), found.last, found.number, more, link=link
        )
    begins = headed and apdu.startswith(_BEGINNINGS)
    is_long_enough = more or len(apdu) > _HEAD_OF_APDU
    begins_unit = begins and is_long_enough and (notification.is_header(apdu) or ciphered.begins(apdu))
    return Part(begins, begins_unit, more=more, link=link)


FORMAT = Format("hdlc", FLAG, measure, check, find_part, is_alone, fill=bytes((FLAG,)), shared=1)
