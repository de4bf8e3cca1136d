"""The settings of brokers, checked against their ports, and ports whose messages come by the port of another meter."""

from __future__ import annotations

from collections.abc import Sequence

from hanlogger.config.files import Files
from hanlogger.config.login import build_login
from hanlogger.config.places import SettingPath
from hanlogger.config.schema import MeterTable
from hanlogger.errors import ConfigError
from hanlogger.sources import BROKERS, Broker, Port, find_scheme, names_meters


def build_broker(table: MeterTable, setting: SettingPath, files: Files) -> Broker | None:
    """Return the settings of the broker behind a meter's port; None where there is no broker.

    ConfigError where the file has settings of a broker beside a port of another kind.
    """
    given, here = table.broker, (*setting, "broker")
    if find_scheme(table.port) not in BROKERS:
        files.refuse_given(given, here, table.port, "mqtt:// and kafka://")
        return None
    return Broker(
        **vars(build_login(given, here, files)),
        client_id=given.client_id,
        group=given.group,
        sasl=given.sasl,
        session=given.session.total_seconds(),
        most=given.most,
        ack=given.ack,
        meters=given.meters,
        new_meters=given.new_meters,
    )


def check_brokers(ports: Sequence[Port], files: Files, *, delivers: bool) -> None:
    """Raise ConfigError for a port of a broker, or one that comes by it, that cannot work."""
    shared = {port.meter.name for port in ports if port.asks_broker and names_meters(port)}
    for number, port in enumerate(ports):
        setting = ("meter", number)
        if port.via and port.via not in shared:
            origin = files.name_origin((*setting, "port"))
            allowed = (
                ", ".join(f"via:{name}" for name in sorted(shared)) or "none, as no port has a + or # in its topic"
            )
            raise ConfigError(f'{origin}: found "{port.url}"; allowed: {allowed}')
        if port.broker and port.broker.ack == "delivered" and not delivers:
            origin = files.name_origin((*setting, "broker", "ack"))
            raise ConfigError(f'{origin}: found "delivered", and no database is set; allowed: "journal", or set one')
        if port.broker and port.broker.meters and port.meter.name not in shared:
            origin = files.name_origin((*setting, "broker", "meters"))
            raise ConfigError(f"{origin}: found beside a topic of one meter; allowed: with a + or # in the topic")
