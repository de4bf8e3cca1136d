"""What is wrong with the settings, in one line: where it stands, what was found, what is allowed. Never a secret."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from hanlogger.config import checks
from hanlogger.config.layers import Layers, SettingPath
from hanlogger.config.schema import DestinationTable, GrafanaTable, MeterTable, ScaleTable, Schema, about
from hanlogger.config.units import slug
from hanlogger.errors import ConfigError
from hanlogger.humanize import counted

TABLES: dict[str, type[BaseModel]] = {
    "meter": MeterTable,
    "influxdb": DestinationTable,
    "grafana": GrafanaTable,
    "destination": DestinationTable,
    "scale": ScaleTable,
}


def explain(error: ValidationError, layers: Layers) -> ConfigError:
    """The first fault of many, as the user wrote it."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if fault["loc"][-1] == "[key]":
        return ConfigError(_misnamed(str(fault["loc"][-2]), layers))
    place: SettingPath = fault["loc"]
    table, at = _table_of(place)
    if fault["type"] == "extra_forbidden":
        return ConfigError(_unknown(place, table, layers))
    told = about(table, str(place[at])) if at < len(place) and place[at] in table.model_fields else None
    allowed = told.allowed if told else "[[meter]], one for each" if place == ("meter",) else "a table of settings"
    if fault["type"] == "missing":
        return ConfigError(f"{layers.file or 'settings'}: {title(place)} is missing; allowed: {allowed}")
    place = place[: at + 1]
    found = _found(layers.found(place), secret=told is not None and told.secret)
    near = re.search(rf"{checks.HINT}.*\?$", fault["msg"])
    if near:
        return ConfigError(f"{where(place, layers)}: found {found}; allowed: {allowed}. D{near[0][1:]}")
    hint = f", for example {slug(str(layers.found(place)))}" if fault["msg"].endswith("not a name") else ""
    return ConfigError(f"{where(place, layers)}: found {found}; allowed: {allowed}{hint}")


def _table_of(place: SettingPath) -> tuple[type[BaseModel], int]:
    """The table that a place is in, and which step of the place is its key."""
    table: type[BaseModel] = Schema
    at = 0
    while at < len(place) and place[at] in TABLES:
        name = str(place[at])
        table = TABLES[name]
        at += 2 if name in ("meter", "destination") else 1
    return table, at


def _misnamed(name: str, layers: Layers) -> str:
    allowed = "letters A-Z a-z, digits, _ and -"
    return f'{layers.file}: destination: found "{name}"; allowed: {allowed}, for example {slug(name)}'


def _unknown(place: SettingPath, table: type[BaseModel], layers: Layers) -> str:
    known = sorted(table.model_fields)
    near = difflib.get_close_matches(str(place[-1]), known, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return f"{layers.file}: {title(place)} is no setting; {hint}"


def where(place: SettingPath, layers: Layers) -> str:
    """The variable or option that gave a setting, else file and key."""
    origin = layers.origin(place)
    return f"{origin}: {title(place)}" if origin == str(layers.file) else origin


def title(place: SettingPath) -> str:
    """("meter", 1, "scale", "energy") -> `meter 2: scale.energy`."""
    if place[0] == "meter" and len(place) > 1:
        return (
            f"meter {int(place[1]) + 1}: " + ".".join(map(str, place[2:]))
            if len(place) > 2
            else f"meter {int(place[1]) + 1}"
        )
    return ".".join(map(str, place))


def _found(value: Any, *, secret: bool) -> str:
    if secret:
        return (
            "a secret that is none" if isinstance(value, list) else f"a text of {counted(len(str(value)), 'character')}"
        )
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    return re.sub("//[^/@]*@", "//…@", text)  # a password in an address
