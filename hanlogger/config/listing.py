"""Settings listed for people: those in force with their origin, and an example file of all. Secrets are not shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import BaseModel

from hanlogger.config.environment import SettingPath
from hanlogger.config.explain import format_path
from hanlogger.config.layers import Layers
from hanlogger.config.schema import (
    About,
    BrokerTable,
    DestinationTable,
    GrafanaTable,
    HomeAssistantTable,
    HttpTable,
    LimitTable,
    MeterTable,
    PriceTable,
    RelayTable,
    ScaleTable,
    Schema,
    WebTable,
    get_about,
)
from hanlogger.config.settings import Settings
from hanlogger.config.units import SECONDS

HEAD = """\
# hanlogger.toml: all settings of hanlogger. What is commented out shows what it may be.
# It is looked for as ./hanlogger.toml, ~/.config/hanlogger/hanlogger.toml and /etc/hanlogger/hanlogger.toml.
# A variable of the environment wins over it: HANLOGGER_KEEP for keep, HANLOGGER_PORT for the port of the one meter,
# HANLOGGER_INFLUXDB_URL for url in [influxdb]. `hanlogger config check` says what is in force.
"""


class Row(NamedTuple):
    """One setting in force, and its origin."""

    title: str
    value: str
    origin: str  # a variable, an option, a file or "default"


def list_given(table: BaseModel, layers: Layers, setting: SettingPath = ()) -> Iterator[Row]:
    """Yield every setting of a table, and of the tables in it, that has a value."""
    for key in type(table).model_fields:
        value, here = getattr(table, key), (*setting, key)
        told = get_about(type(table), key)
        if told:
            if text := _format_value(value, told):
                yield Row(format_path(here), text, layers.find_origin(here))
        elif isinstance(value, BaseModel):
            yield from list_given(value, layers, here)
        else:
            inner = value.items() if isinstance(value, Mapping) else enumerate(value or ())
            for step, one in inner:
                yield from list_given(one, layers, (*here, step))


def list_defaults(settings: Settings) -> Iterator[Row]:
    """Yield the settings whose defaults are computed, not stated in the table."""
    yield Row("journal", str(settings.journal), "default")
    yield Row("logger", settings.logger, "default")
    yield Row("net", settings.limits.net, "default")
    yield Row("fuse", f"{settings.limits.fuse:g}", "default")


def _format_value(value: Any, told: About) -> str:
    """Return a value as it is written in the file, less the quotes."""
    if value is None or value in ((), {}, ""):
        return told.none
    if told.secret:
        return "given, not shown"
    if isinstance(value, timedelta):
        return _format_duration(int(value.total_seconds()))
    if isinstance(value, bool):
        return str(value).lower()
    if told.octets:
        return f"{value / 10**9:g} GB"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return ", ".join(f"{key}={one}" for key, one in value.items()) if isinstance(value, Mapping) else str(value)


def _format_duration(seconds: int) -> str:
    unit = max((unit for unit, factor in SECONDS.items() if not seconds % factor), key=SECONDS.__getitem__)
    return f"{seconds // SECONDS[unit]}{unit}"


def make_example_file() -> str:
    """Return a configuration file with all settings, of which only a meter's name and port are not commented out."""
    parts = [
        HEAD,
        *_list_lines(Schema),
        "[[meter]]  # one of these for each meter\n",
        *_list_lines(MeterTable, live=("name", "port")),
        *_list_lines(ScaleTable, prefix="scale."),
        *_list_lines(BrokerTable, prefix="broker."),
        *_list_lines(HttpTable, prefix="http."),
        "# [influxdb]  # without it hanlogger records and shows, and delivers everything once it is there\n",
        *_list_lines(DestinationTable),
        "# [grafana]  # for `hanlogger doctor`, which looks at its data source too\n",
        *_list_lines(GrafanaTable),
        "# [relay]  # so that other programs read the same port\n",
        *_list_lines(RelayTable),
        "# [homeassistant]  # so that a Home Assistant finds the meters by itself\n",
        *_list_lines(HomeAssistantTable),
        "# [price]  # spot prices, for what computes costs\n",
        *_list_lines(PriceTable),
        "# [web]  # the pages that `hanlogger run` serves to a browser\n",
        *_list_lines(WebTable),
        "# [destination.second]  # any number of further ones, with the same settings\n",
    ]
    return "\n".join(parts)


def _list_lines(table: type[BaseModel], *, live: tuple[str, ...] = (), prefix: str = "") -> Iterator[str]:
    """Yield the settings of a table, its own first, with explanations; limits stand at the top of the file only."""
    inherited = () if table is MeterTable else tuple(LimitTable.model_fields)
    own = (key for key in table.model_fields if key not in LimitTable.model_fields)
    for key in (*own, *(key for key in inherited if key in table.model_fields)):
        if told := get_about(table, key):
            mark = "" if key in live else "# "
            yield f"# {told.text}\n#   Allowed: {told.allowed}\n{mark}{prefix}{key} = {told.example}\n"
