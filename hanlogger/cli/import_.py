"""`hanlogger import`: recorded messages are taken into the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.archive.importing import import_events, read_events
from hanlogger.cli.shared.journals import prepare_journal
from hanlogger.cli.shared.meters import find_meter
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.config import Settings
from hanlogger.errors import CaptureError
from hanlogger.humanize import count_telegrams, format_span, inflect, inflect_be
from hanlogger.journal import Journal


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A capture, raw octets or hex text.")],
    meter: Annotated[str | None, typer.Option(metavar="NAME", help="Your name for the meter that sent it.")] = None,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Take recorded messages into the journal, from where they are delivered like all others.

    Those of a capture keep the times at which they came, and one that is there already is left out. Those of another
    file take the time of reading, so that only the clocks in them count.
    """
    chosen = read_settings(config, reads_ports=False, journal=journal)
    settings_of_it = find_meter(chosen, meter)
    events, timed = read_events(file)
    if all(event.format is None for event in events):
        raise CaptureError(
            f"{file}: found no message; allowed: a capture, raw octets or hex text of a meter's messages"
        )
    with Journal.open(prepare_journal(chosen), exclusive=False) as opened:
        done = import_events(opened, events, settings_of_it, timed=timed)
    known = f", {done.known} {inflect(done.known, 'was', 'were')} there already" if done.known else ""
    damaged = f", {done.damaged} {inflect_be(done.damaged)} damaged" if done.damaged else ""
    tell(f"{count_telegrams(done.new)} of {settings_of_it.name} taken in{known}{damaged}")
    _warn_of_age(chosen, min((event.received_at for event in events), default=None))


def _warn_of_age(chosen: Settings, oldest: datetime | None) -> None:
    if oldest is not None and datetime.now(UTC) - oldest > chosen.keep:
        keep = format_span(chosen.keep.total_seconds())
        tell(
            f"some are older than keep ({keep}): they are removed once they are delivered, or with no database at once"
        )
