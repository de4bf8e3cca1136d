"""The settings in force, checked and frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from hanlogger.address import Address
from hanlogger.homeassistant.target import HomeAssistant
from hanlogger.influxdb import Destination, Secret
from hanlogger.model import DEMO, Key
from hanlogger.prices.source import PriceSource
from hanlogger.sources import Port

VOLTS = {"3x400": 692.8, "3x230": 398.4, "1x230": 230.0}
"""W for each A of the main fuse: √3 · 400 V, √3 · 230 V, 230 V (docs/influxdb.md 5.2)."""


@dataclass(frozen=True)
class Limits:
    """Limits that boards and alert rules compare with."""

    net: str = "3x400"
    fuse: float = 20.0  # A
    power: float | None = None  # W; None: 0.9 · volts · fuse
    hour: float | None = None  # kWh
    day: float | None = None  # kWh
    month: float | None = None  # kWh

    @property
    def volts(self) -> float:
        """W for each A of the main fuse."""
        return VOLTS[self.net]


@dataclass(frozen=True)
class Grafana:
    """Where a Grafana answers, and who logs in there."""

    url: str
    user: str
    password: Secret | None = field(default=None, repr=False)
    password_file: Path | None = None

    def read_password(self) -> str:
        """Return the password, "" where there is none; OSError where its file cannot be read."""
        if self.password_file is not None:
            return self.password_file.read_text("utf-8").strip()
        return "" if self.password is None else self.password.get_secret_value()


@dataclass(frozen=True)
class Relay:
    """The addresses at which other programs may read the telegrams of meters."""

    addresses: Mapping[str, Address]  # by the meter's name


@dataclass(frozen=True)
class Web:
    """Where the pages of a running logger are served, and the further names under which they may be asked for."""

    listen: Address | None = None  # None: nowhere
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """All settings in force. Secrets are in ports, destinations, notify and grafana, and `repr` shows none of them."""

    ports: tuple[Port, ...]
    destinations: tuple[Destination, ...]
    journal: Path
    journal_origin: str  # what gave it, for an error's text
    keep: timedelta
    keep_intervals: timedelta
    max_size: int  # octets
    max_series: int  # different series of one meter that are sent
    logger: str
    limits: Limits
    meter_limits: Mapping[str, Limits]  # by the meter's name: its own limits, else those for all meters
    tariffs: Mapping[str, tuple[Path, ...]]  # by the meter's name: the files of its own tariffs, else those for all
    building_fuse: float | None  # A, of all meters together; None: they have no common one
    language: Literal["en", "sv"]  # of boards and alerts
    notify: str | None = field(repr=False)  # an e-mail address or a webhook
    grafana: Grafana | None
    relay: Relay | None
    home_assistant: HomeAssistant | None
    file: Path | None  # from which they were read
    warnings: tuple[str, ...] = ()
    web: Web = Web()
    price: PriceSource | None = None  # where spot prices come from

    @property
    def keys(self) -> Mapping[str, tuple[Key, ...]]:
        """The keys by the meter's name, also of meters behind a broker that no setting names."""
        return MeterKeys(self.ports)

    @property
    def influxdbs(self) -> tuple[Destination, ...]:
        """The destinations that are an InfluxDB: only these can be set up, and queried by boards."""
        return tuple(to for to in self.destinations if to.kind == "influxdb")

    @property
    def served(self) -> tuple[Destination, ...]:
        """The destinations that these ports deliver to; where only the demo is read, those with `demo = true`."""
        alone = is_only_demo(self.ports)
        return tuple(to for to in self.destinations if to.demo or not alone)


class MeterKeys(Mapping[str, tuple[Key, ...]]):
    """The keys by the meter's name; a meter that no setting names has those of all ports that bring such meters."""

    def __init__(self, ports: Sequence[Port]) -> None:
        self._named = {port.meter.name: port.keys for port in ports}
        self._others = tuple(key for port in ports if port.asks_broker for key in port.keys)

    def __getitem__(self, meter: str) -> tuple[Key, ...]:
        return self._named.get(meter, self._others)

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def is_only_demo(ports: Sequence[Port]) -> bool:
    """Return whether the demo is the only port that is read."""
    return bool(ports) and all(port.meter.name == DEMO for port in ports)
