"""`hanlogger live`: the live view of a logger that runs in another process."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from hanlogger.archive.history import History
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.watched import with_watched_journal
from hanlogger.errors import ConfigError
from hanlogger.journal import refuse_foreign
from hanlogger.live.past import Past
from hanlogger.live.view import show_view
from hanlogger.status.lookup import look_up
from hanlogger.status.state import State

SECOND = 1.0
GONE = "the logger has ended, or hangs: this is its last state. Ctrl-C ends the view"


def live(
    meter: Annotated[
        str | None, typer.Option(metavar="NAME", help="The meter whose curve is shown; else the first.")
    ] = None,
    hours: Annotated[
        float, typer.Option(metavar="HOURS", min=0.1, max=168, help="How many hours the curve shows.")
    ] = 6.0,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Watch a logger that runs elsewhere on this machine: its meters now, and the power of the last hours."""
    chosen = with_watched_journal(read_settings(config, reads_ports=False, journal=journal), journal)
    if not sys.stdout.isatty():
        raise ConfigError("live needs a terminal; for programs there is: hanlogger status --json")
    found = look_up(chosen.journal).running
    if found is None:
        refuse_foreign(chosen.journal)
        raise ConfigError(
            f"no logger runs with the journal {chosen.journal}: start one by hanlogger run, or name another"
        )
    shown = meter or next((one.name for one in found.meters), "")
    if shown not in [one.name for one in found.meters]:
        raise ConfigError(f"--meter {shown}: the logger has {', '.join(one.name for one in found.meters)}")
    history = History(chosen.journal, collect_keys(chosen))
    try:
        _watch(chosen.journal, Past(history, timedelta(hours=hours), shown), stop_on())
    finally:
        history.close()


def _watch(journal: Path, past: Past, stop: threading.Event) -> None:
    console = Console()
    found: State | None = None
    with Live(console=console, screen=True, auto_refresh=False) as terminal:
        while not stop.is_set():
            now = look_up(journal)
            found = now.told or found
            if found is not None:
                terminal.update(_show(found, past, console, runs=now.running is not None), refresh=True)
            stop.wait(SECOND)


def _show(found: State, past: Past, console: Console, *, runs: bool) -> RenderableType:
    """Return the view that `run` has, and whether the logger runs."""
    gone = [] if runs else [Text(f" {GONE}", "black on yellow", no_wrap=True, overflow="ellipsis")]
    return Group(*gone, show_view(found, (), console.size._replace(height=console.size.height - len(gone)), past))
