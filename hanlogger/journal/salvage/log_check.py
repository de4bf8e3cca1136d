"""Correct a turned bit in the write-ahead log: SQLite stops reading at it, and does not report what follows.

Each frame of the log has a sum of 64 bits that goes on from the frame before, so that it tells which one bit is not
what it was (https://www.sqlite.org/fileformat.html, section 4.1: the header has 32 octets, that of a frame 24).
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hanlogger.journal.file.paths import name_beside, open_private
from hanlogger.journal.salvage.log_sums import Sum, add, find_turned_bits, replace_octet, subtract, unpack

HEADER, FRAME_HEADER = 32, 24  # octets
SUM_OF_HEADER, SUM_OF_FRAME = slice(24, 32), slice(16, 24)
SALTS_OF_HEADER, SALTS_OF_FRAME = slice(16, 24), slice(8, 16)
NUMBERS = 8  # octets of the numbers with which a frame begins
FORMAT = (3007000).to_bytes(4)
MAGIC = b"\x37\x7f\x06"  # then 0x82, or 0x83 where sums are of big-endian words
LARGEST_PAGE = 65536

log = logging.getLogger(__name__)


class LogState(NamedTuple):
    """The result of an examination.

    corrections: by their place in the log, octets to be written. lost: frames behind one that cannot be corrected, up
    to the end of the last transaction.
    """

    corrections: dict[int, bytes]
    lost: int


class _Log(NamedTuple):
    """The header of a log: the order of a word's octets as `struct` names it, the size of a page, and the salts."""

    order: str
    page: int
    salts: bytes


def correct_log(path: Path) -> None:
    """Turn back what was turned in the log beside a journal, which nobody has open; a copy is kept. OSError."""
    file = name_beside(path, "-wal")
    if not file.exists():
        return
    found = examine(file.read_bytes())
    if not found.corrections and not found.lost:
        return
    aside = _keep_copy(path, file)
    with file.open("r+b", buffering=0) as opened:
        for place, octets in found.corrections.items():
            os.pwrite(opened.fileno(), octets, place)
        os.fsync(opened.fileno())
    if found.lost:
        words = "the write-ahead log of the journal %s is corrupt: %d of its pages cannot be read; it is kept as %s"
        log.error(words, path, found.lost, aside)
    else:
        log.warning("a bit of the write-ahead log of the journal %s was turned, and is right now; see %s", path, aside)


def _keep_copy(path: Path, file: Path) -> Path:
    aside = name_beside(path, f".corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-wal")
    with (
        contextlib.suppress(OSError),
        file.open("rb") as source,
        os.fdopen(open_private(aside, os.O_RDWR), "wb") as copy,
    ):
        shutil.copyfileobj(source, copy)
    return aside


def examine(octets: bytes) -> LogState:
    """Return what is to be corrected in a log, so that SQLite reads all of it."""
    header = _examine_header(octets)
    if header is None:
        return LogState({}, 0)
    form, right = header
    corrections = {place: right[place : place + 1] for place in range(HEADER) if right[place] != octets[place]}
    size = FRAME_HEADER + form.page
    running = (unpack(right[SUM_OF_HEADER]),) * 2
    for place in range(HEADER, len(octets) - size + 1, size):
        found = _examine_frame(form, running, octets, place)
        if found is None:
            return LogState(corrections, _count_lost(octets, range(place + size, len(octets) - size + 1, size), form))
        changed, running = found
        corrections |= {place + offset: right for offset, right in changed.items()}
    return LogState(corrections, 0)


def _examine_header(octets: bytes) -> tuple[_Log, bytes] | None:
    """Return what the header says, and the header as it was written; None: there is no log."""
    if len(octets) <= HEADER:
        return None
    content, stored = octets[:24], unpack(octets[SUM_OF_HEADER])
    for order in ("<", ">"):
        difference = subtract(stored, add(order, (0, 0), content))
        turned = find_turned_bits(order, difference, content)
        for right in (content, *(replace_octet(content, *each) for each in turned)):
            reckoned = add(order, (0, 0), right)
            page = struct.unpack(">I", right[8:12])[0]
            form = _Log(order, page, right[SALTS_OF_HEADER])
            if _is_header(form, right) and (reckoned == stored or _follows(form, reckoned, octets[HEADER:])):
                return form, right + struct.pack(">II", *reckoned)
    return None


def _is_header(form: _Log, content: bytes) -> bool:
    magic = MAGIC + (b"\x82" if form.order == "<" else b"\x83") + FORMAT
    return content.startswith(magic) and 512 <= form.page <= LARGEST_PAGE and form.page.bit_count() == 1


def _examine_frame(
    form: _Log, running: tuple[Sum, Sum], octets: bytes, place: int
) -> tuple[dict[int, bytes], tuple[Sum, Sum]] | None:
    """Return what is to be corrected in a frame, and the sums up to its end; None: it cannot be, or is of no use.

    running: the sum up to the frame as it was written, and as it will be: they differ behind a page of which one bit is
    turned and it cannot be told which. Its rows have checksums of their own.
    """
    size = FRAME_HEADER + form.page
    frame, following = octets[place : place + size], octets[place + size : place + 2 * size]
    content, stored = _get_content(frame), unpack(frame[SUM_OF_FRAME])
    was, will_be = (add(form.order, each, content) for each in running)
    corrections = {} if frame[SALTS_OF_FRAME] == form.salts else {SALTS_OF_FRAME.start: form.salts}
    if was != stored:
        if corrections:
            return None
        if not _follows(form, was, following):
            turned = find_turned_bits(form.order, subtract(stored, was), content)
            if len(turned) == 1:
                (at, octet) = turned[0]
                corrections[at if at < NUMBERS else at - NUMBERS + FRAME_HEADER] = octet
                will_be = add(form.order, running[1], replace_octet(content, at, octet))
            elif not turned or any(at < NUMBERS for at, _ in turned):
                return None
            was = stored
    if will_be != stored:
        corrections[SUM_OF_FRAME.start] = struct.pack(">II", *will_be)
    return corrections, (was, will_be)


def _get_content(frame: bytes) -> bytes:
    """Return what the sum of a frame covers: the number of the page and that of all pages, and the page."""
    return frame[:NUMBERS] + frame[FRAME_HEADER:]


def _follows(form: _Log, running: Sum, octets: bytes) -> bool:
    """Return whether octets begin with a frame that goes on from a sum."""
    frame = octets[: FRAME_HEADER + form.page]
    whole = len(frame) == FRAME_HEADER + form.page
    return whole and add(form.order, running, _get_content(frame)) == unpack(frame[SUM_OF_FRAME])


def _count_lost(octets: bytes, places: range, form: _Log) -> int:
    """Return how many frames of this log stand up to the end of its last transaction, which has a number of pages."""
    ours = [place for place in places if octets[place + 8 : place + 16] == form.salts]
    ends = [number for number, place in enumerate(ours, 1) if any(octets[place + 4 : place + 8])]
    return max(ends, default=0)
