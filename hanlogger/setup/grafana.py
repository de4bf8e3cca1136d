"""Write Grafana's files into the volume that compose gives it, with the user's settings."""

from __future__ import annotations

from pathlib import Path

from hanlogger import config
from hanlogger.boards.configured import from_settings
from hanlogger.boards.provisioning import IN_COMPOSE, provision
from hanlogger.boards.settings import DataSource
from hanlogger.influxdb import Destination


def render(folder: Path, settings: config.Settings, destination: Destination) -> None:
    """Write data source, boards, rules and contact point; raise ConfigError or OSError, and keep the old ones."""
    boards, rules = from_settings(settings)
    provision(folder, boards, rules, DataSource(destination.url, destination.bucket), seen_as=IN_COMPOSE)
    (folder / "plugins").mkdir(exist_ok=True)  # Grafana logs an error for a folder that it misses
