"""The options of energy by interval: --by, --zone, --separator and --decimal."""

from __future__ import annotations

from typing import Annotated

import typer

from hanlogger.archive.energy import Form
from hanlogger.config import Settings
from hanlogger.config.checks import check_zone
from hanlogger.errors import ConfigError
from hanlogger.intervals import Period

By = Annotated[Period | None, typer.Option("--by", help="The energy of each quarter of an hour, hour, day or month.")]
Zone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="With --by: the zone of the times, as Europe/Oslo; else the meter's.")
]
Separator = Annotated[
    str, typer.Option(metavar="CHARACTER", help="For csv, wide and --by: between two columns; tab is a tab.")
]
Point = Annotated[str, typer.Option(metavar="CHARACTER", help="For csv, wide and --by: the decimal sign, . or ,")]


def check_signs(separator: str, decimal: str) -> tuple[str, str]:
    """Return what stands between two columns, and the decimal sign; ConfigError for what cannot."""
    separator = "\t" if separator == "tab" else separator
    if len(separator) != 1 or separator in '"\r\n' or separator.isalnum():
        raise ConfigError(f"--separator {separator}: allowed: one character such as , or ; or the word tab")
    if decimal not in (".", ","):
        raise ConfigError(f"--decimal {decimal}: allowed: . or ,")
    if separator == decimal:
        raise ConfigError(f"--separator {separator} is the decimal sign too: choose another, such as ;")
    return separator, decimal


def make_form(chosen: Settings, meter: str | None, by: Period, zone: str | None, signs: tuple[str, str]) -> Form:
    """Return how the table is to be written; ConfigError for a zone that is none."""
    try:
        return Form(by, check_zone(zone) if zone else _find_zone(chosen, meter), *signs)
    except ValueError as error:
        raise ConfigError(f"--zone {zone}: {error}") from None


def _find_zone(chosen: Settings, meter: str | None) -> str:
    """Return the zone of the meter, or of the first that is configured."""
    zones = [port.meter.zone for port in chosen.ports if meter in (None, port.meter.name)]
    return zones[0] if zones else "Europe/Oslo"
