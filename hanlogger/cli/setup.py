"""`hanlogger setup`: an InfluxDB is made ready."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.shared.options import ConfigFile, read_settings
from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.influxdb import Destination
from hanlogger.setup import SetupError, set_up
from hanlogger.setup.grafana import render


def setup(
    config: ConfigFile = None,
    secrets: Annotated[
        Path, typer.Option(metavar="DIR", help="Where `hanlogger credentials` made the secrets.")
    ] = Path("/secrets"),
    grafana: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write Grafana's data source, boards and alert rules there.")
    ] = None,
) -> None:
    """Make an InfluxDB 2 ready: organisation, bucket, hanlogger's write token, a user for Grafana that may only read.

    Waits up to five minutes for the database. Can be repeated: what works stays, what was lost is made anew. Ends with
    1, and prints what to do, where something cannot be repaired.
    """
    chosen = read_settings(config)
    for warning in chosen.warnings:
        typer.echo(warning, err=True)
    destination = _choose_destination(chosen)
    try:
        set_up(destination, secrets, typer.echo)
        if grafana:
            render(grafana, chosen, destination)
    except OSError as error:
        raise SetupError(f"{error.filename}: {error.strerror}") from error


def _choose_destination(chosen: Settings) -> Destination:
    """Return the first InfluxDB, which is that of [influxdb] and HANLOGGER_INFLUXDB_…; ConfigError without any."""
    if not chosen.influxdbs:
        raise ConfigError("no InfluxDB: give its address by HANLOGGER_INFLUXDB_URL or [influxdb] url in hanlogger.toml")
    return chosen.influxdbs[0]
