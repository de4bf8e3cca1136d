"""What a check is given: the host with its settings, and the port with what earlier checks found there."""

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
"""Seconds without an octet after which a port is reported as silent: three times the longest interval of a meter."""


def _tell_nobody(*_: object) -> None:
    return None


@dataclass(frozen=True)
class Host:
    """The computer that is examined: its settings, its clock, and how the examination is to be done.

    wait: seconds that a silent port is listened to. listen: seconds for each line setting that is tried.
    port_given: the user has named the port for this examination, so the running logger's ports do not count.
    tell: is called before anything that takes long, with the key of a text and its facts.
    """

    settings: Settings
    wait: float = WAIT
    listen: float = LISTEN
    clock: HostClock = HOST
    port_given: bool = False
    tell: Callable[[str, Mapping[str, object]], None] = _tell_nobody

    @property
    def running(self) -> state.State | None:
        """The state that the logger of this journal reported last, a second ago; None if no logger is running."""
        return look_up(self.settings.journal).running

    @contextmanager
    def open_journal(self) -> Iterator[Journal | None]:
        """Open the journal for reading and close it again; None if there is no journal or it cannot be read."""
        try:
            opened = Journal.open(self.settings.journal, read_only=True)
        except (JournalUnavailable, OSError):
            yield None
            return
        with opened:
            yield opened


@dataclass
class PortContext:
    """One port and its meter, with what the checks so far have found: each check may use it and add to it."""

    host: Host
    port: Port
    reported: state.MeterState | None = None  # what the running logger reports about this meter
    frames: list[Frame] = field(default_factory=list)  # the newest frames, oldest first
    bad_frames: list[BadFrame] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the meter."""
        return self.port.meter.name


PortCheck = Callable[[PortContext], Iterator[Finding]]
HostCheck = Callable[[Host], Iterator[Finding]]
