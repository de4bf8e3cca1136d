"""Types of a port, before it is opened (`Port`) and after (`Source`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from hanlogger.model import Chunk, Key, Meter
from hanlogger.sources.broker import DEFAULT_PORTS, Broker
from hanlogger.sources.line import LineSettings
from hanlogger.sources.web import WebLogin


class SimulatedMeter(Protocol):
    """The simulated meter behind the demo port, given by the code that opens the port."""

    @property
    def interval(self) -> timedelta:
        """The time between two telegrams."""

    def make_telegram(self, at: datetime) -> bytes:
        """Return the octets that the meter sends at a time (UTC)."""


@dataclass(frozen=True)
class Port:
    """A port and the meter behind it, as configured."""

    url: str
    meter: Meter
    line: LineSettings | None = None  # None: to be found by trying
    keys: tuple[Key, ...] = field(default=(), repr=False)
    silence: float | None = (
        None  # seconds without a telegram until it is opened again; None: by the meter's own interval
    )
    simulated: SimulatedMeter | None = None  # the meter behind the demo port
    broker: Broker | None = None  # where a broker is behind the port
    web: WebLogin | None = None  # where the port is asked by HTTP

    @property
    def scheme(self) -> str:
        """The kind of the port, a key of `sources.OPENERS` or an element of ENDING."""
        return find_scheme(self.url)

    @property
    def has_line(self) -> bool:
        """Whether line settings can be chosen: behind a raw TCP bridge they are the bridge's."""
        return self.scheme in ("", AUTO, "rfc2217")

    @property
    def asks_broker(self) -> bool:
        """Whether a broker is behind the port, and perhaps many meters behind that."""
        return self.scheme in DEFAULT_PORTS

    @property
    def via(self) -> str:
        """The name of the port by which the meter's messages come; "" for a port of the meter's own."""
        return self.url.removeprefix(VIA) if self.url.startswith(VIA) else ""

    @property
    def live(self) -> bool:
        """Whether what comes has just been sent, so that its arrival tells about the meter's clock."""
        return not (self.ends or self.asks_broker or self.via)

    @property
    def ends(self) -> bool:
        """Whether the port ends by itself: a file or standard input."""
        return self.scheme in ENDING


ENDING = ("file", "-")
"""Kinds of ports that end by themselves."""

VIA = "via:"
"""The scheme of a meter whose messages come by the port of another name: `via:flats`."""

AUTO = "auto"
"""The port that stands for the one plugged-in adapter."""


class Source(Protocol):
    """An open port, as all kinds of ports are read."""

    def read(self, timeout: float) -> Chunk:
        """Return what came, at once, or no octets after `timeout` seconds; SourceError: open the port again."""

    def close(self) -> None:
        """Close the port; this never raises."""


def find_scheme(url: str) -> str:
    """Return the kind of a port: "" for `/dev/ttyUSB0`, "socket" for `socket://host:1`, `-` and `auto` themselves."""
    if url in ("-", AUTO):
        return url
    head, colon, _ = url.partition(":")
    return head if colon and "/" not in head else ""
