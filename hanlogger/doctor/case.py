"""What the checks look at, and what each leaves for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from hanlogger.config import Settings
from hanlogger.detect import LISTEN
from hanlogger.doctor.finding import Finding
from hanlogger.errors import JournalUnavailable
from hanlogger.hostclock import HOST, HostClock
from hanlogger.journal import Journal
from hanlogger.model import BadFrame, Frame
from hanlogger.sources import Port
from hanlogger.status import state
from hanlogger.status.lookup import look_up

WAIT = 30.0
"""Seconds without an octet until a port is said to be silent: three times what a meter pauses."""


def _silently(*_: object) -> None:
    return None


@dataclass(frozen=True)
class Host:
    """A computer with a logger on it, and whoever asks."""

    settings: Settings
    wait: float = WAIT
    listen: float = LISTEN  # seconds for each line setting that is tried
    clock: HostClock = HOST
    asked: bool = False  # the port was named for this examination
    tell: Callable[[str, Mapping[str, object]], None] = _silently  # what takes a while: the key of a text, facts

    @property
    def running(self) -> state.State | None:
        """What the logger that runs on this journal said a second ago; None: none does."""
        return look_up(self.settings.journal).running

    @contextmanager
    def journal(self) -> Iterator[Journal | None]:
        """The journal, only to read; None where there is none or it cannot be read."""
        try:
            opened = Journal.open(self.settings.journal, read_only=True)
        except (JournalUnavailable, OSError):
            yield None
            return
        with opened:
            yield opened


@dataclass
class Case:
    """One port and its meter, as far as they have been looked at."""

    host: Host
    port: Port
    state: state.MeterState | None = None  # what the running logger says about it
    frames: list[Frame] = field(default_factory=list)  # the last ones
    bad: list[BadFrame] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The meter's."""
        return self.port.meter.name


Check = Callable[[Case], Iterator[Finding]]
