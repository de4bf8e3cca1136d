"""Layers of settings: the file, the environment over it, the options over both. The origin of each setting is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from hanlogger.config.environment import PREFIX, map_variables, refuse_strays
from hanlogger.config.places import SettingPath
from hanlogger.config.schema import About
from hanlogger.errors import ConfigError
from hanlogger.toml import read_toml

DEMO_PORT = "demo:"
NO_PORT = "file:/nowhere/"
"""The port of a meter that is not read, followed by the meter's number."""

PORT: SettingPath = ("meter", 0, "port")
JOURNAL: SettingPath = ("journal",)

PAIRS = ("token", "token_file"), ("keys", "key_file"), ("notify", "notify_file"), ("password", "password_file")
"""A secret and the file that holds it: one that is given removes the other from the layer below."""


@dataclass
class Layers:
    """The settings of all layers, put one over the other and not yet checked."""

    file: Path | None
    tree: dict[str, Any]
    origins: dict[SettingPath, str] = field(default_factory=dict)

    def find_origin(self, setting: SettingPath) -> str:
        """Return the origin of a setting: `HANLOGGER_PORT`, `--port`, the file's path, or "default"."""
        return self.origins.get(setting) or ("default" if _get_at(self.tree, setting) is None else str(self.file))

    def get(self, setting: SettingPath) -> Any:
        """Return the value of a setting; None where it is not given."""
        return _get_at(self.tree, setting)

    def put(self, setting: SettingPath, value: Any, origin: str) -> None:
        """Set a value over that of the layers below; ConfigError where one layer gives both settings of a pair."""
        table: Any = self.tree
        for step in setting[:-1]:
            table = table.setdefault(step, [{}] if step == "meter" else {}) if isinstance(step, str) else table[step]
            if not isinstance(table, dict | list):
                return  # the file has a value where a table belongs: the checks say so
        self._remove_other_of_pair(table, setting, origin)
        table[setting[-1]] = value
        self.origins[setting] = origin

    def leave_out_ports(self) -> None:
        """Give each meter without a port a port that does not exist, for a command that reads no port."""
        meters = self.tree.get("meter")
        for number, table in enumerate(meters if isinstance(meters, list) else ()):
            if isinstance(table, dict) and "port" not in table:
                self.put(("meter", number, "port"), f"{NO_PORT}{number}", "default")

    def _remove_other_of_pair(self, table: dict[str, Any], setting: SettingPath, origin: str) -> None:
        for other in (other for pair in PAIRS if setting[-1] in pair for other in pair if other != setting[-1]):
            rival = self.origins.get((*setting[:-1], other), "")
            if rival:
                raise ConfigError(f"{origin} stands beside {rival}: give one of the two")
            table.pop(other, None)


def stack_layers(path: Path | None, environ: Mapping[str, str], options: Mapping[str, str]) -> Layers:
    """Return the three layers; options are named like variables less their prefix: {"PORT": "demo:"}. ConfigError."""
    refuse_strays(environ)
    file = find_file(path, environ)
    layers = Layers(file, _read_file(file) if file else {})
    has_meters = bool(layers.tree.get("meter"))
    for name, (setting, told) in map_variables().items():
        if environ.get(name):
            _put(layers, setting, told, environ[name], name)
    for option, value in options.items():
        setting, told = map_variables()[PREFIX + option]
        _put(layers, setting, told, value, f"--{option.lower().replace('_', '-')}")
    if layers.get(PORT) == DEMO_PORT and PORT in layers.origins:
        layers.tree["meter"] = [{"port": DEMO_PORT}]  # a real meter's settings do not fit the demo's
        if has_meters and JOURNAL not in layers.origins:
            layers.tree.pop("journal", None)  # nor does the journal of the file's meters
    return layers


def _put(layers: Layers, setting: SettingPath, told: About, text: str, origin: str) -> None:
    meters = layers.tree.get("meter")
    if setting[0] == "meter" and isinstance(meters, list) and len(meters) > 1:
        hint = "leave it empty" if origin.startswith(PREFIX) else "leave it out"
        raise ConfigError(
            f"{origin}: found {len(meters)} [[meter]] in {layers.file}, so which is meant is not known; "
            f"allowed: with one meter only. Set it in the file, and {hint} here"
        )
    layers.put(setting, text.split(",") if told.joined else text, origin)


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the file of `--config`, else that of HANLOGGER_CONFIG, else the first that exists in the usual folders."""
    if path or environ.get(PREFIX + "CONFIG"):
        return path or Path(environ[PREFIX + "CONFIG"]).expanduser()
    usual = Path(), platformdirs.user_config_path("hanlogger"), Path("/etc/hanlogger")
    return next((file for folder in usual if os.access(file := folder / "hanlogger.toml", os.F_OK)), None)


def _read_file(file: Path) -> dict[str, Any]:
    """Return the contents of a TOML file, with exact numbers; ConfigError where it cannot be read."""
    try:
        return read_toml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text") from error
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from error


def _get_at(tree: Any, setting: SettingPath) -> Any:
    for step in setting:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree
