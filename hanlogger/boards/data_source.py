"""The data source of Grafana, where it finds the boards, and names of files and secrets in its files."""

from __future__ import annotations

from pathlib import Path

from hanlogger.boards.alerting import escape_dollars
from hanlogger.boards.panels import SOURCE, Json
from hanlogger.boards.settings import DataSource
from hanlogger.errors import ConfigError


def make_data_source(source: DataSource) -> Json:
    """Return the provisioning file of the data source InfluxDB."""
    settings = {
        "version": "InfluxQL",
        "dbName": escape_dollars(source.bucket),
        "httpMode": "POST",
        "timeInterval": "10s",
    }
    described = {
        "name": "hanlogger",
        **SOURCE,
        "access": "proxy",
        "url": escape_dollars(source.url),
        "isDefault": source.default,
        "editable": False,
        "user": escape_dollars(source.user),
        "jsonData": settings,
        "secureJsonData": {"password": source.password},
    }
    return {"apiVersion": 1, "prune": True, "datasources": [described]}


def make_board_provider(path: Path) -> Json:
    """Return the provisioning file that makes Grafana load the boards in `path`."""
    described = {
        "name": "hanlogger",
        "orgId": 1,
        "type": "file",
        "folder": "hanlogger",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": escape_dollars(format_path(path))},
    }
    return {"apiVersion": 1, "providers": [described]}


def refer_to_secret(file: Path) -> str:
    """Return the text that makes Grafana read a secret from a file; ConfigError if it cannot read that path.

    Grafana ends the path at the first }, and reads no file in a text that contains $$.
    """
    name = format_path(file)
    if "$" in name or "}" in name:
        raise ConfigError(f"{file}: Grafana cannot read a file with $ or }} in its path; allowed: a path without them")
    return f"$__file{{{name}}}"


def format_path(path: Path) -> str:
    """Return a path as text for a provisioning file; ConfigError unless it is absolute and in UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{str(path)!a}: found a path that is not UTF-8; allowed: one that is") from None
    if not path.is_absolute():
        raise ConfigError(f"{path}: Grafana needs the whole path; allowed: one that begins with /")
    return str(path)
