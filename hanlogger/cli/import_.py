"""`hanlogger import`: recorded messages are taken into the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.aggregate import Aggregator
from hanlogger.archive.importing import Imported, import_events
from hanlogger.archive.influx_registers import read_registers
from hanlogger.cli.shared.journals import prepare_journal
from hanlogger.cli.shared.meters import collect_keys, find_meter
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.cli.shared.times import to_time_range
from hanlogger.config import Settings
from hanlogger.errors import CaptureError, ConfigError
from hanlogger.humanize import count_telegrams, format_span, inflect, inflect_be
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.recordings.file import MessageFile, open_messages


def import_(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A capture, raw octets or hex text.")] = None,
    meter: Annotated[str | None, typer.Option(metavar="NAME", help="Your name for the meter that sent it.")] = None,
    from_influxdb: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Instead of a file: the database whose registers make intervals."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="With --from-influxdb: from this time on.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="With --from-influxdb: before this time.")
    ] = None,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Take recorded messages into the journal, from where they are delivered like all others.

    Those of a capture keep the times at which they came, and one that is there already is left out. Those of another
    file take the time of reading, so that only the clocks in them count. With --from-influxdb the counters that a
    configured database has of a meter become energy by interval, for years of which the journal has no telegram. Of a
    capture that was cut off all before the cut is taken in; the exit status is 1 then.
    """
    if (file is None) == (from_influxdb is None):
        raise ConfigError("hanlogger import takes a FILE, or --from-influxdb with the name of a configured database")
    if file is None:
        _import_registers(read_settings(config, reads_ports=False, journal=journal), meter, from_influxdb, start, end)
        return
    if start or end:
        raise ConfigError("--from and --to are for --from-influxdb: of a file all is taken in")
    chosen = read_settings(config, reads_ports=False, journal=journal)
    settings_of_it = find_meter(chosen, meter)
    with open_messages(file) as messages:
        _import_file(chosen, settings_of_it, messages, file)


def _import_file(chosen: Settings, meter: Meter, messages: MessageFile, file: Path) -> None:
    """Take in what a file has; exit status 1 where it is a capture that was cut off."""
    events = messages.find_events()
    first = next(events, None)
    if first is None or first.format is None:
        raise CaptureError(
            f"{file}: found no message; allowed: a capture, raw octets or hex text of a meter's messages"
        )
    done = Imported()
    with Journal.open(prepare_journal(chosen), exclusive=False) as opened:
        try:
            for done in import_events(opened, chain((first,), events), meter, timed=messages.timed):  # noqa: B007
                pass
        finally:
            Aggregator(opened, collect_keys(chosen)).catch_up()
            _tell_of(done, meter)
    _warn_of_age(chosen, done.oldest)
    if messages.cut:
        tell(f"{messages.cut}; all before it is taken in")
        raise typer.Exit(1)


def _tell_of(done: Imported, meter: Meter) -> None:
    known = f", {done.known} {inflect(done.known, 'was', 'were')} there already" if done.known else ""
    damaged = f", {done.damaged} {inflect_be(done.damaged)} damaged" if done.damaged else ""
    tell(f"{count_telegrams(done.new)} of {meter.name} taken in{known}{damaged}")


def _import_registers(
    chosen: Settings, meter: str | None, name: str | None, start: str | None, end: str | None
) -> None:
    """Make intervals of what a database has of a meter's counters."""
    known = {to.name: to for to in chosen.influxdbs}
    if name not in known:
        raise ConfigError(f"--from-influxdb {name}: no such database; configured: {', '.join(known) or 'none'}")
    settings_of_it = find_meter(chosen, meter)
    since, until = to_time_range(start, end)
    if since is None:
        raise ConfigError("--from-influxdb needs --from: the time from which the database has the meter's counters")
    months = read_registers(known[name], settings_of_it.name, since, until or datetime.now(UTC))
    number = 0
    with Journal.open(prepare_journal(chosen), exclusive=False) as opened:
        for levels in months:
            opened.intervals.merge([(settings_of_it, levels)])
            number += sum(map(len, levels.values()))
    tell(f"{number} values of the counters of {settings_of_it.name} taken in from {name}")


def _warn_of_age(chosen: Settings, oldest: datetime | None) -> None:
    if oldest is not None and datetime.now(UTC) - oldest > chosen.keep:
        keep = format_span(chosen.keep.total_seconds())
        tell(
            f"some are older than keep ({keep}): they are removed once they are delivered, or with no database at once"
        )
