"""The files from which setup reads the secrets, and into which it writes hanlogger's write token."""

from __future__ import annotations

from pathlib import Path

from hanlogger.setup.api import SetupError
from hanlogger.setup.secret_files import read_secret


class SecretPaths:
    """The files of a folder as `hanlogger credentials` makes it, with a folder for each reader."""

    def __init__(self, folder: Path) -> None:
        self.admin_password = folder / "influxdb" / "admin_password"
        self.admin_token = folder / "influxdb" / "admin_token"
        self.reader_password = folder / "grafana" / "influx_password"
        self.write_token = folder / "hanlogger" / "token"


def read_needed(path: Path) -> str:
    """Return the secret in a file; raise SetupError where there is none."""
    secret = read_secret(path)
    if not secret:
        raise SetupError(f"{path} is missing or empty: run `hanlogger credentials {path.parent.parent}` first")
    return secret
