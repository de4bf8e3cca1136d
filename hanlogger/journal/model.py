"""The types of what goes into the journal and comes out of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.hostclock import Uptime
from hanlogger.model import Frame, Meter, Scale
from hanlogger.points.timestamp import read_fixed_offset

Kind = Literal["frame", "health", "intervals", "prices"]
KINDS: tuple[Kind, ...] = ("frame", "health", "intervals", "prices")
FRAME, HEALTH, INTERVALS, PRICES = range(4)
"""How the table `record` writes the kinds."""

IMPORT, EXPORT = range(2)
DIRECTIONS = ("import", "export")
"""How the table `energy` writes the directions."""

AGGREGATION = "energy by interval"
"""The journal's name for the reader that makes intervals, as if it were a destination; no user's name has blanks."""

HIGHEST_ID = 2**63 - 1
"""No record has a higher id."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return milliseconds since 1970 UTC: the journal's and the database's resolution."""
    return (at - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Return the time, in UTC; the nearest that a datetime can hold for one that it cannot."""
    return EPOCH + min(max(milliseconds, FIRST_MS), LAST_MS) * MILLISECOND


FIRST_MS, LAST_MS = to_ms(datetime(1, 1, 1, tzinfo=UTC)), to_ms(datetime(9999, 12, 31, tzinfo=UTC))


def to_bounds(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Return milliseconds from `start` up to before `end`; None: without a bound."""
    return (-(2**63) if start is None else to_ms(start)), (2**63 - 1 if end is None else to_ms(end))


class Entry(NamedTuple):
    """A frame to append to the journal, with its meter's settings."""

    frame: Frame
    meter: Meter  # the settings in force: its points are made with these, whatever changes later
    live: bool = True  # False: read from a file, so its arrival time says nothing about the meter's clock
    judged: bool = True  # False: the clock of the host was not known to be set
    uptime: Uptime | None = None  # of its arrival, where the time of it is to be put right once the clock is set


class Record(NamedTuple):
    """A frame, a minute of the logger's health, or an announcement of intervals or prices, as the journal holds it."""

    id: int  # rises in the order of appending, is never used again
    kind: Kind
    meter: Meter  # of a health record only the name is set, "" when it is about no meter
    received_at: datetime  # the arrival time: UTC, milliseconds, unique within a meter
    format: str
    data: bytes  # of a health record: its fields as JSON; of an announcement: what is announced as JSON
    live: bool
    verified: bool
    judged: bool
    provisional: bool = False  # its arrival time is still to be put right, or to be left as it is
    crc: int | None = None  # over all of it: as long as the checksum stands in the journal, the record is the same
    corruption: str = ""  # why it is corrupt: nothing of it is to be believed, and it is never decoded


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
    """A redelivery: records behind the cursor that a destination is sent once more."""

    id: int
    first_id: int
    last_id: int
    meter: str | None  # only its records; None: all


class Observation(NamedTuple):
    """What delivery noticed in a frame. It is counted once a frame, however often and wherever it is delivered."""

    record_id: int
    meter: str
    time: int | None  # the reading's own time in ms, to count readings that replace each other
    counts: tuple[str, ...] = ()  # names of the meter's counters to raise


class NotDecoded(NamedTuple):
    """A frame that delivery could not decode."""

    record_id: int
    reason: str
    tried_with: str  # stands for the version and the keys: with others it is worth another try


class Outcome(NamedTuple):
    """What became of the records up to one id: written to the journal in one transaction."""

    up_to: int
    refused: tuple[Refusal, ...] = ()
    undecoded: tuple[NotDecoded, ...] = ()
    observations: tuple[Observation, ...] = ()

    def extend(self, later: Outcome) -> Outcome:
        """Return what became of these records, and of later ones."""
        return Outcome(
            later.up_to,
            self.refused + later.refused,
            self.undecoded + later.undecoded,
            self.observations + later.observations,
        )


class Waiting(NamedTuple):
    """What a destination has not yet got."""

    frames: int
    oldest: datetime | None  # arrival time


class RecordsChanged(Exception):
    """Records have, or may have, been deleted or given other settings since lines were made of them."""


class Cleaned(NamedTuple):
    """The numbers of records that retention deleted."""

    delivered: int  # frames
    undelivered: int  # frames that some destination never got


def encode_settings(meter: Meter) -> str:
    """Return a meter's settings as JSON, always the same text for the same settings: sorted, decimals as texts."""
    return json.dumps(asdict(meter), default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def decode_settings(text: str) -> Meter:
    """Return what `encode_settings` was given. Raises ValueError for anything that is no settings of a meter."""
    try:
        fields = json.loads(text)
        scale: dict[str, Any] = {key: value and Decimal(value) for key, value in fields.pop("scale").items()}
        meter = Meter(scale=Scale(**scale), **fields)
        ZoneInfo(meter.zone)
        read_fixed_offset(meter.clock)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError) as error:
        raise ValueError(f"not the settings of a meter: {error!r}") from error
    return meter
