"""The journal's messages as the reads of a capture, together with the last damaged octets."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TextIO

from hanlogger import __version__
from hanlogger.framing import REASONS
from hanlogger.journal import Damaged, Journal, Record
from hanlogger.model import Chunk, Key
from hanlogger.recordings.capture import Writer
from hanlogger.recordings.redact import redact

HIDDEN = {"redacted": "numbers of meters are hidden, checksums made anew"}
"""The entry in the head of a capture whose reads were redacted."""


class RemarkedRead(NamedTuple):
    """One read of a capture, and a remark about it for people."""

    received_at: datetime
    data: bytes
    remark: str = ""

    @property
    def chunk(self) -> Chunk:
        """The read without its remark."""
        return Chunk(self.data, self.received_at)


def read_messages(
    journal: Journal, meter: str, start: datetime | None = None, end: datetime | None = None
) -> Iterator[RemarkedRead]:
    """Yield the messages of a meter that arrived from `start` on and before `end`, each as one read.

    A record of the journal that is corrupt becomes an empty read with a remark.
    """
    return (_make_read(record) for record in journal.records.read_frames(meter, start, end))


def read_messages_and_damage(
    journal: Journal, meter: str, start: datetime | None = None, end: datetime | None = None
) -> Iterator[RemarkedRead]:
    """Yield the messages as `read_messages` does, and the meter's last damaged octets that arrived in that time."""
    damaged = (_make_damage(one) for one in journal.damaged.list_all() if one.meter == meter and one.data)
    within = (
        read for read in damaged if (not start or read.received_at >= start) and (not end or read.received_at < end)
    )
    return heapq.merge(read_messages(journal, meter, start, end), sorted(within), key=lambda read: read.received_at)


def redact_reads(reads: Sequence[RemarkedRead], keys: Sequence[Key]) -> list[RemarkedRead]:
    """Return the reads redacted, with their remarks; empty reads stay. CaptureError where a number might be left."""
    new = redact([read.chunk for read in reads if read.data], keys)
    remarks = {read.received_at: read.remark for read in reads if read.remark}
    hidden = (RemarkedRead(chunk.received_at, chunk.data, remarks.get(chunk.received_at, "")) for chunk in new)
    empty = (read for read in reads if not read.data)
    return list(heapq.merge(hidden, empty, key=lambda read: read.received_at))


def make_head(meter: str | None) -> dict[str, str]:
    """Return the head of a capture from the journal. meter: the user's name for it; None where that is to be hidden."""
    name = {"meter": meter} if meter else {}
    return {"from": "the journal, each message in one read", **name, "hanlogger": __version__}


class Written(NamedTuple):
    """The number of reads in a capture, and of messages that were left out because their records are corrupt."""

    reads: int
    left_out: int


def write_capture(file: TextIO, about: Mapping[str, str], reads: Iterable[RemarkedRead]) -> Written:
    """Write a whole capture and return what it holds."""
    writer = Writer(file, about)
    number = left_out = 0
    for read in reads:
        if read.remark:
            writer.write_remark(read.remark)
        writer.write(read.chunk)
        number += 1
        left_out += bool(read.remark and not read.data)
    return Written(number - left_out, left_out)


def _make_read(record: Record) -> RemarkedRead:
    octets = b"" if record.corruption else record.data + _find_closing(record)
    return RemarkedRead(record.received_at, octets, record.corruption)


def _find_closing(record: Record) -> bytes:
    """Return the octets that follow a message on the line but are not kept in the journal."""
    if record.format == "p1":
        return b"\x8d\n" if record.data[:1] >= b"\x80" else b"\r\n"
    return b"\x7e" if record.format == "hdlc" else b""


def _make_damage(damaged: Damaged) -> RemarkedRead:
    words = f"damaged {damaged.format}".rstrip()
    return RemarkedRead(damaged.received_at, damaged.data, f"{words}: {REASONS.get(damaged.reason, damaged.reason)}")
