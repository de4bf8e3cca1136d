"""What a port is, before and after it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from hanlogger.model import Chunk, Key, Meter
from hanlogger.sources.line import LineSettings


class SimulatedMeter(Protocol):
    """What the demo port has behind it instead of a meter. Whoever opens that port brings it."""

    @property
    def interval(self) -> timedelta:
        """The time between two telegrams."""

    def telegram(self, at: datetime) -> bytes:
        """Return the octets that the meter sends at a time (UTC)."""


@dataclass(frozen=True)
class Port:
    """One port and the meter behind it, as configured."""

    url: str
    meter: Meter
    line: LineSettings | None = None  # None: found by trying
    keys: tuple[Key, ...] = field(default=(), repr=False)
    silence: float | None = (
        None  # seconds without a telegram until it is opened again; None: by the meter's own interval
    )
    simulated: SimulatedMeter | None = None  # the meter behind the demo port

    @property
    def scheme(self) -> str:
        """What kind of port it is."""
        return scheme(self.url)

    @property
    def has_line(self) -> bool:
        """Whether it has line settings: behind a TCP bridge they are the bridge's."""
        return self.scheme in ("", AUTO, "rfc2217")

    @property
    def ends(self) -> bool:
        """A file or standard input."""
        return self.scheme in ENDING


ENDING = ("file", "-")
AUTO = "auto"
"""The port that is the one plugged-in adapter."""


class Source(Protocol):
    """An open port."""

    def read(self, timeout: float) -> Chunk:
        """What came, at once; empty data when nothing came for `timeout` seconds. SourceError: open it again."""

    def close(self) -> None:
        """Never raises."""


def scheme(url: str) -> str:
    """`/dev/ttyUSB0` -> "", `socket://host:1` -> "socket", `-` -> "-", `auto` -> "auto"."""
    if url in ("-", AUTO):
        return url
    head, colon, _ = url.partition(":")
    return head if colon and "/" not in head else ""
