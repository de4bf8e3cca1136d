"""Where settings come from: the file, over it the environment, over it the options. Who said what is kept."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel

from hanlogger.config.schema import About, DestinationTable, GrafanaTable, MeterTable, ScaleTable, Schema, about
from hanlogger.errors import ConfigError

PREFIX = "HANLOGGER_"
NO_SETTINGS = (PREFIX + "TEST_", PREFIX + "SOAK")  # of the tests
DEMO_PORT = "demo:"
NO_PORT = "file:/nowhere/"
"""Where a meter is that nothing is read of; each has one of its own."""

SettingPath = tuple[str | int, ...]
"""Where a setting stands: ("meter", 0, "scale", "energy")."""

PORT: SettingPath = ("meter", 0, "port")
JOURNAL: SettingPath = ("journal",)

PAIRS = ("token", "token_file"), ("keys", "key_file"), ("notify", "notify_file"), ("password", "password_file")
"""A secret and the file that holds it: who gives one takes back the other of a layer below."""


@dataclass
class Layers:
    """The settings put one over the other, not yet checked."""

    file: Path | None
    tree: dict[str, Any]
    origins: dict[SettingPath, str] = field(default_factory=dict)

    def origin(self, place: SettingPath) -> str:
        """Who gave this setting: `HANLOGGER_PORT`, `--port`, the file's path, or "default"."""
        return self.origins.get(place) or ("default" if _at(self.tree, place) is None else str(self.file))

    def found(self, place: SettingPath) -> Any:
        """What stands there; None for nothing."""
        return _at(self.tree, place)

    def put(self, place: SettingPath, value: Any, origin: str) -> None:
        """Lay a setting over what is there."""
        table: Any = self.tree
        for step in place[:-1]:
            table = table.setdefault(step, [{}] if step == "meter" else {}) if isinstance(step, str) else table[step]
            if not isinstance(table, dict | list):
                return  # the file has something else there: the check says so
        self._take_back(table, place, origin)
        table[place[-1]] = value
        self.origins[place] = origin

    def leave_out_ports(self) -> None:
        """Nothing is read, so that a meter needs no port."""
        meters = self.tree.get("meter")
        for number, table in enumerate(meters if isinstance(meters, list) else ()):
            if isinstance(table, dict) and "port" not in table:
                self.put(("meter", number, "port"), f"{NO_PORT}{number}", "default")

    def _take_back(self, table: dict[str, Any], place: SettingPath, origin: str) -> None:
        for other in (other for pair in PAIRS if place[-1] in pair for other in pair if other != place[-1]):
            rival = self.origins.get((*place[:-1], other), "")
            if rival:
                raise ConfigError(f"{origin}: found beside {rival}; allowed: one of the two")
            table.pop(other, None)


def environment_names() -> dict[str, tuple[SettingPath, About]]:
    """`HANLOGGER_SCALE_ENERGY` -> (("meter", 0, "scale", "energy"), what is told about it)."""
    tables: tuple[tuple[type[BaseModel], SettingPath, str], ...] = (
        (Schema, (), ""),
        (MeterTable, ("meter", 0), ""),
        (ScaleTable, ("meter", 0, "scale"), "SCALE_"),
        (DestinationTable, ("influxdb",), "INFLUXDB_"),
        (GrafanaTable, ("grafana",), "GRAFANA_"),
    )
    rows = (row for model, place, prefix in tables for row in _names(model, place, prefix))
    names: dict[str, tuple[SettingPath, About]] = {}
    for name, place, told in rows:
        names.setdefault(name, (place, told))  # FUSE and kin are of the whole before they are a meter's
    return names


def _names(model: type[BaseModel], place: SettingPath, prefix: str) -> Iterator[tuple[str, SettingPath, About]]:
    for key in model.model_fields:
        told = about(model, key)
        if told and key != "tags":
            name = "METER" if (model, key) == (MeterTable, "name") else key.upper()
            yield PREFIX + prefix + name, (*place, key), told


def stack(path: Path | None, environ: Mapping[str, str], options: Mapping[str, str]) -> Layers:
    """The three layers, the options named like the environment less its prefix: {"PORT": "demo:"}. ConfigError."""
    _refuse_strays(environ)
    file = chosen(path, environ)
    layers = Layers(file, read(file) if file else {})
    has_meters = bool(layers.tree.get("meter"))
    for name, (place, told) in environment_names().items():
        if environ.get(name):
            _put(layers, place, told, environ[name], name)
    for option, value in options.items():
        place, told = environment_names()[PREFIX + option]
        _put(layers, place, told, value, f"--{option.lower().replace('_', '-')}")
    if layers.found(PORT) == DEMO_PORT and PORT in layers.origins:
        layers.tree["meter"] = [{"port": DEMO_PORT}]  # a real meter's settings do not fit the demo's
        if has_meters and JOURNAL not in layers.origins:
            layers.tree.pop("journal", None)  # nor does the journal of the file's meters
    return layers


def _refuse_strays(environ: Mapping[str, str]) -> None:
    """A variable that looks like a setting and is none would be taken for one in force. Its value may be a secret."""
    known = sorted(name.removeprefix(PREFIX) for name in (*environment_names(), PREFIX + "CONFIG"))
    for name in sorted(name for name in environ if name.startswith(PREFIX) and environ[name]):
        given = name.removeprefix(PREFIX)
        if given not in known and not name.startswith(NO_SETTINGS):
            near = difflib.get_close_matches(given, known, 1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else f"known are {PREFIX}… with {', '.join(known)}"
            raise ConfigError(f"{name} is no setting; {hint}")


def _put(layers: Layers, place: SettingPath, told: About, text: str, origin: str) -> None:
    meters = layers.tree.get("meter")
    if place[0] == "meter" and isinstance(meters, list) and len(meters) > 1:
        hint = "leave it empty" if origin.startswith(PREFIX) else "leave it out"
        raise ConfigError(
            f"{origin}: found {len(meters)} [[meter]] in {layers.file}, so which is meant is not known; "
            f"allowed: with one meter only. Set it in the file, and {hint} here"
        )
    layers.put(place, text.split(",") if told.joined else text, origin)


def chosen(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file of `--config`, else of HANLOGGER_CONFIG, else the first of the usual places that exists."""
    if path or environ.get(PREFIX + "CONFIG"):
        return path or Path(environ[PREFIX + "CONFIG"]).expanduser()
    usual = Path(), platformdirs.user_config_path("hanlogger"), Path("/etc/hanlogger")
    return next((file for folder in usual if os.access(file := folder / "hanlogger.toml", os.F_OK)), None)


def read(file: Path) -> dict[str, Any]:
    """A TOML file, its numbers exact."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error


def _at(tree: Any, place: SettingPath) -> Any:
    for step in place:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree
