"""Measuring M-Bus long frames: by their length, a checksum of eight bits and the stop.

The layout is in `wire/mbus.py` (docs/protocol.md E.1). A message is one or more frames, numbered in CI. Behind a CI
that is not of DLMS is something else, and no more than a frame of it.
"""

from __future__ import annotations

from hanlogger.framing.blocks import find_block
from hanlogger.framing.formats import GOOD, NOTHING, WHOLE, Extent, Format, Part, Verdict, judge_unfinished
from hanlogger.wire.mbus import ADDRESS_AT, CONTROL_AT, CONTROLS, START, is_good, list_possible_lengths, read_frame

_SECOND_START = bytes((START,))


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:  # noqa: ARG001  (a row's signature)
    """Measure a frame whose start is `68 L L 68` and a control field that sends data, asked or not."""
    if not (buffer[1:2] * 2 + _SECOND_START).startswith(buffer[1:CONTROL_AT]):
        return NOTHING
    if len(buffer) <= CONTROL_AT:
        return NOTHING if quiet else None
    if buffer[CONTROL_AT] not in CONTROLS:
        return NOTHING
    lengths = list_possible_lengths(buffer[1])
    for length in lengths:
        if length > len(buffer):
            return judge_unfinished(buffer, quiet) if length == lengths[0] or not quiet else Extent(lengths[0])
        if is_good(buffer[:length]):
            return Extent(length)
    return Extent(lengths[0])


def check(frame: bytes, checksummed: bool) -> Verdict:  # noqa: ARG001  (a row's signature)
    """Judge a frame by its sum of eight bits."""
    return GOOD if is_good(frame) else Verdict("checksum")


def find_part(frame: bytes) -> Part:
    """Tell which part of a unit a frame is, by its control information; the unit may be a block."""
    found, link = read_frame(frame), frame[ADDRESS_AT : ADDRESS_AT + 1]
    if not found.is_dlms:
        return WHOLE
    number, more = found.number, not found.is_last
    if number == 0 and (block := find_block(frame[found.data.start : found.data.stop], more=more)):
        return Part(block.number == 1, True, block.last, block.number, more, link=link)
    return Part(number == 0, number == 0, more=more, number=number, link=link)


FORMAT = Format("mbus", START, measure, check, find_part)
