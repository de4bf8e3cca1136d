"""Meters as they are configured."""

from __future__ import annotations

from collections.abc import Mapping

from hanlogger.config import Settings, units
from hanlogger.errors import ConfigError
from hanlogger.model import Key, Meter
from hanlogger.sources import Port


def collect_keys(settings: Settings, meter: str | None = None) -> Mapping[str, tuple[Key, ...]]:
    """Return the keys of all meters, or of one, by the meter's name."""
    return settings.keys if meter is None else {meter: settings.keys[meter]}


def find_meter(settings: Settings, meter: str | None) -> Meter:
    """Return the settings of a meter; the defaults for one that is not configured. ConfigError for several."""
    ports: list[Port] = [port for port in settings.ports if meter in (None, port.meter.name)]
    if meter is None and len(settings.ports) > 1:
        names = ", ".join(port.meter.name for port in settings.ports)
        raise ConfigError(f"several meters are configured ({names}): choose one by --meter")
    return ports[0].meter if ports else Meter(_name(meter) if meter else "home")


def _name(text: str) -> str:
    try:
        return units.check_name(text)
    except ValueError:
        raise ConfigError(
            f"--meter {text}: allowed are letters A-Z a-z, digits, _ and -; try {units.make_slug(text)}"
        ) from None
