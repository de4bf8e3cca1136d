"""`hanlogger live`: the live view of a logger that runs in another process."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from hanlogger.archive.hours import Hours
from hanlogger.cli.shared.journals import open_existing
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.watched import with_watched_journal
from hanlogger.errors import ConfigError
from hanlogger.journal import Journal, refuse_foreign
from hanlogger.live.curve import FEWEST, LABEL, MOST, draw_curve
from hanlogger.live.meter import HEIGHT
from hanlogger.live.view import show_view
from hanlogger.status.lookup import look_up
from hanlogger.status.state import State

SECOND = 1.0
AROUND = 6  # lines of the view beside the meters': head, journal, a database or two
GONE = "the logger has ended, or hangs: this is its last state. Ctrl-C ends the view"


def live(
    meter: Annotated[str | None, typer.Option(metavar="NAME", help="Whose curve is shown; else the first.")] = None,
    hours: Annotated[float, typer.Option(metavar="HOURS", min=0.1, max=168, help="How long a curve.")] = 6.0,
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
    with open_existing(chosen.journal) as opened:
        curves = Hours(opened, shown, collect_keys(chosen), timedelta(hours=hours))
        _watch(opened, curves, timedelta(hours=hours), shown, stop_on())


def _watch(journal: Journal, hours: Hours, length: timedelta, meter: str, stop: threading.Event) -> None:
    console = Console()
    found: State | None = None
    with Live(console=console, screen=True, auto_refresh=False) as terminal:
        while not stop.is_set():
            now = look_up(journal.path)
            found = now.told or found
            if found is not None:
                runs = now.running is not None
                terminal.update(_show(found, hours, length, meter, console, runs=runs), refresh=True)
            stop.wait(SECOND)


def _show(found: State, hours: Hours, length: timedelta, meter: str, console: Console, *, runs: bool) -> RenderableType:
    """Return the view of `run` with the curve below it, where there is room for one."""
    now = datetime.now(UTC)
    gone = [] if runs else [Text(f" {GONE}", "black on yellow", no_wrap=True, overflow="ellipsis")]
    size = console.size._replace(height=console.size.height - len(gone))
    room = min(MOST, size.height - AROUND - HEIGHT * len(found.meters))
    if room < FEWEST:
        return Group(*gone, show_view(found, (), size))
    values = hours.means(size.width - LABEL - 1, now)
    title = Text.assemble(
        (f" {meter}", "bold"), (f"  net power of the last {length.total_seconds() / 3600:g} h", "dim")
    )
    upper = show_view(found, (), size._replace(height=size.height - room - 1))
    return Group(*gone, upper, title, draw_curve(values, room, length, now.astimezone()))
