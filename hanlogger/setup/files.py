"""Where setup finds the secrets, and where it puts hanlogger's write token."""

from __future__ import annotations

from pathlib import Path

from hanlogger.setup import secret_files as credentials
from hanlogger.setup.api import SetupError


class Files:
    """A folder a reader, as `hanlogger credentials` makes them."""

    def __init__(self, folder: Path) -> None:
        self.admin_password = folder / "influxdb" / "admin_password"
        self.admin_token = folder / "influxdb" / "admin_token"
        self.reader_password = folder / "grafana" / "influx_password"
        self.write_token = folder / "hanlogger" / "token"


def needed(path: Path) -> str:
    """The secret in that file; SetupError where there is none."""
    secret = credentials.read(path)
    if not secret:
        raise SetupError(f"{path} is missing or empty: run `hanlogger credentials {path.parent.parent}` first")
    return secret
