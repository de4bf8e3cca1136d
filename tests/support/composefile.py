"""compose.yaml as Compose resolves it: merges and variables in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SERVERS = ["grafana", "hanlogger", "influxdb"]
ONE_SHOTS = ["credentials", "setup"]
SERVICES = sorted(SERVERS + ONE_SHOTS)

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<how>:?-)(?P<default>[^}]*)\}")


def text() -> str:
    return (ROOT / "compose.yaml").read_text("utf-8")


def resolved(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """compose.yaml with merges and variables in place."""
    return resolve(text(), environ)


def resolve(written: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A file with merges and variables in place (Compose file reference, "Interpolation")."""
    given = environ or {}

    def value(variable: re.Match[str]) -> str:
        found = given.get(variable["name"])
        absent = found is None or (variable["how"] == ":-" and not found)
        return variable["default"] if absent or found is None else found

    resolved: dict[str, Any] = yaml.safe_load(VARIABLE.sub(value, written))
    return resolved


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = resolved()["services"][name]
    return found


def mounts(name: str) -> dict[str, tuple[str, bool]]:
    """Source -> where it is mounted and whether it can be written."""
    parts = [mount.split(":") for mount in service(name)["volumes"]]
    return {part[0]: (part[1], part[2:] != ["ro"]) for part in parts}


def variables() -> set[str]:
    return {variable["name"] for variable in VARIABLE.finditer(text())}
