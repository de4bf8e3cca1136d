"""`hanlogger run`: meters are recorded and delivered, with a live view on a terminal."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hanlogger import running
from hanlogger.cli.shared.journals import prepare_journal
from hanlogger.cli.shared.next_steps import list_next_steps
from hanlogger.cli.shared.options import LONGEST, ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.signals import STOPPING, stop_on
from hanlogger.cli.shared.terminal import tell
from hanlogger.config import Settings
from hanlogger.config.settings import is_only_demo
from hanlogger.errors import ConfigError, SourceError
from hanlogger.sources import Port, import_opener
from hanlogger.sources.file import check_readable
from hanlogger.status.state import State

log = logging.getLogger(__name__)


def run(
    config: ConfigFile = None,
    port: Annotated[
        str | None,
        typer.Option(
            metavar="PORT",
            help="A device, auto (the one plugged in), socket://HOST:PORT, rfc2217://HOST:PORT, mqtt://HOST/TOPIC, "
            "kafka://HOST/TOPIC, file:PATH, - or demo:.",
        ),
    ] = None,
    meter: Annotated[str | None, typer.Option(metavar="NAME", help="Your name for the meter.")] = None,
    serial: Annotated[str | None, typer.Option(metavar="LINE", help='The line, such as "115200 8N1".')] = None,
    journal: JournalFile = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0,
            callback=LONGEST,
            help="For files: give up when not all is delivered by then (status 3).",
        ),
    ] = None,
) -> None:
    """Read the meters, keep every telegram in the journal, and deliver everything to InfluxDB.

    Runs until Ctrl-C or SIGTERM, with a live view on a terminal. With files it ends when they have been read and all is
    delivered: 0 when all is well, 1 when something was refused or could not be decoded, 3 when --timeout came first.
    """
    chosen = read_settings(config, port=port, meter=meter, serial=serial, journal=journal)
    _check(chosen, timeout)
    stop = stop_on(_choose_ending_signals())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    for warning in chosen.warnings:
        log.warning("%s", warning)
    with _open_view(chosen, on_terminal=_is_endless(chosen) and _is_screen()) as show:
        status = running.run(chosen, stop, show, timeout)
    log.info("has ended%s; everything is in %s", ENDED[status], chosen.journal)
    if sys.stdout.isatty() and is_only_demo(chosen.ports):
        tell("\n".join(list_next_steps()))
    raise typer.Exit(status)


def _choose_ending_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that end `run`: also the terminal's closing, unless `nohup` is to outlast that."""
    outlasts = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return STOPPING if outlasts else (*STOPPING, signal.SIGHUP)


@contextmanager
def _open_view(chosen: Settings, *, on_terminal: bool) -> Iterator[Callable[[State], None]]:
    """Yield the function that gets each second's state: the live view's on a terminal, else one that does nothing."""
    if not on_terminal:
        yield lambda _state: None
        return
    from hanlogger.archive.history import History  # noqa: PLC0415 what follows costs 4 MB
    from hanlogger.live import open_screen  # noqa: PLC0415

    with open_screen(History(chosen.journal, chosen.keys)) as show:
        yield show


def _is_screen() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM") not in (None, "", "dumb")


def _is_endless(chosen: Settings) -> bool:
    return not all(port.ends for port in chosen.ports)


def _check(chosen: Settings, timeout: float | None) -> None:
    """Raise ConfigError for settings with which nothing could be read."""
    if not chosen.ports:
        raise ConfigError(NO_PORT)
    if _is_endless(chosen) and timeout is not None:
        raise ConfigError("--timeout is for files: a port that does not end is read until it is stopped")
    for port in chosen.ports:
        try:
            if port.asks_broker:
                import_opener(port)
            if port.ends:
                _refuse_itself(port, chosen.journal)
                check_readable(port)
        except SourceError as error:
            raise ConfigError(str(error)) from error
    prepare_journal(chosen)


def _refuse_itself(port: Port, journal: Path) -> None:
    """Refuse a port that is the journal: to close a file that SQLite has open releases SQLite's locks."""
    file = Path(port.url.removeprefix("file:"))
    if port.scheme == "file" and file.exists() and journal.exists() and file.samefile(journal):
        raise ConfigError(f"{port.url} is the journal itself: hanlogger import takes in what another journal exports")


ENDED = {
    running.DONE: "",
    running.REFUSED: ", something was refused, undecoded or unread: hanlogger refused",
    running.NOT_DELIVERED: " before all was delivered: hanlogger run goes on with it",
}

NO_PORT = (
    "no port: give one by --port, HANLOGGER_PORT or [[meter]] port in hanlogger.toml; "
    "allowed: a device such as /dev/ttyUSB0, socket://HOST:PORT, rfc2217://HOST:PORT, mqtt://HOST/TOPIC, "
    "file:PATH, -, or demo: to try it"
)
