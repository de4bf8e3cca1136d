"""`hanlogger export`: what the journal has of a meter is written to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer

from hanlogger.archive.captures import head_of_journal, message_reads, write_capture
from hanlogger.archive.readings import Readings, TimedReading
from hanlogger.archive.tables import write_csv
from hanlogger.cli.shared.journals import MeterName, choose_meter, open_existing
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.new_file import LEFT_OUT, end_if_left_out, open_new_file
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.cli.shared.times import From, To, to_time_range
from hanlogger.humanize import count_telegrams, inflect_be
from hanlogger.journal import Record
from hanlogger.points.lineprotocol import encode_points

Form = Literal["csv", "lines", "capture"]
FORMS: Mapping[str, Form] = {".csv": "csv", ".lp": "lines", ".txt": "capture", ".capture": "capture"}
"""The format by the ending of the file's name, where none is given."""


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
    chosen = read_settings(config, reads_ports=False, journal=journal)
    since, until = to_time_range(start, end)
    wanted = form or FORMS.get(file.suffix, "csv")
    with open_existing(chosen.journal) as opened:
        opened.records.use_settings(port.meter for port in chosen.ports)
        name = choose_meter(opened, meter)
        total = opened.records.count_frames() if sys.stderr.isatty() else None
        with open_new_file(file) as text, show_progress("exporting", total) as done:
            if wanted == "capture":
                written = write_capture(text, head_of_journal(name), message_reads(opened, name, since, until))
                end_if_left_out(written.left_out)
                return
            records = _count(opened.records.read_frames(name, since, until), done)
            readings = Readings(records, collect_keys(chosen), opened.records.get_previous)
            _WRITERS[wanted](readings, text)
    if readings.undecoded:
        number = readings.undecoded
        left_out = f"{inflect_be(number)} left out: hanlogger refused"
        tell(f"{number} of {count_telegrams(readings.frames)} cannot be decoded and {left_out}")
        raise typer.Exit(LEFT_OUT)


def _count(records: Iterable[Record], done: Callable[[float], None]) -> Iterator[Record]:
    for number, record in enumerate(records):
        done(number)
        yield record


def _write_csv(readings: Iterable[TimedReading], file: TextIO) -> None:
    write_csv((point for read in readings for point in read.points), file)


def _write_lines(readings: Iterable[TimedReading], file: TextIO) -> None:
    file.writelines(line.decode() for read in readings for line in encode_points(read.points))


_WRITERS = {"csv": _write_csv, "lines": _write_lines}
