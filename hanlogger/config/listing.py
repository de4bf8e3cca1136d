"""Settings listed for people: those in force with their origin, and an example file of all. Secrets are not shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import BaseModel

from hanlogger.config.explain import format_path
from hanlogger.config.layers import Layers
from hanlogger.config.places import PLACES, Place, SettingPath
from hanlogger.config.schema import About, LimitTable, MeterTable, get_about
from hanlogger.config.settings import Settings
from hanlogger.config.tables import list_settings
from hanlogger.config.units import SECONDS

HEAD = """\
# hanlogger.toml: all settings of hanlogger. What is commented out shows what it may be.
# It is looked for as ./hanlogger.toml, ~/.config/hanlogger/hanlogger.toml and /etc/hanlogger/hanlogger.toml.
# A variable of the environment wins over it: HANLOGGER_KEEP for keep, HANLOGGER_PORT for the port of the one meter,
# HANLOGGER_INFLUXDB_URL for url in [influxdb]. `hanlogger config check` says what is in force.
"""

FURTHER = "# [destination.second]  # any number of further ones, with the same settings as [influxdb]\n"


class Row(NamedTuple):
    """One setting in force, and its origin."""

    title: str
    value: str
    origin: str  # a variable, an option, a file or "default"


def list_given(table: BaseModel, layers: Layers, setting: SettingPath = ()) -> Iterator[Row]:
    """Yield every setting of a table, and of the tables in it, that has a value."""
    for key in list_settings(type(table)):
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
    tables = "\n".join(line for place in PLACES for line in _list_lines(place))
    return f"{HEAD}\n{tables}\n{FURTHER}"


def _list_lines(place: Place) -> Iterator[str]:
    """Yield the settings of a table, its own first, with explanations; limits stand at the top of the file only."""
    of_meter = place.table is MeterTable
    if place.header:
        yield f"{'' if of_meter else '# '}{place.header}  # {place.text}\n"
    limits = () if of_meter else tuple(LimitTable.model_fields)
    own = (key for key in list_settings(place.table) if key not in LimitTable.model_fields)
    for key in (*own, *(key for key in limits if key in place.table.model_fields)):
        if told := get_about(place.table, key):
            mark = "" if of_meter and key in ("name", "port") else "# "
            yield f"# {told.text}\n#   Allowed: {told.allowed}\n{mark}{place.prefix}{key} = {told.example}\n"
