"""`hanlogger conformance`: what a meter sends is compared with the Swedish industry recommendation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hanlogger.cli.shared.language import Lang, get_language
from hanlogger.cli.shared.named_port import ALLOWED, find_port
from hanlogger.cli.shared.options import DAY, ConfigFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.conformance import FORMS, Level, examine
from hanlogger.detect import hear
from hanlogger.errors import ConfigError, SourceError
from hanlogger.model import BadFrame, Frame
from hanlogger.recordings.file import open_messages

DIFFERS = 1


class Heard(NamedTuple):
    """What a port or a file gave; `live`: the arrival times are those at which the meter sent."""

    frames: list[Frame]
    damaged: int
    live: bool


def conformance(
    source: Annotated[str, typer.Argument(metavar="PORT|FILE", help="A port, or a file of octets or a capture.")],
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="table, json or html.")] = "table",
    seconds: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, callback=DAY, help="How long to listen to a port.")
    ] = 60.0,
    serial: Annotated[str | None, typer.Option(metavar="LINE", help='The line, such as "115200 8N1".')] = None,
    language: Lang = None,
    config: ConfigFile = None,
) -> None:
    """Compare what a meter sends with the Swedish industry recommendation for the customer port, version 2.0.

    Says what was seen, what is asked, and how much it matters: a fault, a deviation, or allowed. For a report to the
    grid company. Exit status: 0 without faults, 1 with one; 2 for wrong usage.
    """
    if form not in FORMS:
        raise ConfigError(f"--format {form}: allowed: {', '.join(FORMS)}")
    heard = _read_file(Path(source)) if Path(source).is_file() else _listen(source, seconds, serial, config)
    if not heard.frames and not heard.damaged:
        raise ConfigError(f"{source}: no telegram was found; hanlogger doctor says why a port gives none")
    findings = examine(heard.frames, damaged=heard.damaged, live=heard.live)
    typer.echo(FORMS[form](source, len(heard.frames), findings, get_language(language)))
    raise typer.Exit(DIFFERS if any(finding.level is Level.FAULT for finding in findings) else 0)


def _listen(source: str, seconds: float, serial: str | None, config: Path | None) -> Heard:
    try:
        port = find_port(source, read_settings(config), serial, None, f"a file, {ALLOWED}")
        hearing = hear(port, seconds, lambda _: False)
    except SourceError as error:
        raise ConfigError(str(error)) from error
    # What begins or ends in mid-telegram says nothing of the meter.
    damaged = [bad for bad in hearing.bad if bad.reason not in ("unfinished", "cut off")]
    return Heard(hearing.frames, len(damaged), live=True)


def _read_file(file: Path) -> Heard:
    with open_messages(file) as messages:
        events = list(messages.find_events())
    if messages.cut:
        tell(messages.cut)
    frames = [event for event in events if isinstance(event, Frame)]
    damaged = [event for event in events if isinstance(event, BadFrame) and event.format]
    return Heard(frames, len(damaged), messages.timed)
