"""From checked tables to frozen settings: paths, key files, names, and what is wrong only beside something else."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from hanlogger.config.files import Files
from hanlogger.config.layers import DEMO_PORT, Layers, SettingPath
from hanlogger.config.schema import DestinationTable, LimitTable, MeterTable, Schema
from hanlogger.config.settings import Limits, Settings, only_demo
from hanlogger.config.units import slug
from hanlogger.errors import ConfigError
from hanlogger.influxdb import Destination
from hanlogger.journal import located
from hanlogger.model import DEMO, Meter, Scale
from hanlogger.sources import Port

DEFAULT_DESTINATION = "influxdb"


def build(schema: Schema, layers: Layers, environ: Mapping[str, str]) -> Settings:
    """ConfigError where something is given twice or the file of a secret cannot be read."""
    files = Files(layers)
    ports = tuple(_port(table, ("meter", number), files) for number, table in enumerate(schema.meter))
    _once(layers, "port", [port.url for port in ports])
    _once(layers, "name", [port.meter.name for port in ports])
    limits = _limits(schema, Limits())
    return Settings(
        ports=ports,
        destinations=tuple(_destinations(schema, files)),
        journal=located(files.path(schema.journal, ("journal",)) or default_journal(environ, demo=only_demo(ports))),
        journal_origin=files.where(("journal",)) if schema.journal else "journal (default)",
        keep=schema.keep,
        max_size=schema.max_size,
        max_series=schema.max_series,
        logger=schema.logger or slug(socket.gethostname()) or "hanlogger",
        limits=limits,
        meter_limits={port.meter.name: _limits(table, limits) for port, table in zip(ports, schema.meter, strict=True)},
        language=schema.language,
        notify=files.notify(schema),
        grafana=files.grafana(schema.grafana) if schema.grafana else None,
        file=layers.file,
        warnings=tuple(files.warnings),
    )


def default_journal(environ: Mapping[str, str], *, demo: bool = False) -> Path:
    """In systemd's state folder as a service, else in the user's. The demo has one of its own."""
    folder = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return (Path(folder) if folder else platformdirs.user_state_path("hanlogger")) / (
        "demo.sqlite3" if demo else "journal.sqlite3"
    )


def _port(table: MeterTable, place: SettingPath, files: Files) -> Port:
    if table.port == DEMO_PORT:
        return Port(DEMO_PORT, Meter(name=DEMO))
    if table.name == DEMO:
        raise ConfigError(
            f'{files.where((*place, "name"))}: found "{DEMO}", which is kept for the demo; allowed: any other name'
        )
    meter = Meter(
        name=table.name,
        clock=table.clock,
        zone=table.zone,
        clock_limit=table.clock_limit.total_seconds() if table.clock_limit else None,
        scale=Scale(table.scale.energy, table.scale.current, table.scale.voltage, table.ratio),
        tags={**table.tags, **({"label": table.label} if table.label else {})},
    )
    silence = table.silence.total_seconds() if table.silence else None
    return Port(files.port(table.port, (*place, "port")), meter, table.serial, files.keys(table, place), silence)


def _once(layers: Layers, key: str, values: list[str]) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise ConfigError(f'{layers.file}: found {key} "{twice}" in more than one [[meter]]; allowed: each once')


def _limits(table: LimitTable, over: Limits) -> Limits:
    return Limits(
        net=table.net or over.net,
        fuse=table.fuse or over.fuse,
        power=table.power_limit or over.power,
        hour=table.hour_limit or over.hour,
        day=table.day_limit or over.day,
    )


def _destinations(schema: Schema, files: Files) -> Iterator[Destination]:
    if schema.influxdb:
        yield _destination(DEFAULT_DESTINATION, schema.influxdb, ("influxdb",), files)
    for name, table in schema.destination.items():
        yield _destination(name, table, ("destination", name), files)


def _destination(name: str, table: DestinationTable, place: SettingPath, files: Files) -> Destination:
    return Destination(
        name=name,
        url=table.url,
        org=table.org,
        bucket=table.bucket,
        demo=table.demo,
        token=files.token(table, place),
        token_file=files.secret(table.token_file, (*place, "token_file")),
        ca_file=files.path(table.ca_file, (*place, "ca_file")),
    )
