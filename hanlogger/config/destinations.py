"""Build the frozen settings of databases, and check that those of each fit together."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.config.files import Files
from hanlogger.config.places import SettingPath
from hanlogger.config.schema import Schema
from hanlogger.config.server_tables import DestinationTable
from hanlogger.errors import ConfigError
from hanlogger.influxdb.destination import DEFAULT_NAME, Destination


def build_destinations(schema: Schema, files: Files) -> Iterator[Destination]:
    """Yield the databases of the settings; ConfigError where the settings of one contradict each other."""
    if schema.influxdb:
        yield _build_destination(DEFAULT_NAME, schema.influxdb, ("influxdb",), files)
    for name, table in schema.destination.items():
        yield _build_destination(name, table, ("destination", name), files)


def _build_destination(name: str, table: DestinationTable, setting: SettingPath, files: Files) -> Destination:
    destination = Destination(
        name=name,
        url=table.url,
        org=table.org,
        bucket=table.bucket,
        demo=table.demo,
        kind=table.kind,
        meters=table.meters,
        nodes=table.nodes,
        token=files.get_token(table, setting),
        token_file=files.resolve_secret(table.token_file, (*setting, "token_file")),
        ca_file=files.resolve_path(table.ca_file, (*setting, "ca_file")),
    )
    _check_cluster(destination, setting, files)
    return destination


def _check_cluster(to: Destination, setting: SettingPath, files: Files) -> None:
    """Raise ConfigError where an address and the nodes of a VictoriaMetrics contradict each other."""
    if to.nodes and to.kind != "victoriametrics":
        origin = files.name_origin((*setting, "nodes"))
        raise ConfigError(f'{origin}: found beside kind = "{to.kind}"; allowed: beside kind = "victoriametrics"')
    if to.nodes and not to.tenant:
        raise ConfigError(
            f'{files.name_origin((*setting, "url"))}: found "{to.url}" beside nodes; allowed: the address of a '
            "vminsert with its tenant, for example http://vminsert:8480/insert/0/influx"
        )
    if to.kind == "victoriametrics" and to.tenant and not to.nodes:
        raise ConfigError(
            f'{files.name_origin((*setting, "url"))}: found "{to.url}", which is a cluster; allowed: with nodes, which '
            "names each vminsert, vmstorage and vmselect"
        )
