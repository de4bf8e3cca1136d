"""What the commands that record, play and work from the journal share."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer

from hanlogger.cli.output import FULL
from hanlogger.cli.signals import stopped_by
from hanlogger.config import Settings, units
from hanlogger.errors import ConfigError, HanloggerError
from hanlogger.humanize import are, telegrams
from hanlogger.journal import Journal, is_there, place
from hanlogger.model import Key, Meter
from hanlogger.sources import Port

MeterName = Annotated[
    str | None, typer.Option("--meter", metavar="NAME", help="The meter; needed where there are several.")
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Received from then on: 2026-01-31, 2026-01-31T12:00, 7d (ago)."),
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Received before then.")]

LEFT_OUT = 1
"""Exit status where a file is written and lacks telegrams that the journal has."""

_AGO = re.compile(r"\d+(?:\.\d+)?\s*[a-z]+")


def stopped_by_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set."""
    return stopped_by()


def standard_input() -> bytes:
    """Return all of standard input; ConfigError where it is closed."""
    if sys.stdin is None:
        raise ConfigError("standard input is closed: name a file")
    return sys.stdin.buffer.read()


def tell(words: str) -> None:
    """To the person at the terminal, beside what goes to standard output."""
    typer.echo(words, err=True)


def end_if_left_out(number: int) -> None:
    """Tell how many messages a capture lacks as their records are corrupt, and end with status 1; none: do nothing."""
    if number:
        tell(f"{telegrams(number)} {are(number)} left out: the journal's record is corrupt")
        raise typer.Exit(LEFT_OUT)


def refuse_existing(path: Path) -> Path:
    """The path, where nothing is there yet; ConfigError."""
    if str(path) != "-" and (path.exists() or path.is_symlink()):
        raise ConfigError(f"{path} is there already: name another file, or remove it")
    return path


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Make a text file that was not there before; `-` is standard output.

    ConfigError where it cannot be made, HanloggerError where the disk does not take what is written to it.
    """
    if str(path) == "-":
        if sys.stdout is None:
            raise ConfigError("standard output is closed: name a file")
        yield sys.stdout
        return
    try:
        file = refuse_existing(path).open("x", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
    except OSError as error:
        if error.filename is not None or error.errno not in FULL:
            raise
        raise HanloggerError(f"{path} is not whole: {error.strerror}") from error


def span_of(start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    """Of --from and --to; ConfigError where one is no time, or nothing lies between them."""
    times = tuple(
        None if text is None else time_of(text, option) for text, option in ((start, "--from"), (end, "--to"))
    )
    if times[0] and times[1] and times[0] >= times[1]:
        raise ConfigError(f"--from {start} is not before --to {end}")
    return times[0], times[1]


def time_of(text: str, option: str) -> datetime:
    """In UTC. Without an offset it is local time; `7d` is so long ago."""
    try:
        if _AGO.fullmatch(text):
            return datetime.now(UTC) - units.to_duration(text)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        allowed = "2026-01-31, 2026-01-31T12:00 (local time), 2026-01-31T12:00Z, or so long ago: 7d, 12h, 30min"
        raise ConfigError(f"{option} {text}: found no time; allowed: {allowed}") from None


def journal_place(chosen: Settings) -> Path:
    """The path of the journal, its folder made where there is none yet; ConfigError where none can be kept."""
    try:
        place.check(chosen.journal)
    except OSError as error:
        raise ConfigError(
            f"{chosen.journal_origin}: found {chosen.journal}, where no journal can be kept ({error.strerror}); "
            "allowed: the path of a file that hanlogger may write, in a folder that it may write to"
        ) from error
    return chosen.journal


def there(journal: Path) -> Path:
    """The path, where there is a journal or what is left of one; ConfigError."""
    if journal.is_dir() or not is_there(journal):
        found = f"{journal} is a folder" if journal.is_dir() else f"there is no journal {journal}"
        raise ConfigError(f"{found}: name the one of your logger by --journal or --config")
    return journal


@contextmanager
def journal_at(path: Path, *, write: bool = False) -> Iterator[Journal]:
    """The journal, beside a logger that may be running; ConfigError where there is none."""
    with Journal.open(there(path), read_only=not write, exclusive=False) as journal:
        yield journal


def meter_in(journal: Journal, wanted: str | None) -> str:
    """The name of the one meter of a journal, or the one wanted; ConfigError where it is not known which."""
    names = journal.records.list_meters()
    known = ", ".join(names) or "none"
    if wanted is None and len(names) != 1:
        raise ConfigError(f"the journal {journal.path} has {len(names)} meters ({known}): choose one by --meter")
    if wanted is not None and wanted not in names:
        raise ConfigError(f"--meter {wanted}: the journal {journal.path} has no telegram of it; it has: {known}")
    return wanted or names[0]


def keys_of(settings: Settings, meter: str | None = None) -> dict[str, tuple[Key, ...]]:
    """By meter."""
    return {port.meter.name: port.keys for port in settings.ports if meter in (None, port.meter.name)}


def configured(settings: Settings, meter: str | None) -> Meter:
    """The settings of a meter; of one that is not configured, those that hold without any."""
    ports: list[Port] = [port for port in settings.ports if meter in (None, port.meter.name)]
    if meter is None and len(settings.ports) > 1:
        names = ", ".join(port.meter.name for port in settings.ports)
        raise ConfigError(f"several meters are configured ({names}): choose one by --meter")
    return ports[0].meter if ports else Meter(_name(meter) if meter else "home")


def _name(text: str) -> str:
    try:
        return units.check_name(text)
    except ValueError:
        raise ConfigError(
            f"--meter {text}: allowed are letters A-Z a-z, digits, _ and -; try {units.slug(text)}"
        ) from None


Progress = Callable[[float], None]
"""Is told how much has been done so far."""


@contextmanager
def progress(title: str, total: float | None) -> Iterator[Progress]:
    """A bar, on a terminal; `total` None: how much there is to do is not known."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415 only where it is seen
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
