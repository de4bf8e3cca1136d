"""compose.yaml as Compose resolves it: merges and variables in place."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVERS = ["grafana", "hanlogger", "influxdb"]
ONE_SHOTS = ["credentials", "setup"]
SERVICES = sorted(SERVERS + ONE_SHOTS)

COMPOSES = ["docker-compose", "docker compose"]

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


def show_as_compose_sees(command: str, project: Path, *files: Path) -> dict[str, Any]:
    """Show what Compose itself makes of files together, in a folder with its .env; skip where there is no Compose."""
    compose = command.split()
    if (
        not shutil.which(compose[0])
        or subprocess.run([*compose, "version"], check=False, capture_output=True).returncode
    ):
        pytest.skip(f"no {command} on this machine")
    arguments = ["--project-directory", str(project), *(f"--file={file}" for file in files), "config"]
    answer = subprocess.run([*compose, *arguments], check=False, capture_output=True, text=True, cwd=project)
    assert (answer.returncode, answer.stderr) == (0, "")
    shown: dict[str, Any] = yaml.safe_load(answer.stdout)
    return shown
