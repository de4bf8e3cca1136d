"""What goes into the journal and what comes out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from hanlogger.hostclock import Uptime
from hanlogger.model import Frame, Meter

Kind = Literal["frame", "health"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC: the journal's and the database's resolution."""
    return (at - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The time, in UTC; the nearest that can be told for one that cannot."""
    return EPOCH + min(max(milliseconds, FIRST_MS), LAST_MS) * MILLISECOND


FIRST_MS, LAST_MS = to_ms(datetime(1, 1, 1, tzinfo=UTC)), to_ms(datetime(9999, 12, 31, tzinfo=UTC))


def bounds(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Milliseconds from `start` up to before `end`; None: without a bound."""
    return (-(2**63) if start is None else to_ms(start)), (2**63 - 1 if end is None else to_ms(end))


class Entry(NamedTuple):
    """A frame to append."""

    frame: Frame
    meter: Meter  # the settings in force: its points are made with these, whatever changes later
    live: bool = True  # False: read from a file, so its time of receipt says nothing about its own clock
    judged: bool = True  # False: the host's own clock was not known to be set
    uptime: Uptime | None = None  # of its receipt, where the time of it is to be put right once the clock is set


class Record(NamedTuple):
    """A frame, or a minute of the logger's health, as the journal holds it."""

    id: int  # rises in the order of appending, is never used again
    kind: Kind
    meter: Meter  # of a health record only the name is set, "" when it is about no meter
    received_at: datetime  # UTC, milliseconds, unique within a meter
    format: str
    data: bytes  # of a health record: its fields as JSON
    live: bool
    verified: bool
    judged: bool
    pending: bool = False  # its time of receipt is still to be put right, or to be left as it is
    crc: int | None = None  # over all of it: as long as it stands in the journal, the record is the same
    damage: str = ""  # why it is not what was written: nothing of it is to be believed, and it is never decoded


class Damaged(NamedTuple):
    """Octets that began like a frame and were none; the journal keeps the last of them for reports."""

    meter: str
    received_at: datetime
    format: str
    reason: str
    data: bytes


class Refusal(NamedTuple):
    """What a destination refused: one line of one record, or (line None) a range of records as one."""

    first_id: int
    last_id: int
    line: bytes | None
    reason: str  # the server's words


class Refused(NamedTuple):
    """A refusal as it is listed."""

    id: int
    destination: str
    refusal: Refusal
    at: datetime


class Undecoded(NamedTuple):
    """A frame that cannot be decoded, as it is listed."""

    record_id: int
    meter: str
    received_at: datetime
    reason: str


class Range(NamedTuple):
    """Records that a destination is to be sent again, beside those after its cursor."""

    id: int
    first_id: int
    last_id: int
    meter: str | None  # only its records; None: all


class Passed(NamedTuple):
    """What delivery noticed in a frame. Counted once a frame, however often and wherever it is delivered."""

    record_id: int
    meter: str
    time: int | None  # the reading's own time in ms, to count readings that replace each other
    counts: tuple[str, ...] = ()


class NotDecoded(NamedTuple):
    """That a frame cannot be decoded."""

    record_id: int
    reason: str
    tried_with: str  # stands for the version and the keys: with others it is worth another try


class Outcome(NamedTuple):
    """What became of the records up to one id: written to the journal in one transaction."""

    up_to: int
    refused: tuple[Refusal, ...] = ()
    undecoded: tuple[NotDecoded, ...] = ()
    passed: tuple[Passed, ...] = ()


class Waiting(NamedTuple):
    """What a destination has not yet got."""

    frames: int
    oldest: datetime | None


class Cleaned(NamedTuple):
    """What `clean` removed: delivered frames, and frames that some destination never got."""

    delivered: int
    undelivered: int
