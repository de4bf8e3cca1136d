"""The files that Grafana reads when it starts, written so that it never finds a part of one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hanlogger.boards.alerting import find_rule_uids, make_contact_file, make_rule_file
from hanlogger.boards.board import Board, render_board
from hanlogger.boards.cost import make_cost_board
from hanlogger.boards.current import make_current_board
from hanlogger.boards.data_source import make_board_provider, make_data_source
from hanlogger.boards.energy import make_energy_board
from hanlogger.boards.fleet import make_fleet_board
from hanlogger.boards.health import make_health_board
from hanlogger.boards.live import make_live_board
from hanlogger.boards.panels import Json
from hanlogger.boards.phone import make_phone_board
from hanlogger.boards.settings import BoardSettings, DataSource, RuleSettings
from hanlogger.boards.voltage import make_voltage_board

IN_COMPOSE = Path("/etc/grafana/provisioning")
BOARDS = Path("boards")  # a folder other than that of the provider's file
DATA_SOURCE = Path("datasources/hanlogger.yaml")
PROVIDER = Path("dashboards/hanlogger.yaml")
RULES = Path("alerting/hanlogger-rules.yaml")
CONTACT = Path("alerting/hanlogger-contact.yaml")

READABLE, SECRET = 0o644, 0o640
"""Modes of the files: a webhook's address is a secret, which Grafana reads as a member of the file's group."""

Files = Mapping[Path, str]


def make_boards(settings: BoardSettings) -> list[Board]:
    """Return all boards in the order of their links."""
    return [
        make_live_board(settings),
        make_voltage_board(),
        make_current_board(),
        make_energy_board(settings),
        make_cost_board(settings),
        make_health_board(),
        make_phone_board(settings),
        make_fleet_board(settings),
    ]


def make_board_files(settings: BoardSettings) -> Files:
    """Return the files of the boards, in JSON."""
    return {
        BOARDS / f"{board.file}.json": _format_json(render_board(board, settings)) for board in make_boards(settings)
    }


def make_source_files(source: DataSource, seen_as: Path = IN_COMPOSE) -> Files:
    """Return the files of the data source and of the provider, which names the folder of the boards.

    seen_as: the path at which Grafana finds the folder of all files.
    """
    return {
        DATA_SOURCE: _format_yaml(make_data_source(source)),
        PROVIDER: _format_yaml(make_board_provider(seen_as / BOARDS)),
    }


def make_rule_files(settings: RuleSettings, folder: Path | None = None) -> Files:
    """Return the files of the rules and the contact point.

    folder: has the older files; rules and contact points that are no longer wanted are then deleted in Grafana.
    """
    before = _read(folder / RULES) if folder else None
    contact_before = _read(folder / CONTACT) if folder else None
    contact = make_contact_file(settings, was_there=contact_before is not None)
    files = {RULES: _format_yaml(make_rule_file(settings, find_rule_uids(before)))}
    return files | ({CONTACT: _format_yaml(contact)} if contact else {})


def provision(
    folder: Path, boards: BoardSettings, rules: RuleSettings, source: DataSource, seen_as: Path | None = None
) -> list[Path]:
    """Write all of Grafana's files under `folder` and return their paths; an error leaves all older files unchanged.

    seen_as: the path at which Grafana finds `folder`, if it is another one. ConfigError for settings that Grafana
    cannot read, OSError if a file cannot be written.
    """
    seen_as = seen_as or folder.resolve()
    files = {**make_source_files(source, seen_as), **make_board_files(boards), **make_rule_files(rules, folder)}
    return write(files, folder)


def write(files: Files, folder: Path) -> list[Path]:
    """Write the files under `folder` and return their paths; no file is replaced before all are written."""
    waiting: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            waiting[place] = _create_beside(place, SECRET if path == CONTACT else READABLE)
            _fill(waiting[place], text)
        for place, temporary in waiting.items():
            temporary.replace(place)
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)
    return list(waiting)


def _create_beside(place: Path, mode: int) -> Path:
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=place.parent)
    os.fchmod(handle, mode)
    os.close(handle)
    return Path(name)


def _fill(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as writer:
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())


def _read(path: Path) -> Any:
    """Return the content of an older file; None if there is none that can be read."""
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None


def _format_json(tree: Json) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _format_yaml(tree: Json) -> str:
    """Return YAML with each query on one line, however long it is."""
    text: str = yaml.dump(tree, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100_000)
    return "# Written by hanlogger; the next time it writes, changes are gone.\n" + text


class _Plain(yaml.SafeDumper):
    """A dumper without anchors and aliases, so that each rule can be understood alone."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's
        return True
