"""`hanlogger doctor`: what is wrong between plug and database is found and printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from hanlogger.cli.shared.language import Lang, get_language
from hanlogger.cli.shared.options import DAY, ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.cli.shared.watched import with_watched_journal
from hanlogger.detect import LISTEN
from hanlogger.doctor import Finding, Host, Level, examine
from hanlogger.doctor.context import WAIT
from hanlogger.doctor.report import as_json, as_lines, choose_conclusion, get_phrase
from hanlogger.language import Language

ILL = 1
COLOURS = {
    Level.WELL: typer.colors.GREEN,
    Level.NOTE: None,
    Level.SKIPPED: None,
    Level.WARNING: typer.colors.YELLOW,
    Level.WRONG: typer.colors.RED,
}


def doctor(
    config: ConfigFile = None,
    journal: JournalFile = None,
    port: Annotated[str | None, typer.Option(metavar="PORT", help="Another port than the one that is set.")] = None,
    serial: Annotated[str | None, typer.Option(metavar="LINE", help='The line, such as "115200 8N1", or auto.')] = None,
    lang: Lang = None,
    plain: Annotated[bool, typer.Option("--json", help="For programs, when all has been looked at.")] = False,
    wait: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0.1, callback=DAY, help="How long a port is listened to before it is called silent."
        ),
    ] = WAIT,
    listen: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, callback=DAY, help="How long each line setting is tried.")
    ] = LISTEN,
) -> None:
    """Find why there is no data: the first thing that is wrong between plug and database, and what to do.

    A running logger is asked, about the ports that it reads; without one, and with --port, the ports are listened to.
    Exit status 0 when all is well, 1 when something is wrong.
    """
    chosen = with_watched_journal(read_settings(config, journal=journal, port=port, serial=serial), journal)
    language = get_language(lang)

    def say(key: str, facts: Mapping[str, object]) -> None:
        tell(get_phrase(language, key, facts))

    found: list[Finding] = []
    for finding in examine(Host(chosen, wait, listen, port_given=port is not None, tell=say)):
        found.append(finding)
        if not plain:
            _show(finding, language)
    if plain:
        typer.echo(json.dumps(as_json(found, language), ensure_ascii=False, indent=2))
    else:
        typer.echo(choose_conclusion(found, language))
    if not all(finding.level.healthy for finding in found):
        raise typer.Exit(ILL)


def _show(finding: Finding, language: Language) -> None:
    first, *more = as_lines(finding, language)
    typer.secho(first, fg=COLOURS[finding.level] if sys.stdout.isatty() else None)
    for line in more:
        typer.echo(line)
