"""`hanlogger refused`."""

from __future__ import annotations

from typing import Annotated

import typer

from hanlogger.cli.options import ConfigFile, JournalFile, settings
from hanlogger.errors import HanloggerError
from hanlogger.journal import Journal, Refused, Undecoded, is_there
from hanlogger.words import harmless


def refused(
    config: ConfigFile = None,
    journal: JournalFile = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Send what was refused again, and try again to decode what was not.")
    ] = False,
) -> None:
    """List what a database refused, and telegrams that could not be decoded or not wholly. Nothing of it is lost."""
    path = settings(config, reads_ports=False, journal=journal).journal
    if not is_there(path):
        raise HanloggerError(f"there is no journal {path}")
    with Journal.open(path, read_only=not retry, exclusive=False) as opened:
        if retry:
            number = opened.retry_refused() + opened.retry_undecoded()
            typer.echo(f"{number} to be tried again; hanlogger run does it")
            return
        for entry in reversed(opened.refused()):
            typer.echo(_refused(entry))
        for frame in reversed(opened.undecoded()):
            typer.echo(_undecoded(frame))


def _refused(entry: Refused) -> str:
    what = entry.refusal
    text = (
        f"telegrams {what.first_id} to {what.last_id}"
        if what.line is None
        else what.line.decode(errors="replace").strip()
    )
    return harmless(f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S} {entry.destination} refused {text}: {what.reason}")


def _undecoded(frame: Undecoded) -> str:
    at = frame.received_at.astimezone()
    return harmless(f"{at:%Y-%m-%d %H:%M:%S} {frame.meter}: telegram {frame.record_id}: {frame.reason}")
