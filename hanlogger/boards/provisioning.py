"""The files that Grafana reads at its start, and writing them so that it never finds half of one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hanlogger.boards.alerting import contact_file, plain, rendered_before, rule_file
from hanlogger.boards.board import Board, dashboard
from hanlogger.boards.current import current
from hanlogger.boards.energy import energy_board
from hanlogger.boards.health import health
from hanlogger.boards.live import live
from hanlogger.boards.panels import SOURCE, Json
from hanlogger.boards.settings import BoardSettings, DataSource, RuleSettings
from hanlogger.boards.voltage import voltage
from hanlogger.errors import ConfigError

IN_COMPOSE = Path("/etc/grafana/provisioning")
BOARDS = Path("boards")  # not the folder of the provider's own file
DATA_SOURCE = Path("datasources/hanlogger.yaml")
PROVIDER = Path("dashboards/hanlogger.yaml")
RULES = Path("alerting/hanlogger-rules.yaml")
CONTACT = Path("alerting/hanlogger-contact.yaml")

READABLE, SECRET = 0o644, 0o640
"""Modes: a webhook's address is a secret, which Grafana reads as a member of the file's group."""

Files = Mapping[Path, str]


def boards(settings: BoardSettings) -> list[Board]:
    """All boards, in the order of their links."""
    return [live(settings), voltage(), current(), energy_board(settings), health()]


def board_files(settings: BoardSettings) -> Files:
    """The boards as JSON."""
    return {BOARDS / f"{board.file}.json": _json(dashboard(board, settings)) for board in boards(settings)}


def source_files(source: DataSource, seen_as: Path = IN_COMPOSE) -> Files:
    """The data source, and where Grafana, which sees the folder of all files as `seen_as`, finds the boards."""
    return {DATA_SOURCE: _yaml(_data_source(source)), PROVIDER: _yaml(_provider(seen_as / BOARDS))}


def rule_files(settings: RuleSettings, folder: Path | None = None) -> Files:
    """The rules and the contact point; what `folder` has of them and is no longer wanted is deleted in Grafana too."""
    before = _read(folder / RULES) if folder else None
    contact_before = _read(folder / CONTACT) if folder else None
    contact = contact_file(settings, was_there=contact_before is not None)
    files = {RULES: _yaml(rule_file(settings, rendered_before(before)))}
    return files | ({CONTACT: _yaml(contact)} if contact else {})


def secret_in(file: Path) -> str:
    """What makes Grafana read a secret from a file of its machine; ConfigError for a name that it cannot read there.

    Grafana takes what stands before the first } for the name, and nothing in a text with $$ for the name of a file.
    """
    name = named(file)
    if "$" in name or "}" in name:
        raise ConfigError(f"{file}: Grafana cannot read a file with $ or }} in its path; allowed: a path without them")
    return f"$__file{{{name}}}"


def named(path: Path) -> str:
    """A path as a provisioning file names it; ConfigError where that is no whole path in UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{str(path)!a}: found a path that is not UTF-8; allowed: one that is") from None
    if not path.is_absolute():
        raise ConfigError(f"{path}: Grafana needs the whole path; allowed: one that begins with /")
    return str(path)


def provision(
    folder: Path, boards: BoardSettings, rules: RuleSettings, source: DataSource, seen_as: Path | None = None
) -> list[Path]:
    """Write all of Grafana's files under `folder`; a ConfigError or OSError leaves every old file as it was."""
    seen_as = seen_as or folder.resolve()
    files = {**source_files(source, seen_as), **board_files(boards), **rule_files(rules, folder)}
    return write(files, folder)


def write(files: Files, folder: Path) -> list[Path]:
    """Each file whole under a temporary name first, then all of them into their places; the paths written."""
    waiting: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            waiting[place] = _empty_beside(place, SECRET if path == CONTACT else READABLE)
            _fill(waiting[place], text)
        for place, temporary in waiting.items():
            temporary.replace(place)
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)
    return list(waiting)


def _empty_beside(place: Path, mode: int) -> Path:
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=place.parent)
    os.fchmod(handle, mode)
    os.close(handle)
    return Path(name)


def _fill(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as writer:
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())


def _data_source(source: DataSource) -> Json:
    settings = {"version": "InfluxQL", "dbName": plain(source.bucket), "httpMode": "POST", "timeInterval": "10s"}
    described = {
        "name": "hanlogger",
        **SOURCE,
        "access": "proxy",
        "url": plain(source.url),
        "isDefault": source.default,
        "editable": False,
        "user": plain(source.user),
        "jsonData": settings,
        "secureJsonData": {"password": source.password},
    }
    return {"apiVersion": 1, "prune": True, "datasources": [described]}


def _provider(path: Path) -> Json:
    described = {
        "name": "hanlogger",
        "orgId": 1,
        "type": "file",
        "folder": "hanlogger",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": plain(named(path))},
    }
    return {"apiVersion": 1, "providers": [described]}


def _read(path: Path) -> Any:
    """What an older file says; None where there is none that can be read."""
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None


def _json(tree: Json) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _yaml(tree: Json) -> str:
    """One line for each query, however long."""
    text: str = yaml.dump(tree, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100_000)
    return "# Written by hanlogger; the next time it writes, changes are gone.\n" + text


class _Plain(yaml.SafeDumper):
    """Without anchors and aliases: each rule can be read alone."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's
        return True
