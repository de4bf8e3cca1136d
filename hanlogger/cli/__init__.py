"""The command line: each command is a file that is imported only when the command is called."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
import typer.core

from hanlogger import __version__
from hanlogger.cli.shared.output import write_all
from hanlogger.cli.shared.summaries import read_help
from hanlogger.errors import ConfigError, HanloggerError, JournalLocked, SourceError
from hanlogger.humanize import clean_text

COMMANDS = {
    "run": "run:run",
    "status": "status:status",
    "refused": "refused:refused",
    "decode": "decode:decode",
    "detect": "detect:detect",
    "doctor": "doctor:doctor",
    "conformance": "conformance:conformance",
    "capture": "capture:capture",
    "replay": "replay:replay",
    "simulate": "simulate:simulate",
    "live": "live:live",
    "export": "export:export",
    "import": "import_:import_",
    "backfill": "backfill:backfill",
    "forget": "forget:forget",
    "bill": "bill:bill",
    "report": "report:report",
    "tariff": "tariff:app",
    "price": "price:app",
    "config": "config:app",
    "setup": "setup:setup",
    "credentials": "credentials:credentials",
    "grafana": "grafana:grafana_app",
    "service": "service:app",
}
"""By command: its module, and in that the command's function, or a Typer with commands of its own."""

HELP = ("-h", "--help")
"""The options that print a help text, of every command."""

USER_MUST_ACT = 2
FAILED = 1

_FOR_THE_USER = (ConfigError, JournalLocked, SourceError)
"""Wrong usage or settings, a journal that another logger has, a port that cannot be opened: exit status 2."""

UsageError: Any = typer.BadParameter.__base__
"""Click's UsageError, which Typer raises for wrong arguments, wherever Typer has Click from."""


class Commands(typer.core.TyperGroup):
    """All commands, of which only the one that is called is imported, so that `run` does not pay for the others."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # names alone, for suggestions
        self._lists = False

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ARG002
        """Return a command, imported now; while all are listed, its help alone; None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        if self._lists:
            return typer.core.TyperCommand(cmd_name, help=read_help(module, attribute))
        command = build_command(cmd_name, getattr(import_module(f"hanlogger.cli.{module}"), attribute))
        _let_garbage_be_collected()
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help text with all commands, of which none is imported for that."""
        _hide_flag_types(self)
        self._lists = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._lists = False

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return what a shell may put in place of an incomplete word: a command is listed, not imported."""
        self._lists = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._lists = False

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Read the arguments before the command."""
        with _tell_errors_in_one_line(), write_all():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Read the arguments behind the command, and run it."""
        with _tell_errors_in_one_line(ctx), write_all():
            return super().invoke(ctx)


@contextmanager
def _tell_errors_in_one_line(ctx: typer.Context | None = None) -> Iterator[None]:
    """Tell an error in one line; exit status 2 where the user must change something, else 1.

    So it is with a file that cannot be used, wherever that is found out: its folder is closed to us, or the disk full.
    """
    try:
        yield
    except HanloggerError as error:
        _end(clean_text(f"hanlogger: {error}"), USER_MUST_ACT if isinstance(error, _FOR_THE_USER) else FAILED)
    except OSError as error:
        if error.filename is None:
            raise
        _end(clean_text(f"hanlogger: {error.filename}: {error.strerror}"), USER_MUST_ACT)
    except UsageError as error:
        words = " ".join(error.format_message().replace("Value error, ", "").split())
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help text, which is printed already
            raise
        called = (ctx.invoked_subcommand if ctx else "") or ""
        place = error.ctx.command_path if error.ctx else f"hanlogger {called}".strip()
        _end(f"{place}: {words.rstrip('.')}; see: {place} --help", USER_MUST_ACT)


def _let_garbage_be_collected() -> None:
    """End what `main` has begun: all that is loaded by now stays, and no search for garbage looks at it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _end(words: str, status: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status) from None


def build_command(name: str, command: Any) -> Any:
    """Return the command that Typer makes of a function, or of a Typer with commands of its own."""
    if isinstance(command, typer.Typer):
        made = typer.main.get_command(command)
        made.name = name
    else:
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")
        single.command(name)(command)
        made = typer.main.get_command(single)
    return _hide_flag_types(made)


def _hide_flag_types(command: Any) -> Any:
    """Return a command whose help has no `<bool>` beside options without a value."""
    for option in command.get_params(typer.Context(command, help_option_names=list(HELP))):
        if getattr(option, "is_flag", False):
            option.metavar = ""
    for each in getattr(command, "commands", {}).values():
        if each is not None:
            _hide_flag_types(each)
    return command


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hanlogger {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="hanlogger",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": list(HELP)},
    pretty_exceptions_enable=False,
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
