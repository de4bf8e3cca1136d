"""Grafana's files in the volume that compose gives it, rendered with the user's settings."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from hanlogger import config
from hanlogger.boards.provisioning import IN_COMPOSE, provision
from hanlogger.boards.settings import BoardSettings, DataSource, Limits, Net, RuleSettings
from hanlogger.influxdb import Destination


def render(folder: Path, settings: config.Settings, destination: Destination) -> None:
    """Data source, boards, rules and contact point; ConfigError or OSError, and the old files stay as they are."""
    limits = _limits(settings.limits)
    zone = settings.ports[0].meter.zone if settings.ports else BoardSettings.zone
    provision(
        folder,
        BoardSettings(fuse=limits.fuse, net=limits.net, zone=zone),
        RuleSettings(limits=limits, meters=_own(settings), notify=settings.notify, zone=zone),
        DataSource(url=destination.url, bucket=destination.bucket),
        seen_as=IN_COMPOSE,
    )
    (folder / "plugins").mkdir(exist_ok=True)  # Grafana logs an error for a folder that it misses


def _own(settings: config.Settings) -> dict[str, Limits]:
    """The meters whose limits are not those of the whole: each of them gets rules of its own."""
    return {name: _limits(limits) for name, limits in settings.meter_limits.items() if limits != settings.limits}


def _limits(limits: config.Limits) -> Limits:
    return Limits(net=cast("Net", limits.net), fuse=limits.fuse, power=limits.power, hour=limits.hour, day=limits.day)
