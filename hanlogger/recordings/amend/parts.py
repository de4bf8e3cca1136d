"""Find where the content of a message stands, and where each of its frames ends with its checksum.

A message is one frame or several; each has some octets of the APDU. What is uncertain in a malformed message, such as
the end of its block, is taken for content, so that no number of a meter is overlooked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hanlogger.model import FormatName
from hanlogger.wire import hdlc, llc, mbus
from hanlogger.wire.blocks import read_block


class Part(NamedTuple):
    """One frame of a message, `data[start:end]`, and in it the octets of the APDU."""

    start: int
    end: int
    content: range


def _find_hdlc(data: bytes) -> Iterator[Part]:
    """Find each segment, from its opening flag through its FCS; a closing flag is in none."""
    for segment in hdlc.find_segments(data):
        yield Part(segment.start, segment.end, _unwrap_apdu(data, segment.information))


def _find_mbus(data: bytes) -> Iterator[Part]:
    """Find each long frame; only the first of a unit can begin with LLC or a block."""
    for frame in mbus.find_frames(data):
        yield Part(frame.start, frame.end, frame.data if frame.number else _unwrap_apdu(data, frame.data))


def _find_telegram(data: bytes) -> Iterator[Part]:
    yield Part(0, len(data), range(len(data)))


def _find_apdu(data: bytes) -> Iterator[Part]:
    yield Part(0, len(data), _unwrap_apdu(data, range(len(data))))


def _unwrap_apdu(data: bytes, place: range) -> range:
    """Return what is behind LLC, and within the block of a general block transfer; all of it for a malformed block."""
    start, end = place.start, place.stop
    if data.startswith(llc.HEADERS, start, end):
        start += llc.OCTETS
    found = read_block(data[start:end])
    if found is None:
        return range(start, end)
    return range(start + found.data.start, min(end, start + found.data.stop))


PARTS: dict[FormatName, Callable[[bytes], Iterator[Part]]] = {
    "p1": _find_telegram,
    "hdlc": _find_hdlc,
    "mbus": _find_mbus,
    "dlms": _find_apdu,
}
