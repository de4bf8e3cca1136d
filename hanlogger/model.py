"""What flows through hanlogger, in the order in which it flows. Everybody may import this."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

METER_NAME = re.compile(r"[A-Za-z0-9_-]+")
"""A user's name for a meter or a destination: it may stand in a tag, in a regular expression and in a file name."""

DEMO = "demo"
"""The name of the demo meter, which does not exist; no other meter may have it."""

FormatName = Literal["p1", "hdlc", "mbus", "dlms"]
"""p1: a telegram · hdlc: one or more joined frames · mbus: long frames, joined · dlms: an APDU without a frame."""


class Chunk(NamedTuple):
    """Octets as the port gave them; empty when the line has been quiet. Here time enters the program."""

    data: bytes
    received_at: datetime  # UTC


class Frame(NamedTuple):
    """A message whose checksum is right, or those segments of one that came while others are missing.

    `data` holds the octets on the wire, of all its segments.
    """

    format: FormatName
    data: bytes
    received_at: datetime  # of its first octet
    verified: bool = True  # False: a telegram without a checksum, taken by its form alone


class BadFrame(NamedTuple):
    """Octets that begin like a frame and are none; a type of its own, so that it cannot be decoded by mistake."""

    format: FormatName | None
    data: bytes
    received_at: datetime
    reason: str  # one of the words in framing.framer.REASONS


class Obis(NamedTuple):
    """An OBIS code `A-B:C.D.E*F`; groups that the meter left out (IEC 62056-21 reduced codes) are None."""

    a: int | None
    b: int | None
    c: int
    d: int
    e: int | None = None
    f: int | None = 255

    @classmethod
    def parse(cls, text: str) -> Obis:
        """Return the code of `1-0:1.7.0`, `1-0:1.8.0*255`, `1.8.0`, `14.7` or `F.F`; raise ValueError otherwise."""
        return _read_obis(text)

    @classmethod
    def from_bytes(cls, six: bytes) -> Obis:
        """Return the code of the six octets of a COSEM logical name (Blue Book, section 4.1.4)."""
        a, b, c, d, e, f = six
        return cls(a, b, c, d, e, f)

    @property
    def is_electricity(self) -> bool:
        """Whether the code is the electricity meter's own. One without A-B is; so are counters under A-B = 0-0."""
        return self.a in (None, 1) or (self.a == self.b == 0 and self.d == _COUNTER and 0 < self.c <= _LAST_OF_PHASES)

    def __str__(self) -> str:
        """Return the code as the meter sent it, less `*255`. In reduced codes 96 to 99 are letters: `F.F` is 97.97."""
        last = "" if self.e is None else f".{self.e}"
        billing = "" if self.f in (None, 255) else f"*{self.f:02d}"
        if self.a is None:
            return f"{_LETTER_OF.get(self.c, self.c)}.{_LETTER_OF.get(self.d, self.d)}{last}{billing}"
        return f"{self.a}-{self.b}:{self.c}.{self.d}{last}{billing}"


PHASES: Mapping[str, int] = MappingProxyType({"L1": 20, "L2": 40, "L3": 60})
"""What is added to group C of a total for the same quantity of a phase (Blue Book, table 6)."""

_COUNTER, _LAST_OF_PHASES = 8, 80  # group D; group C, up to the last quantity of L3
_LETTERS = {"C": 96, "F": 97, "L": 98, "P": 99}
_LETTER_OF = {number: letter for letter, number in _LETTERS.items()}
_OBIS = re.compile(
    r"(?:(\d{1,3})-(\d{1,3}):)?(\d{1,3}|[CFLP])\.(\d{1,3}|[CFLP])(?:\.(\d{1,3}))?(?:\*(\d{1,3}))?", re.ASCII
)


@lru_cache(maxsize=4096)
def _read_obis(text: str) -> Obis:
    match = _OBIS.fullmatch(text)
    if match is None:
        raise ValueError(f"not an OBIS code: {text!r}")
    a, b, c, d, e, f = (None if group is None else int(_LETTERS.get(group, group)) for group in match.groups())
    if c is None or d is None or max(a or 0, b or 0, c, d, e or 0, f or 0) > 255:
        raise ValueError(f"not an OBIS code: {text!r}")
    return Obis(a, b, c, d, e, 255 if f is None else f)


class Civil(NamedTuple):
    """A civil time as a message states it, and what the message says about its offset."""

    local: datetime  # naive
    deviation: int | None = None  # minutes, UTC = local + deviation (Blue Book, section 4.1.6.1)
    flag: str = ""  # "S", "W" or nothing (DSMR P1 5.0.2, table 5-1)


class Register(NamedTuple):
    """One value of a reading, scaled to its base unit (a kilowatt is a watt with scaler 3)."""

    obis: Obis
    value: Decimal | str
    unit: str = ""
    time: Civil | None = None  # of a sub-meter's value, where the message states one


ClockRule = Literal["normal-time", "flag", "local", "stated"]
"""What `clock = auto` means for a family of meters (docs/protocol.md A.7 and C.5)."""


class Reading(NamedTuple):
    """What one message of a meter says."""

    registers: tuple[Register, ...]
    clock: Civil | None = None
    clock_rule: ClockRule = "normal-time"
    hourly: bool = False  # its energies belong to the full hour before its clock
    unread: tuple[str, ...] = ()  # rows that could not be read, as sent
    family: str = ""  # "", "aidon", "kaifa", "kamstrup", …
    closed: tuple[str, ...] = ()  # rows of a closed billing period, as sent: no values of this clock
    objects: tuple[Register, ...] = ()  # names and states, where a message separates them from measured values

    @property
    def rows(self) -> tuple[Register, ...]:
        """All registers that are to be stored, measured or not."""
        return self.registers + self.objects


class Point(NamedTuple):
    """A point in InfluxDB's terms. After this no file knows what a meter is."""

    measurement: str
    tags: tuple[tuple[str, str], ...]  # sorted by key
    fields: tuple[tuple[str, Decimal | str], ...]
    time: datetime | None  # aware; None: the server's clock (only `decode --lines`)


@dataclass(frozen=True)
class Scale:
    """Factors that the user knows and the message does not state; None stands for the family's default."""

    energy: Decimal | None = None  # of a raw energy, e.g. 10 for a Kamstrup that counts in 10 Wh
    current: Decimal | None = None
    voltage: Decimal | None = None
    ratio: Decimal = Decimal(1)  # a transformer meter's: multiplies currents, powers and energies


@dataclass(frozen=True)
class Meter:
    """The settings of one meter that decide how its frames become points. The journal keeps them with each frame."""

    name: str = "meter"
    clock: str = "auto"  # auto normal-time flag local utc receive +HH:MM
    zone: str = "Europe/Oslo"
    clock_limit: float | None = 86_400.0  # seconds; None: never judged
    scale: Scale = field(default_factory=Scale)
    tags: Mapping[str, str] = field(default_factory=dict)


class Key(NamedTuple):
    """An AES-128 key pair of one meter. Never printed, never stored in the journal."""

    encryption: bytes
    authentication: bytes | None = None

    def __repr__(self) -> str:
        return "Key(…)"
