"""`hanlogger status`: the state of a running logger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.today import read_today
from hanlogger.cli.shared.watched import with_watched_journal
from hanlogger.cli.status_output import explain_no_state, list_lines
from hanlogger.config import Settings
from hanlogger.journal import refuse_foreign
from hanlogger.status import state, state_file
from hanlogger.status.lookup import look_up

NOT_WELL = 1


def status(
    config: ConfigFile = None,
    journal: JournalFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole state, for programs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing: the exit status says it.")] = False,
) -> None:
    """Show the state of the running logger: its meters, its journal, its databases.

    The exit status is 0 while telegrams come or a port is waited for, and 1 when a meter is silent or no logger runs.
    It never depends on a database: what it does not take now is kept and delivered later.
    """
    chosen = with_watched_journal(read_settings(config, reads_ports=False, journal=journal), journal)
    path = chosen.journal
    found = look_up(path)
    running = found.running
    if running is None:
        refuse_foreign(path)
    if as_json:
        reported = state_file.as_json(found.told) if found.told else {}
        typer.echo(json.dumps({"running": running is not None, **reported}))
    elif not quiet:
        typer.echo("\n".join(_tell(running, chosen) if running else [explain_no_state(path, found)]))
    if not (running and running.well):
        raise typer.Exit(NOT_WELL)


def _tell(found: state.State, chosen: Settings) -> Iterator[str]:
    now = datetime.now(UTC)
    return list_lines(found, now, read_today(chosen, found, now))
