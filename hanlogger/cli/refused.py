"""`hanlogger refused`: the lists of what was refused and what is undecoded."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from hanlogger.cli.shared.journals import open_existing
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.humanize import clean_text, count_telegrams, inflect
from hanlogger.journal import Refused, Undecoded
from hanlogger.status.lookup import look_up

ON_THE_WAY = timedelta(minutes=2)  # within which a running logger has told the journal what it has decoded
NOTHING = "nothing was refused, and nothing is left undecoded"


def refused(
    config: ConfigFile = None,
    journal: JournalFile = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Send refused lines again, and try to decode undecoded telegrams again.")
    ] = False,
) -> None:
    """List what a database refused, and telegrams that could not be decoded or not wholly. Nothing of it is lost."""
    path = read_settings(config, reads_ports=False, journal=journal).journal
    with open_existing(path, write=retry) as opened:
        if retry:
            number = opened.refused.retry() + opened.undecoded.retry()
            typer.echo(f"{number} to be tried again; hanlogger run does it" if number else NOTHING)
            return
        unexamined = opened.destinations.count_unexamined(
            datetime.now(UTC) - ON_THE_WAY if look_up(path).running else None
        )
        lines = [
            *map(_list_refused, reversed(opened.refused.list_newest())),
            *map(_list_undecoded, reversed(opened.undecoded.list_newest())),
        ]
    for line in lines:
        typer.echo(line)
    if sys.stderr.isatty():  # for people: a script reads the list, and what waits from status
        _explain(unexamined, empty=not lines)


def _explain(unexamined: int, *, empty: bool) -> None:
    """Say of how many telegrams it is not known yet whether they belong into the list, or that the list is empty."""
    if unexamined:
        number = f"{count_telegrams(unexamined)} {inflect(unexamined, 'has', 'have')}"
        tell(f"{number} not been decoded yet: hanlogger run does that")
    elif empty:
        tell(NOTHING)


def _list_refused(entry: Refused) -> str:
    what = entry.refusal
    text = (
        f"telegrams {what.first_id} to {what.last_id}"
        if what.line is None
        else what.line.decode(errors="replace").strip()
    )
    return clean_text(f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S} {entry.destination} refused {text}: {what.reason}")


def _list_undecoded(frame: Undecoded) -> str:
    at = frame.received_at.astimezone()
    return clean_text(f"{at:%Y-%m-%d %H:%M:%S} {frame.meter}: telegram {frame.record_id}: {frame.reason}")
