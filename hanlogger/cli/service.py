"""`hanlogger service install` and `hanlogger service uninstall`: hanlogger as a service of systemd."""

from __future__ import annotations

import grp
from pathlib import Path
from typing import Annotated

import typer

from hanlogger import service
from hanlogger.config import Settings, load
from hanlogger.errors import ConfigError
from hanlogger.service.binary import list_homes

CONFIG = Path("/etc/hanlogger/hanlogger.toml")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="hanlogger as a service of systemd.")


@app.command()
def install(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The service's settings.")] = CONFIG,
    print_it: Annotated[bool, typer.Option("--print", help="Print the unit and change nothing.")] = False,
) -> None:
    """Start hanlogger now and with the machine, as a user of its own that may read serial ports and little else.

    Can be repeated. The journal is kept in /var/lib/hanlogger, what is logged is seen by: journalctl -u hanlogger
    """
    config = config.absolute()
    if any(config.is_relative_to(home) for home in list_homes()):
        raise ConfigError(f"{config}: a service sees no home folders; allowed: another place, such as {CONFIG}")
    chosen = _read_settings(config, needed=not print_it or config != CONFIG)
    binary = _choose_binary(needed=not print_it)
    text = service.make_unit(binary, config, chosen, [group.gr_name for group in grp.getgrall()])
    if print_it:
        typer.echo(text, nl=False)
    else:
        service.install(text, service.PATHS, typer.echo)


def _read_settings(config: Path, *, needed: bool) -> Settings | None:
    """Return the settings of a file; None where there is no file yet and the unit is only printed."""
    if not config.exists():
        words = f"there is no {config}: make it from what `hanlogger config example` prints"
        if needed:
            raise ConfigError(words)
        typer.echo(words, err=True)
        return None
    chosen = load(config, {"STATE_DIRECTORY": str(service.STATE)})
    for warning in chosen.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return chosen


def _choose_binary(*, needed: bool) -> Path:
    """Return the command that the service runs; where the unit is only printed, just tell why none can run it."""
    try:
        return service.find_installed_binary()
    except ConfigError as error:
        if needed:
            raise
        typer.echo(error, err=True)
        return service.find_binary()


@app.command()
def uninstall() -> None:
    """Stop the service and remove it. The journal and the settings stay."""
    service.uninstall(service.PATHS, typer.echo)
