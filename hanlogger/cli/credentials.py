"""`hanlogger credentials`: random secrets for InfluxDB and Grafana."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanlogger.errors import ConfigError
from hanlogger.setup.secret_files import make_secrets

FIRST_START_ONLY = (
    "Grafana reads its admin password at its first start only. If it has run here before, its login is still the old "
    'one: see "Lost secrets" in docs/compose.md.'
)


def credentials(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Gets a folder for each service.")],
) -> None:
    """Make random secrets for InfluxDB and Grafana, each only where its file is absent or empty.

    Each service has a folder that its user alone may read; that takes root. What exists stays.
    """
    try:
        made = make_secrets(directory)
    except OSError as error:
        raise ConfigError(f"{directory}: cannot be written: {error.strerror}") from error
    for name in made:
        typer.echo(f"made {name}")
    if "grafana/admin_password" in made:
        typer.echo(FIRST_START_ONLY)
