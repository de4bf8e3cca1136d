"""Turn errors in settings into one line: where the setting stands, what was found, what is allowed; no secrets."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from hanlogger.config.layers import Layers
from hanlogger.config.places import TABLES, SettingPath
from hanlogger.config.ports import NO_PORT
from hanlogger.config.schema import Schema, get_about
from hanlogger.config.units import make_slug
from hanlogger.errors import ConfigError
from hanlogger.humanize import format_count, shorten


def explain(error: ValidationError, layers: Layers) -> ConfigError:
    """Return the first of the errors that pydantic found, in the user's own terms."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if fault["loc"][-1] == "[key]":
        return ConfigError(_explain_misnamed(str(fault["loc"][-2]), layers))
    setting: SettingPath = fault["loc"]
    table, at = _find_table(setting)
    if fault["type"] == "extra_forbidden":
        return ConfigError(_explain_unknown(setting, table, layers))
    told = get_about(table, str(setting[at])) if at < len(setting) and setting[at] in table.model_fields else None
    allowed = told.allowed if told else "[[meter]], one for each" if setting == ("meter",) else "a table of settings"
    if fault["type"] == "missing":
        return ConfigError(f"{layers.file or 'settings'}: {format_path(setting)} is missing; allowed: {allowed}")
    setting = setting[: at + 1]
    found = _describe_found(layers.get(setting), secret=told is not None and told.secret)
    _, _, advice = fault["msg"].partition(NO_PORT)
    example = f", for example {make_slug(str(layers.get(setting)))}" if fault["msg"].endswith("not a name") else ""
    return ConfigError(f"{name_origin(setting, layers)}: found {found}; allowed: {allowed}{advice or example}")


def _find_table(setting: SettingPath) -> tuple[type[BaseModel], int]:
    """Return the table that a setting is in, and the index of the step of its path that is its key."""
    table: type[BaseModel] = Schema
    at = 0
    while at < len(setting) and setting[at] in TABLES:
        name = str(setting[at])
        if name in table.model_fields and get_about(table, name):
            break  # a setting that is called like a table elsewhere
        table = TABLES[name]
        at += 2 if name in ("meter", "destination") else 1
    return table, at


def _explain_misnamed(name: str, layers: Layers) -> str:
    allowed = "letters A-Z a-z, digits, _ and -"
    return f'{layers.file}: destination: found "{name}"; allowed: {allowed}, for example {make_slug(name)}'


def _explain_unknown(setting: SettingPath, table: type[BaseModel], layers: Layers) -> str:
    known = sorted(table.model_fields)
    near = difflib.get_close_matches(str(setting[-1]), known, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return f"{layers.file}: {format_path(setting)} is no setting; {hint}"


def name_origin(setting: SettingPath, layers: Layers) -> str:
    """Return the origin of a setting, for an error's text: its variable or option, else file and key."""
    origin = layers.find_origin(setting)
    return f"{origin}: {format_path(setting)}" if origin == str(layers.file) else origin


def format_path(setting: SettingPath) -> str:
    """Return a setting's path for people: `meter 2: scale.energy` for ("meter", 1, "scale", "energy")."""
    if setting[0] == "meter" and len(setting) > 1:
        meter, inside = f"meter {int(setting[1]) + 1}", ".".join(map(str, setting[2:]))
        return f"{meter}: {inside}" if inside else meter
    return ".".join(map(str, setting))


def _describe_found(value: Any, *, secret: bool) -> str:
    if secret:
        length = format_count(len(str(value)), "character")
        return "a text that cannot be such a secret" if isinstance(value, list) else f"a text of {length}"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    return shorten(re.sub("//[^/@]*@", "//…@", text))  # a password in an address
