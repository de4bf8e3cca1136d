"""`hanlogger export`: what the journal has of a meter is written to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TextIO
from zoneinfo import ZoneInfo

import typer

from hanlogger.archive import energy
from hanlogger.archive.captures import make_head, read_messages, write_capture
from hanlogger.archive.readings import Readings, TimedReading
from hanlogger.archive.tables import write_csv
from hanlogger.archive.wide import write_wide
from hanlogger.cli.shared.journals import MeterName, choose_meter, choose_metered, open_existing
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.new_file import LEFT_OUT, end_if_left_out, open_new_file
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.periods import By, Point, Separator, Zone, check_signs, make_form
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.cli.shared.times import From, To, to_time_range
from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.humanize import count_telegrams, inflect_be
from hanlogger.journal import Record
from hanlogger.points.lineprotocol import encode_points

Form = Literal["csv", "wide", "lines", "capture"]
FORMS: Mapping[str, Form] = {".csv": "csv", ".lp": "lines", ".txt": "capture", ".capture": "capture"}
"""The format by the ending of the file's name, where none is given."""


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; - is standard output.")] = Path("-"),
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            help="csv: a row a value; wide: a row a telegram, a column a register; lines: line protocol; "
            "capture: the messages. Else by name.",
        ),
    ] = None,
    meter: MeterName = None,
    start: From = None,
    end: To = None,
    by: By = None,
    zone: Zone = None,
    separator: Separator = ",",
    decimal: Point = ".",
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Write what the journal has of a meter to a file, also beside a running logger.

    csv, wide and lines hold what is delivered to a database: the same values at the same times under the same names.

    With --by it is the energy of each period instead, in kWh, as a table for a spreadsheet: one that is not known is
    empty, one marked partial is a lower bound. --separator ';' --decimal , is what Nordic spreadsheets expect.
    """
    chosen = read_settings(config, reads_ports=False, journal=journal)
    wanted, signs = form or FORMS.get(file.suffix, "csv"), check_signs(separator, decimal)
    _refuse_unused(by, form, wanted, zone, signs)
    if by is not None:
        _export_energy(chosen, file, meter, (start, end), make_form(chosen, meter, by, zone, signs))
        return
    times = to_time_range(start, end)
    with open_existing(chosen.journal) as opened:
        opened.records.use_settings(port.meter for port in chosen.ports)
        name = choose_meter(opened, meter)
        if wanted == "capture":
            with open_new_file(file) as text:
                written = write_capture(text, make_head(name), read_messages(opened, name, *times))
            end_if_left_out(written.left_out)
            return
        total = opened.records.count_frames() if sys.stderr.isatty() else None
        with open_new_file(file) as text, show_progress("exporting", total) as done:
            records = _count(opened.records.read_frames(name, *times), done)
            readings = Readings(records, collect_keys(chosen), opened.records.get_previous)
            _WRITERS[wanted](readings, text, *signs)
    _end_if_undecoded(readings)


def _end_if_undecoded(readings: Readings) -> None:
    """Tell how many telegrams could not be decoded, and end the command with a status of its own for it."""
    if readings.undecoded:
        number = readings.undecoded
        left_out = f"{inflect_be(number)} left out: hanlogger refused"
        tell(f"{number} of {count_telegrams(readings.frames)} cannot be decoded and {left_out}")
        raise typer.Exit(LEFT_OUT)


def _refuse_unused(by: By, form: Form | None, wanted: Form, zone: Zone, signs: tuple[str, str]) -> None:
    """Raise ConfigError for an option that would change nothing. form: as given; wanted: also by the file's name."""
    if by and form:
        raise ConfigError(f"--format {form}: --by writes a table of its own, in CSV; leave one of the two away")
    if zone and not by:
        raise ConfigError(f"--zone {zone}: it is for --by; without, times are in UTC")
    if not by and wanted in ("lines", "capture") and signs != (",", "."):
        raise ConfigError(f"--separator and --decimal are for csv, wide and --by: {wanted} has no columns")


def _export_energy(
    chosen: Settings, file: Path, meter: str | None, times: tuple[str | None, str | None], form: energy.Form
) -> None:
    since, until = to_time_range(*times, ZoneInfo(form.zone))
    with open_existing(chosen.journal) as opened:
        name = choose_metered(opened, meter)
        with open_new_file(file) as text:
            if not energy.write_energy(opened, name, since, until, form, text):
                tell(f"the journal knows no whole {form.by} of {name} in that time")


def _count(records: Iterable[Record], done: Callable[[float], None]) -> Iterator[Record]:
    for number, record in enumerate(records):
        done(number)
        yield record


def _write_csv(readings: Iterable[TimedReading], file: TextIO, separator: str, decimal: str) -> None:
    write_csv((point for read in readings for point in read.points), file, separator, decimal)


def _write_lines(readings: Iterable[TimedReading], file: TextIO, _separator: str, _decimal: str) -> None:
    file.writelines(line.decode() for read in readings for line in encode_points(read.points))


_WRITERS = {"csv": _write_csv, "wide": write_wide, "lines": _write_lines}
