"""The state of a running logger, which it writes as JSON beside its journal for other processes. It has no secrets."""

from __future__ import annotations

import contextlib
import re
import time
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hanlogger.framing import REASONS

STALE = timedelta(seconds=15)
"""A state is written each second: a logger whose state is older than this has ended or hangs."""

BLOCK = 4096  # octets: a file has one to two of these to spare, so that a state can grow while the disk is full
TRIES, PAUSE = 20, 0.01  # s, while a state is being written over

_CHECKED = re.compile(rb'(\{.*),"crc32":"([0-9a-f]{8})"\}\s*', re.DOTALL)


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
        """Scales that are probably wrong, each with the factor that would put its values right."""
        return [(name, Decimal(value)) for name, value in self.doubts.items() if name.startswith("scale.")]

    @property
    def well(self) -> bool:
        """Whether telegrams come or the port is waited for."""
        return self.state != "silent"


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

    def running(self, now: datetime) -> bool:
        """Return whether the state is young enough at `now` for its logger to run."""
        return now - self.at < STALE

    @property
    def well(self) -> bool:
        """Whether every meter is well; databases do not count."""
        return all(meter.well for meter in self.meters)


_ADAPTER = TypeAdapter(State)


def state_path(journal: Path) -> Path:
    """Return the path of a journal's state: `home.state.json` beside `home.sqlite3`.

    Beside a journal of any other name it is `home.db.journal.state.json`: each journal of a folder has its own.
    """
    stem = journal.stem if journal.suffix == ".sqlite3" else f"{journal.name}.journal"
    return journal.with_name(f"{stem}.state.json")


def write_state(state: State, path: Path) -> None:
    """Write a state that everybody may read, as a new file, or on a full disk over the old one if that has room.

    OSError when the disk does not take it.
    """
    data = _ADAPTER.dump_json(state).removesuffix(b"}")
    data += b',"crc32":"%08x"}\n' % zlib.crc32(data)
    new = path.with_suffix(".new")
    try:
        new.write_bytes(data.ljust((len(data) // BLOCK + 2) * BLOCK))
        new.chmod(0o644)
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        if not _write_over(path, data):
            raise


def _write_over(path: Path, data: bytes) -> bool:
    """Write in place, which takes no room on the disk; a reader sees by the checksum that a state is not whole."""
    try:
        with path.open("r+b", buffering=0) as file:
            room = path.stat().st_size
            return len(data) <= room and file.write(data.ljust(room)) == room
    except OSError:
        return False


def read_state(path: Path) -> State | None:
    """Return the state that was written last; None where there is none, or none of this version."""
    for _ in range(TRIES):
        try:
            found = _CHECKED.fullmatch(path.read_bytes())
        except OSError:
            return None
        if found and zlib.crc32(found[1]) == int(found[2], 16):
            with contextlib.suppress(ValidationError):
                return _ADAPTER.validate_json(found[1] + b"}")
            return None
        time.sleep(PAUSE)
    return None


def as_json(state: State) -> dict[str, Any]:
    """Return a state as values that JSON has."""
    plain: dict[str, Any] = _ADAPTER.dump_python(state, mode="json")
    return plain
