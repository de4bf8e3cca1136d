"""The journal's messages as the reads of a capture, the last damaged octets among them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TextIO

from hanlogger import __version__
from hanlogger.framing import REASONS
from hanlogger.journal import Damaged, Journal, Record
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer


class Read(NamedTuple):
    """One read, and what is to be said about it."""

    received_at: datetime
    data: bytes
    remark: str = ""

    @property
    def chunk(self) -> Chunk:
        """Without the remark."""
        return Chunk(self.data, self.received_at)


def recorded(
    journal: Journal, meter: str, start: datetime | None = None, end: datetime | None = None
) -> Iterator[Read]:
    """The messages of a meter received from `start` up to before `end`, each in one read; of a damaged one a remark."""
    return (_recorded(record) for record in journal.frames(meter, start, end))


def with_damage(
    journal: Journal, meter: str, start: datetime | None = None, end: datetime | None = None
) -> Iterator[Read]:
    """The same, with those of the meter's last damaged octets that came in that time."""
    damaged = (_damage(one) for one in journal.damaged() if one.meter == meter and one.data)
    within = (
        read for read in damaged if (not start or read.received_at >= start) and (not end or read.received_at < end)
    )
    return heapq.merge(recorded(journal, meter, start, end), sorted(within), key=lambda read: read.received_at)


def about_journal(meter: str | None) -> dict[str, str]:
    """What the head of such a capture tells; `meter`: the user's name, where it may be told."""
    name = {"meter": meter} if meter else {}
    return {"from": "the journal, each message in one read", **name, "hanlogger": __version__}


class Written(NamedTuple):
    """What a capture holds: the number of its reads, and of messages left out as their records are corrupt."""

    reads: int
    left_out: int


def write(file: TextIO, about: Mapping[str, str], reads: Iterable[Read]) -> Written:
    """Write a whole capture; return what it holds."""
    writer = Writer(file, about)
    number = left_out = 0
    for read in reads:
        if read.remark:
            writer.remark(read.remark)
        writer.write(read.chunk)
        number += 1
        left_out += bool(read.remark and not read.data)
    return Written(number - left_out, left_out)


def _recorded(record: Record) -> Read:
    octets = b"" if record.damage else record.data + _closing(record)
    return Read(record.received_at, octets, record.damage)


def _closing(record: Record) -> bytes:
    """What ends the message on the line and is no part of it: a journal does not keep it."""
    if record.format == "p1":
        return b"\x8d\n" if record.data[:1] >= b"\x80" else b"\r\n"
    return b"\x7e" if record.format == "hdlc" else b""


def _damage(damaged: Damaged) -> Read:
    words = f"damaged {damaged.format}".rstrip()
    return Read(damaged.received_at, damaged.data, f"{words}: {REASONS.get(damaged.reason, damaged.reason)}")
