"""The state of a running logger: its meters, destinations and journal. It has no secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from hanlogger.framing import KINDS, REASONS
from hanlogger.status.costs import CostState

REFRESH = timedelta(seconds=12)
"""A state is written when anything in it changes, but for its time, and after this at the latest.

It is more than the ten seconds between two telegrams of most meters, so that their telegrams alone have it written.
"""

STALE = 3 * REFRESH
"""A logger whose state is older than this has ended or hangs."""


@dataclass(frozen=True)
class RegisterState:
    """The newest value of one register."""

    value: str  # exact, in the base unit
    unit: str
    received_at: datetime


@dataclass(frozen=True)
class MeterState:
    """The state of a meter and its port."""

    name: str
    port: str
    state: str  # waiting open silent ended
    words: str = ""  # why the port is not open, or what is wrong with the telegrams
    label: str = ""
    fuse: float | None = None  # A, as configured
    last: datetime | None = None  # arrival time of the newest telegram
    interval: float | None = None  # s between its telegrams
    clock_offset: float | None = None  # s, the meter's clock less the host's
    line: str = ""  # line settings
    unread: dict[str, str] = field(
        default_factory=dict
    )  # while no telegram comes: last octets as hex, by line settings
    counts: dict[str, int] = field(default_factory=dict)  # since the journal was made
    registers: dict[str, RegisterState] = field(default_factory=dict)  # by OBIS code, as the meter orders them
    doubts: dict[str, str] = field(default_factory=dict)  # settings that are probably wrong: a factor, hours
    costs: CostState | None = None  # by its tariff; None where it has none
    unshown: int = 0  # values since the start of further registers than `registers` has room for

    @property
    def demo(self) -> bool:
        """Whether the meter is the demo's."""
        return self.port == "demo:"

    @property
    def damaged(self) -> int:
        """The number of damaged telegrams, whatever the reason."""
        return sum(number for name, number in self.counts.items() if name in REASONS)

    @property
    def doubted_scales(self) -> list[tuple[str, Decimal]]:
        """Scales that are probably wrong, each with the factor that would correct its values."""
        return [(name, Decimal(value)) for name, value in self.doubts.items() if name.startswith("scale.")]

    @property
    def well(self) -> bool:
        """Whether telegrams come or the port is waited for."""
        return self.state != "silent"


@dataclass(frozen=True)
class BrokerState:
    """The state of a port that has a broker behind it, beside the states of its meters."""

    COUNTED: ClassVar = (
        *KINDS,
        "unnamed",
        "unlisted",
        "beyond new_meters",
        "retained",
        "handed over again",
        "sessions lost",
        "flapping",
        "faults",
    )
    """Counters of such a port; those of its one meter, where it has but one, have the same name."""

    name: str
    port: str
    state: str  # waiting open ended
    words: str = ""  # why the port is not open
    meters: int = 0
    unacknowledged: int = 0  # messages
    strangers: dict[str, str] = field(default_factory=dict)  # names of which nothing is taken, and why
    counts: dict[str, int] = field(default_factory=dict)  # since the journal was made, by one of COUNTED


@dataclass(frozen=True)
class AnswerState:
    """The last answer of a destination's database."""

    at: datetime
    ok: bool
    words: str  # what the answer means, and what to do


@dataclass(frozen=True)
class DestinationState:
    """The state of a destination."""

    name: str
    url: str
    waiting: int = 0  # frames
    oldest: datetime | None = None  # arrival time of the oldest of them
    refused: int = 0
    answer: AnswerState | None = None
    meters: tuple[str, ...] = ()  # patterns of the names that it gets; (): all


@dataclass(frozen=True)
class RelayState:
    """The state of the relay of one meter."""

    meter: str
    address: str  # HOST:PORT
    clients: int = 0  # now
    dropped: int = 0  # clients since the start that did not take what was sent
    refused: int = 0  # clients since the start beyond the most that there may be
    words: str = ""  # why it does not listen


@dataclass(frozen=True)
class HomeAssistantState:
    """The state of the connection to Home Assistant's broker."""

    broker: str  # its URL
    published: int = 0  # messages since the start
    words: str = ""  # why nothing is told


@dataclass(frozen=True)
class PriceState:
    """The state of the spot prices."""

    area: str
    source: str  # where they come from
    end: datetime | None = None  # up to which they are known
    words: str = ""  # what is wrong with them


@dataclass(frozen=True)
class JournalState:
    """The state of the journal."""

    path: str
    size: int = 0  # octets
    held: int = 0  # frames in memory that could not be written yet
    undecoded: int = 0
    words: str = ""  # why the journal cannot be written


@dataclass(frozen=True)
class State:
    """The whole state of a logger."""

    version: str
    pid: int
    logger: str
    started: datetime
    at: datetime
    journal: JournalState
    meters: tuple[MeterState, ...] = ()
    destinations: tuple[DestinationState, ...] = ()
    relays: tuple[RelayState, ...] = ()
    brokers: tuple[BrokerState, ...] = ()
    home_assistant: HomeAssistantState | None = None
    prices: PriceState | None = None
    page: str = ""  # the address of its pages; "" where none are served

    def is_fresh(self, now: datetime) -> bool:
        """Return whether the state is young enough at `now` for its logger to run."""
        return now - self.at < STALE

    @property
    def well(self) -> bool:
        """Whether every meter is well; databases do not count."""
        return all(meter.well for meter in self.meters)
