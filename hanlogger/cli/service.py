"""`hanlogger service install` and `hanlogger service uninstall`."""

from __future__ import annotations

import grp
from pathlib import Path
from typing import Annotated

import typer

from hanlogger import service
from hanlogger.config import load
from hanlogger.errors import ConfigError
from hanlogger.service.binary import homes

CONFIG = Path("/etc/hanlogger/hanlogger.toml")

app = typer.Typer(no_args_is_help=True, help="hanlogger as a service of systemd.")


@app.command()
def install(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The service's settings.")] = CONFIG,
    print_it: Annotated[bool, typer.Option("--print", help="Print the unit and change nothing.")] = False,
) -> None:
    """Start hanlogger now and with the machine, as a user of its own that may read serial ports and little else.

    Can be repeated. The journal is kept in /var/lib/hanlogger, what is logged is seen by: journalctl -u hanlogger
    """
    config = config.absolute()
    if any(config.is_relative_to(home) for home in homes()):
        raise ConfigError(f"{config}: a service sees no home folders; allowed: another place, such as {CONFIG}")
    if not config.exists():
        raise ConfigError(f"there is no {config}: make it from what `hanlogger config example` prints")
    chosen = load(config, {"STATE_DIRECTORY": str(service.STATE)})
    for warning in chosen.warnings:
        typer.echo(warning, err=True)
    text = service.unit(service.installed_binary(), config, chosen, [group.gr_name for group in grp.getgrall()])
    if print_it:
        typer.echo(text, nl=False)
    else:
        service.install(text, service.PLACES, typer.echo)


@app.command()
def uninstall() -> None:
    """Stop the service and remove it. The journal and the settings stay."""
    service.uninstall(service.PLACES, typer.echo)
