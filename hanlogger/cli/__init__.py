"""The commands. Each is a file of its own, loaded when it is called: a thin skin over a call into the rooms below."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
import typer.core

from hanlogger import __version__
from hanlogger.cli.output import all_written
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

WrongUse: Any = typer.BadParameter.__base__
"""What Typer raises for arguments that are none of the command's: Click's UsageError, wherever Typer has Click from."""


class Commands(typer.core.TyperGroup):
    """Loads only the command that is called: `run` should not pay for the others."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        _without_types_of_flags(self)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # names alone, for suggestions

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """None for a name that is no command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        return command_of(cmd_name, getattr(import_module(f"hanlogger.cli.{module}"), attribute))

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Reads what stands before the command."""
        with _told_in_one_line(), all_written():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Reads what stands behind the command, and runs it."""
        with _told_in_one_line(ctx), all_written():
            return super().invoke(ctx)


@contextmanager
def _told_in_one_line(ctx: typer.Context | None = None) -> Iterator[None]:
    """An error is one line; exit status 2 where the user must change something, 1 where something has failed."""
    try:
        yield
    except HanloggerError as error:
        _end(f"hanlogger: {error}", USER_MUST_ACT if isinstance(error, ConfigError | JournalLocked) else FAILED)
    except WrongUse as error:
        words = " ".join(error.format_message().replace("Value error, ", "").split())
        if type(error).__name__ == "NoArgsIsHelpError":  # its words are the whole help, which is printed already
            raise
        called = (ctx.invoked_subcommand if ctx else "") or ""
        place = error.ctx.command_path if error.ctx else f"hanlogger {called}".strip()
        _end(f"{place}: {words.rstrip('.')}; see: {place} --help", USER_MUST_ACT)


def _end(words: str, status: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status) from None


def command_of(name: str, command: Any) -> Any:
    """What Typer makes of a function or of a Typer."""
    if isinstance(command, typer.Typer):
        made = typer.main.get_command(command)
        made.name = name
    else:
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")
        single.command(name)(command)
        made = typer.main.get_command(single)
    return _without_types_of_flags(made)


def _without_types_of_flags(command: Any) -> Any:
    """The command, its help without `<bool>` beside what takes no value."""
    for option in command.get_params(typer.Context(command)):
        if getattr(option, "is_flag", False):
            option.metavar = ""
    for each in getattr(command, "commands", {}).values():
        if each is not None:
            _without_types_of_flags(each)
    return command


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
    (it has a journal of its own, and no database gets what it invents).
    """
