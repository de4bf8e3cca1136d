"""`hanlogger detect`: the line settings of a meter are found by trying."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from hanlogger.cli.shared.language import get_language
from hanlogger.cli.shared.named_port import check_port_argument
from hanlogger.cli.shared.options import DAY
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.decoding import decode
from hanlogger.detect import CANDIDATES, LISTEN, Hearing, find
from hanlogger.doctor.diagnosis import diagnose_unknown_meter
from hanlogger.doctor.line import find_line_settings
from hanlogger.doctor.report import as_lines
from hanlogger.errors import ConfigError, DecodeError, KeyNeeded
from hanlogger.humanize import count_telegrams, format_count
from hanlogger.language import Language
from hanlogger.model import Meter
from hanlogger.sources import AUTO, Port, find_stable_name, resolve_auto

NOT_FOUND = 1
ALLOWED = "a device, socket://HOST:PORT, rfc2217://HOST:PORT, auto"
LISTENED_TO = ("", AUTO, "socket", "rfc2217")


def detect(
    port: Annotated[
        str, typer.Argument(metavar="PORT", help="A device, socket://HOST:PORT, rfc2217://HOST:PORT, or auto.")
    ] = AUTO,
    listen: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0.1, callback=DAY, help="How long each setting is tried; meters pause for ten."
        ),
    ] = LISTEN,
    lang: Annotated[Language | None, typer.Option(help="The language, where nothing is found.")] = None,
) -> None:
    """Find the settings of a meter's line by trying, and print what to put into hanlogger.toml.

    Without PORT it is the one serial adapter that is plugged in. Exit status 1 when no telegram came: then it says what
    that most likely means.
    """
    place = resolve_auto(_check_port(port))
    stop, started = stop_on(), time.monotonic()
    tell(f"listens to {place.url}")
    with show_progress("listening", listen * (len(CANDIDATES) if place.has_line else 1)) as bar:
        found = find(place, listen, stop=stop, heard=lambda _: bar(time.monotonic() - started), tried=_say)
    if found.best:
        typer.echo("\n".join(_print_configuration(place, found.best)))
        return
    if not stop.is_set():
        finding = diagnose_unknown_meter(place, "", found.hearings)
        typer.echo("\n".join(as_lines(finding, get_language(lang))))
    raise typer.Exit(NOT_FOUND)


def _check_port(url: str) -> Port:
    port = Port(check_port_argument(url, (), ALLOWED), Meter())
    if port.scheme not in LISTENED_TO:
        raise ConfigError(f"{url}: it has no line settings to be found; allowed: {ALLOWED}")
    return port


def _say(hearing: Hearing) -> None:
    line = f"{hearing.line}: " if hearing.line else ""
    tell(f"  {line}{format_count(hearing.octets, 'octet')}, {count_telegrams(len(hearing.frames))}")


def _print_configuration(place: Port, best: Hearing) -> Iterator[str]:
    """As TOML, whose basic strings JSON's are too."""
    yield "# for hanlogger.toml"
    yield "[[meter]]"
    yield 'name = "home"'
    yield f"port = {json.dumps(find_stable_name(place.url) if place.scheme == '' else place.url, ensure_ascii=False)}"
    if line := find_line_settings(best):
        yield f'serial = "{line}"'
    try:
        decode(best.frames[0])
    except KeyNeeded:
        yield "# The telegrams are encrypted. Put the key that your grid company gives you into a file of its own:"
        yield '# key_file = "…"'
    except DecodeError as error:
        yield f"# The telegrams cannot be read yet: {error}"
