"""Checked tables become frozen settings: paths are resolved, key files read, and values compared with each other."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from hanlogger.config.brokers import build_broker, check_brokers
from hanlogger.config.destinations import build_destinations
from hanlogger.config.files import Files
from hanlogger.config.http_devices import build_web
from hanlogger.config.layers import DEMO_PORT, Layers
from hanlogger.config.meter_filters import describe_unmatched
from hanlogger.config.outputs import build_home_assistant, build_relay
from hanlogger.config.places import SettingPath
from hanlogger.config.prices import build_price
from hanlogger.config.schema import LimitTable, MeterTable, Schema
from hanlogger.config.settings import Limits, Settings, Web, is_only_demo
from hanlogger.config.units import make_slug
from hanlogger.errors import ConfigError
from hanlogger.journal import resolve_path
from hanlogger.model import DEMO, Meter, Scale
from hanlogger.sources import Port


def build_settings(schema: Schema, layers: Layers, environ: Mapping[str, str]) -> Settings:
    """Return the settings; ConfigError where something is given twice, or the file of a secret cannot be read."""
    files = Files(layers)
    ports = _build_ports(schema, layers, files)
    limits = _build_limits(schema, Limits())
    destinations = tuple(build_destinations(schema, files))
    files.warnings.extend(describe_unmatched(destinations, ports))
    journal = files.resolve_path(schema.journal, ("journal",))
    return Settings(
        ports=ports,
        destinations=destinations,
        journal=resolve_path(journal or find_default_journal(environ, demo=is_only_demo(ports))),
        journal_origin=files.name_origin(("journal",)) if schema.journal else "journal (default)",
        keep=schema.keep,
        keep_intervals=schema.keep_intervals,
        max_size=schema.max_size,
        max_series=schema.max_series,
        logger=schema.logger or make_slug(socket.gethostname()) or "hanlogger",
        limits=limits,
        meter_limits={
            port.meter.name: _build_limits(table, limits) for port, table in zip(ports, schema.meter, strict=True)
        },
        tariffs=_resolve_tariffs(schema, files),
        building_fuse=schema.building_fuse,
        language=schema.language,
        notify=files.read_notify(schema),
        grafana=files.build_grafana(schema.grafana) if schema.grafana else None,
        relay=build_relay(schema.relay, [port.meter.name for port in ports], layers) if schema.relay else None,
        home_assistant=build_home_assistant(schema, files),
        file=layers.file,
        warnings=tuple(files.warnings),
        price=build_price(schema, files),
        web=Web(schema.web.listen, schema.web.hosts),
    )


def find_default_journal(environ: Mapping[str, str], *, demo: bool = False) -> Path:
    """Return the journal's default path: in systemd's state folder for a service, else in the user's."""
    folder = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return (Path(folder) if folder else platformdirs.user_state_path("hanlogger")) / (
        "demo.sqlite3" if demo else "journal.sqlite3"
    )


def _build_ports(schema: Schema, layers: Layers, files: Files) -> tuple[Port, ...]:
    """Return the ports; ConfigError where two have one name or address, or their brokers cannot be as they are set."""
    ports = tuple(_build_port(table, ("meter", number), files) for number, table in enumerate(schema.meter))
    _refuse_twice(layers, "port", [port.url for port in ports if not port.via])
    _refuse_twice(layers, "name", [port.meter.name for port in ports])
    check_brokers(ports, files, delivers=bool(schema.influxdb or schema.destination))
    return ports


def _build_port(table: MeterTable, setting: SettingPath, files: Files) -> Port:
    if table.port == DEMO_PORT:
        return Port(DEMO_PORT, Meter(name=DEMO))
    if table.name == DEMO:
        origin = files.name_origin((*setting, "name"))
        raise ConfigError(f'{origin}: found "{DEMO}", which is kept for the demo; allowed: any other name')
    meter = Meter(
        name=table.name,
        clock=table.clock,
        zone=table.zone,
        clock_limit=table.clock_limit.total_seconds() if table.clock_limit else None,
        scale=Scale(table.scale.energy, table.scale.current, table.scale.voltage, table.ratio),
        tags={**table.tags, **({"label": table.label} if table.label else {})},
    )
    silence = table.silence.total_seconds() if table.silence else None
    return Port(
        files.resolve_port(table.port, (*setting, "port")),
        meter,
        table.serial,
        files.read_keys(table, setting),
        silence,
        broker=build_broker(table, setting, files),
        web=build_web(table, setting, files),
    )


def _refuse_twice(layers: Layers, key: str, values: list[str]) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise ConfigError(f'{layers.file}: found {key} "{twice}" in more than one [[meter]]; allowed: each once')


def _resolve_tariffs(schema: Schema, files: Files) -> dict[str, tuple[Path, ...]]:
    """Return the files of each meter's tariffs: its own, else those for all meters."""
    common = files.resolve_paths(schema.tariff, ("tariff",))
    own = {
        DEMO if table.port == DEMO_PORT else table.name: files.resolve_paths(table.tariff, ("meter", number, "tariff"))
        for number, table in enumerate(schema.meter)
    }
    return {name: paths or common for name, paths in (own or {MeterTable.model_fields["name"].default: ()}).items()}


def _build_limits(table: LimitTable, fallback: Limits) -> Limits:
    """Return the limits of a table; where it has none, those of `fallback`."""
    return Limits(
        net=table.net or fallback.net,
        fuse=table.fuse or fallback.fuse,
        power=table.power_limit or fallback.power,
        hour=table.hour_limit or fallback.hour,
        day=table.day_limit or fallback.day,
        month=table.month_limit or fallback.month,
    )
