"""`hanlogger export`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer

from hanlogger.archive.captures import head_of_journal, message_reads, write_capture
from hanlogger.archive.readings import Readings, TimedReading
from hanlogger.archive.tables import write_csv
from hanlogger.cli.common import (
    LEFT_OUT,
    From,
    MeterName,
    To,
    end_if_left_out,
    journal_at,
    keys_of,
    meter_in,
    new_file,
    progress,
    span_of,
    tell,
)
from hanlogger.cli.options import ConfigFile, JournalFile, settings
from hanlogger.humanize import are, telegrams
from hanlogger.journal import Record
from hanlogger.points.lineprotocol import encode_points

Form = Literal["csv", "lines", "capture"]
FORMS: Mapping[str, Form] = {".csv": "csv", ".lp": "lines", ".txt": "capture", ".capture": "capture"}
"""What the name of a file tells where no form is given."""


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; - is standard output.")] = Path("-"),
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            help="csv: a row a value; lines: line protocol; capture: the messages. Else by name.",
        ),
    ] = None,
    meter: MeterName = None,
    start: From = None,
    end: To = None,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Write what the journal has of a meter to a file, also beside a running logger.

    csv and lines hold what is delivered to a database: the same values at the same times under the same names.
    """
    chosen = settings(config, reads_ports=False, journal=journal)
    since, until = span_of(start, end)
    wanted = form or FORMS.get(file.suffix, "csv")
    with journal_at(chosen.journal) as opened:
        opened.records.use_settings(port.meter for port in chosen.ports)
        name = meter_in(opened, meter)
        total = opened.records.count_frames() if sys.stderr.isatty() else None
        with new_file(file) as text, progress("exporting", total) as done:
            if wanted == "capture":
                written = write_capture(text, head_of_journal(name), message_reads(opened, name, since, until))
                end_if_left_out(written.left_out)
                return
            records = _counted(opened.records.read_frames(name, since, until), done)
            readings = Readings(records, keys_of(chosen), opened.records.get_previous)
            _WRITERS[wanted](readings, text)
    if readings.undecoded:
        number = readings.undecoded
        tell(
            f"{number} of {telegrams(readings.frames)} cannot be decoded and {are(number)} left out: hanlogger refused"
        )
        raise typer.Exit(LEFT_OUT)


def _counted(records: Iterable[Record], done: Callable[[float], None]) -> Iterator[Record]:
    for number, record in enumerate(records):
        done(number)
        yield record


def _write_csv(readings: Iterable[TimedReading], file: TextIO) -> None:
    write_csv((point for read in readings for point in read.points), file)


def _write_lines(readings: Iterable[TimedReading], file: TextIO) -> None:
    file.writelines(line.decode() for read in readings for line in encode_points(read.points))


_WRITERS = {"csv": _write_csv, "lines": _write_lines}
