"""What a port is, before and after it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from hanlogger.model import Chunk, Key, Meter
from hanlogger.simulate import Sums
from hanlogger.sources.line import LineSettings


class Opening(NamedTuple):
    """From when on the demo's house counts, and from what: it is the same house each time the port is opened."""

    at: datetime
    counted: Sums | None = None  # None: some years of use


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
    opening: Opening | None = None  # of the demo; None: begins whenever it is opened

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
