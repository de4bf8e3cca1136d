"""Variables of the environment that are settings, and where in the configuration each stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from hanlogger.config.schema import (
    About,
    BrokerTable,
    DestinationTable,
    GrafanaTable,
    HomeAssistantTable,
    HttpTable,
    MeterTable,
    PriceTable,
    RelayTable,
    ScaleTable,
    Schema,
    WebTable,
    get_about,
)
from hanlogger.errors import ConfigError

PREFIX = "HANLOGGER_"
NO_SETTINGS = (PREFIX + "TEST_", PREFIX + "SOAK")  # variables of the tests

SettingPath = tuple[str | int, ...]
"""The keys and numbers that lead to a setting: ("meter", 0, "scale", "energy")."""


def map_variables() -> dict[str, tuple[SettingPath, About]]:
    """Return the setting of each variable: (("meter", 0, "scale", "energy"), its About) of HANLOGGER_SCALE_ENERGY."""
    tables: tuple[tuple[type[BaseModel], SettingPath, str], ...] = (
        (Schema, (), ""),
        (MeterTable, ("meter", 0), ""),
        (ScaleTable, ("meter", 0, "scale"), "SCALE_"),
        (BrokerTable, ("meter", 0, "broker"), "BROKER_"),
        (HttpTable, ("meter", 0, "http"), "HTTP_"),
        (DestinationTable, ("influxdb",), "INFLUXDB_"),
        (GrafanaTable, ("grafana",), "GRAFANA_"),
        (RelayTable, ("relay",), "RELAY_"),
        (HomeAssistantTable, ("homeassistant",), "HOMEASSISTANT_"),
        (PriceTable, ("price",), "PRICE_"),
        (WebTable, ("web",), "WEB_"),
    )
    rows = (row for model, setting, prefix in tables for row in _list_variables(model, setting, prefix))
    names: dict[str, tuple[SettingPath, About]] = {}
    for name, setting, told in rows:
        names.setdefault(name, (setting, told))  # limits such as FUSE stand for all meters, not for one
    return names


def _list_variables(
    model: type[BaseModel], setting: SettingPath, prefix: str
) -> Iterator[tuple[str, SettingPath, About]]:
    for key in model.model_fields:
        told = get_about(model, key)
        if told and key != "tags":
            name = "METER" if (model, key) == (MeterTable, "name") else key.upper()
            yield PREFIX + prefix + name, (*setting, key), told


def refuse_strays(environ: Mapping[str, str]) -> None:
    """Raise ConfigError for an unknown HANLOGGER_ variable, which its user would take for a setting in force."""
    known = sorted(name.removeprefix(PREFIX) for name in (*map_variables(), PREFIX + "CONFIG"))
    for name in sorted(name for name in environ if name.startswith(PREFIX) and environ[name]):
        given = name.removeprefix(PREFIX)
        if given not in known and not name.startswith(NO_SETTINGS):
            near = difflib.get_close_matches(given, known, 1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else f"known are {PREFIX}… with {', '.join(known)}"
            raise ConfigError(f"{name} is no setting; {hint}")
