"""The settings of boards and alert rules.

Each class checks its values; a ConfigError names the setting, the value found and the values allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hanlogger.errors import ConfigError
from hanlogger.language import Language
from hanlogger.model import METER_NAME

Net = Literal["3x400", "3x230", "1x230"]

WATTS_PER_AMPERE: Mapping[Net, float] = {"3x400": 692.8, "3x230": 398.4, "1x230": 230.0}
"""Watts per ampere of the main fuse at full load of all phases: √3 · 400 V, √3 · 230 V (an IT net), 230 V."""

CROWNS = {"SEK", "NOK", "DKK"}

ALARM_SHARE = 0.9
"""The share of the main fuse above which alert rules fire."""


@dataclass(frozen=True)
class BoardSettings:
    """The settings with which the boards are rendered."""

    fuse: float = 20  # A; the default of the variable on the boards
    net: Net = "3x400"
    zone: str = "Europe/Stockholm"
    lang: Language = "en"
    month: float | None = None  # kWh; the limit for a calendar month
    building: float = 160  # A; the default of the variable on the board of many meters
    currency: str = "SEK"

    def __post_init__(self) -> None:
        _check_positive("fuse", self.fuse, "A")
        _check_positive("building_fuse", self.building, "A")
        _check_one_of("net", self.net, get_args(Net))
        _check_one_of("lang", self.lang, get_args(Language))
        _check_zone(self.zone)

    @property
    def watts_per_ampere(self) -> float:
        """The watts per ampere of the main fuse."""
        return WATTS_PER_AMPERE[self.net]

    @property
    def phases(self) -> int:
        """The phases of the net."""
        return int(self.net[0])


@dataclass(frozen=True)
class Limits:
    """The limits of one meter. None stands for no limit."""

    net: Net = "3x400"
    fuse: float = 20  # A
    power: float | None = None  # W; None: ALARM_SHARE of the power that the fuse carries
    hour: float | None = None  # kWh in a clock hour
    day: float | None = None  # kWh in a calendar day
    month: float | None = None  # kWh in a calendar month

    def __post_init__(self) -> None:
        _check_one_of("net", self.net, get_args(Net))
        _check_positive("fuse", self.fuse, "A")
        for key, value, unit in (
            ("power_limit", self.power, "W"),
            ("hour_limit", self.hour, "kWh"),
            ("day_limit", self.day, "kWh"),
            ("month_limit", self.month, "kWh"),
        ):
            if value is not None:
                _check_positive(key, value, unit)

    @property
    def watts(self) -> float:
        """The power in watts above which the rule fires."""
        return self.power if self.power is not None else round(ALARM_SHARE * WATTS_PER_AMPERE[self.net] * self.fuse)


@dataclass(frozen=True)
class RuleSettings:
    """The settings with which the alert rules are rendered."""

    limits: Limits = field(default_factory=Limits)  # of all meters without limits of their own
    meters: Mapping[str, Limits] = field(default_factory=dict)  # limits by the name of a meter
    notify: str | None = field(default=None, repr=False)  # name@host or http(s)://…; None: alerts show in Grafana only
    off: frozenset[str] = frozenset()  # uids of rules that are not wanted
    building: float | None = None  # A; the fuse of all meters together, None: they have no common one
    zone: str = "Europe/Stockholm"
    lang: Language = "en"
    currency: str = "SEK"

    def __post_init__(self) -> None:
        _check_one_of("lang", self.lang, get_args(Language))
        _check_zone(self.zone)
        if self.building is not None:
            _check_positive("building_fuse", self.building, "A")
        for name in self.meters:
            if not METER_NAME.fullmatch(name):
                raise ConfigError(f"meter: found {name!r}, allowed are letters, digits, _ and -")
        if self.notify is not None and not (is_email(self.notify) or is_webhook(self.notify)):
            raise ConfigError(
                "notify: allowed are one e-mail address (name@host) or one address https://… of a webhook"
            )


@dataclass(frozen=True)
class DataSource:
    """The access of Grafana to InfluxDB by InfluxQL. password: that of the user, or a read token with any user name."""

    url: str = "http://influxdb:8086"
    bucket: str = "hanlogger"
    user: str = "grafana"
    password: str = "$__file{/run/credentials/influx_password}"  # noqa: S105 - the place of the secret, not the secret
    default: bool = True  # whether it is Grafana's default data source; Grafana does not start with two

    def __post_init__(self) -> None:
        if not is_webhook(self.url):
            raise ConfigError(f"influxdb url: found {self.url!r}, allowed is http://… or https://…")


def name_money(currency: str) -> str:
    """Return what an amount in a currency is followed by: `kr` in the countries of crowns, else its three letters."""
    return "kr" if currency in CROWNS else currency


def is_email(text: str) -> bool:
    """Return whether the text is a `name@host`; Grafana does not start with an address that it cannot read."""
    return re.fullmatch(r"[^\s@;,<>\"]+@[^\s@;,<>\"/]+", text) is not None


def is_webhook(text: str) -> bool:
    """Return whether the text is an http or https address with a host."""
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _check_positive(key: str, value: float, unit: str) -> None:
    if not 0 < value < float("inf"):
        raise ConfigError(f"{key}: found {value!r}, allowed is a number of {unit} above 0")


def _check_one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{key}: found {value!r}, allowed are {', '.join(allowed)}")


def _check_zone(zone: str) -> None:
    """Raise ConfigError unless the zone is a name of the time-zone database: queries contain it as a literal."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:  # unknown, not a relative path, a folder
        raise ConfigError(f"zone: found {zone!r}, allowed is a name such as Europe/Stockholm") from error
