"""The commands. Each is a file of its own, loaded when it is called: a thin skin over a call into the rooms below."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core

from hanlogger import __version__
from hanlogger.errors import ConfigError, HanloggerError, JournalLocked

COMMANDS = {
    "run": "run:run",
    "status": "status:status",
    "refused": "refused:refused",
    "decode": "decode:decode",
    "detect": "detect:detect",
    "doctor": "doctor:doctor",
    "capture": "capture:capture",
    "replay": "replay:replay",
    "simulate": "simulate:simulate",
    "live": "live:live",
    "export": "export:export",
    "import": "import_:import_",
    "backfill": "backfill:backfill",
    "forget": "forget:forget",
    "config": "config:app",
    "setup": "setup:setup",
    "credentials": "credentials:credentials",
    "grafana": "grafana:grafana_app",
    "service": "service:app",
}
"""Command -> the module in here, and in it a function or, for commands of a command, a Typer."""

USER_MUST_ACT = 2
FAILED = 1


class Commands(typer.core.TyperGroup):
    """Loads only the command that is called: `run` should not pay for the others."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # names alone, for suggestions

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """None for a name that is no command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        return command_of(cmd_name, getattr(import_module(f"hanlogger.cli.{module}"), attribute))

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """An error of ours is one line; exit status 2 where the user must change something."""
        try:
            return super().invoke(ctx)
        except HanloggerError as error:
            typer.echo(f"hanlogger: {error}", err=True)
            raise typer.Exit(USER_MUST_ACT if isinstance(error, ConfigError | JournalLocked) else FAILED) from None


def command_of(name: str, command: Any) -> Any:
    """What Typer makes of a function or of a Typer."""
    if isinstance(command, typer.Typer):
        group = typer.main.get_command(command)
        group.name = name
        return group
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")
    single.command(name)(command)
    return typer.main.get_command(single)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hanlogger {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="hanlogger", cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def hanlogger(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """From the local port of a Nordic electricity meter to InfluxDB, losing nothing.

    Try it without a meter: hanlogger run --port demo:
    """
