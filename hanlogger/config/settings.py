"""The settings in force, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from hanlogger.influxdb import Destination, Secret
from hanlogger.model import DEMO
from hanlogger.sources import Port

VOLTS = {"3x400": 692.8, "3x230": 398.4, "1x230": 230.0}
"""W per A of the main fuse: √3 · 400 V, √3 · 230 V, 230 V (docs/influxdb.md 5.2)."""


@dataclass(frozen=True)
class Limits:
    """What boards and alert rules compare with."""

    net: str = "3x400"
    fuse: float = 20.0  # A
    power: float | None = None  # W; None: 0.9 · volts · fuse
    hour: float | None = None  # kWh
    day: float | None = None  # kWh

    @property
    def volts(self) -> float:
        """W per A of the fuse."""
        return VOLTS[self.net]


@dataclass(frozen=True)
class Grafana:
    """Where Grafana answers, and who logs in."""

    url: str
    user: str
    password: Secret | None = field(default=None, repr=False)
    password_file: Path | None = None

    def read_password(self) -> str:
        """OSError where its file cannot be read."""
        if self.password_file is not None:
            return self.password_file.read_text("utf-8").strip()
        return "" if self.password is None else self.password.get_secret_value()


@dataclass(frozen=True)
class Settings:
    """All of it. Secrets are in ports, destinations and notify, and none of these shows them."""

    ports: tuple[Port, ...]
    destinations: tuple[Destination, ...]
    journal: Path
    journal_origin: str  # who said so, for an error's text
    keep: timedelta
    max_size: int  # octets
    max_series: int  # of one meter, that are sent
    logger: str
    limits: Limits
    meter_limits: Mapping[str, Limits]  # of each meter by name: its own over those of the whole
    language: Literal["en", "sv"]  # of boards and alerts
    notify: str | None = field(repr=False)  # an e-mail address or a webhook
    grafana: Grafana | None
    file: Path | None  # where they were read
    warnings: tuple[str, ...] = ()

    @property
    def served(self) -> tuple[Destination, ...]:
        """Those of the destinations that get something of these ports: of the demo alone, those that are set for it."""
        alone = only_demo(self.ports)
        return tuple(to for to in self.destinations if to.demo or not alone)


def only_demo(ports: Sequence[Port]) -> bool:
    """Tell whether the demo is read, and nothing else."""
    return bool(ports) and all(port.meter.name == DEMO for port in ports)
