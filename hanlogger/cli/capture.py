"""`hanlogger capture`: a port, or what a logger has recorded, becomes a text that can be read and replayed."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hanlogger import __version__
from hanlogger.archive.captures import (
    HIDDEN,
    RemarkedRead,
    make_head,
    read_messages_and_damage,
    redact_reads,
    write_capture,
)
from hanlogger.cli.recording import Tally, open_or_explain, record_chunks
from hanlogger.cli.shared.journals import MeterName, choose_meter, open_existing
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.named_port import find_port, read_key_option
from hanlogger.cli.shared.new_file import end_if_left_out, open_new_file, refuse_existing
from hanlogger.cli.shared.options import LONGEST, ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.cli.shared.times import From, To, to_time_range
from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.humanize import format_count
from hanlogger.model import Key
from hanlogger.recordings.replay import load
from hanlogger.sources import Port


def capture(
    port: Annotated[
        str | None, typer.Argument(metavar="PORT", help="Where to record; with --from-journal there is none.")
    ] = None,
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A new file, or - to print.")] = None,
    seconds: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, callback=LONGEST, help="Without it, until Ctrl-C.")
    ] = None,
    serial: Annotated[str | None, typer.Option(metavar="LINE", help='The line, such as "115200 8N1".')] = None,
    hide: Annotated[
        bool, typer.Option("--redact", help="Hide numbers of meters; enciphered messages are deciphered for it.")
    ] = False,
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The keys of an encrypted meter, so that it can be redacted.")
    ] = None,
    from_journal: Annotated[
        bool,
        typer.Option("--from-journal", help="What a logger has recorded, and its last damaged octets: FILE alone."),
    ] = False,
    meter: MeterName = None,
    start: From = None,
    end: To = None,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Record what a port gives, octet for octet with its times, as a text that can be read, sent and replayed.

    PORT is a device, socket://HOST:PORT, rfc2217://HOST:PORT, demo:, the name of a configured meter, or file:PATH for
    what was captured before.
    """
    chosen = read_settings(config, reads_ports=not from_journal, journal=journal)
    source, path = _read_arguments(port, file, from_journal=from_journal)
    if source is None:
        given = None if key_file is None else read_key_option(key_file)
        return _copy_from_journal(chosen, path, meter, to_time_range(start, end), given, hide=hide)
    place = find_port(source, chosen, serial, key_file)
    if place.asks_broker or place.via:
        raise ConfigError(
            f"{source}: found a port with a broker behind it, which gives no stream of octets; "
            "allowed: hanlogger capture --from-journal FILE --meter NAME"
        )
    return _copy(place, path, hide=hide) if place.ends else _record(place, path, seconds, hide=hide)


def _read_arguments(first: str | None, second: str | None, *, from_journal: bool) -> tuple[str | None, Path]:
    """Return the port to record, None for the journal, and the new file, of the command's arguments."""
    if first is None or from_journal == (second is not None):
        example = "--from-journal meter.capture" if from_journal else "/dev/ttyUSB0 meter.capture"
        found = "no argument" if first is None else "one argument" if second is None else "two arguments"
        raise ConfigError(f"found {found}; allowed: hanlogger capture {example}")
    return (None, refuse_existing(Path(first))) if second is None else (first, refuse_existing(Path(second)))


def _copy_from_journal(
    chosen: Settings,
    file: Path,
    wanted: str | None,
    times: tuple[datetime | None, datetime | None],
    keys: Sequence[Key] | None,
    *,
    hide: bool,
) -> None:
    with open_existing(chosen.journal) as opened:
        name = choose_meter(opened, wanted)
        reads: Iterable[RemarkedRead] = read_messages_and_damage(opened, name, *times)
        if hide:
            reads = redact_reads(list(reads), collect_keys(chosen).get(name, ()) if keys is None else keys)
        with open_new_file(file) as text:
            written = write_capture(text, make_head(None if hide else name) | (HIDDEN if hide else {}), reads)
    tell(f"{format_count(written.reads, 'message')} written to {file}")
    end_if_left_out(written.left_out)


def _copy(port: Port, file: Path, *, hide: bool) -> None:
    chunks = load(Path(port.url.removeprefix("file:"))).chunks
    reads: Iterable[RemarkedRead] = (RemarkedRead(chunk.received_at, chunk.data) for chunk in chunks)
    if hide:
        reads = redact_reads(list(reads), port.keys)
    with open_new_file(file) as text:
        write_capture(text, {"hanlogger": __version__} | (HIDDEN if hide else {}), reads)
    tell(f"written to {file}")


def _record(port: Port, file: Path, seconds: float | None, *, hide: bool) -> None:
    tally = Tally()
    with contextlib.closing(open_or_explain(port)) as source, show_progress("recording", seconds) as done:
        tell(f"records {port.url} until {'Ctrl-C' if seconds is None else f'{seconds:g} s have passed'}")
        reads: Iterable[RemarkedRead] = record_chunks(source, seconds, tally, done)
        if hide:
            reads = redact_reads(list(reads), port.keys)
        with open_new_file(file) as text:
            write_capture(text, _describe(port, hide=hide), reads)
    tell(f"{tally.summary}; written to {file}")


def _describe(port: Port, *, hide: bool) -> dict[str, str]:
    """Return the head of a capture; without the port's address where that might tell who owns it."""
    return {
        "port": (port.scheme or "a device") if hide else port.url,
        "line": str(port.line) if port.has_line else "of the other side",
        "hanlogger": __version__,
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        **(HIDDEN if hide else {}),
    }
