"""Telegrams as a wide table in CSV: a row a telegram, a column a register."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TextIO

from hanlogger.archive.readings import TimedReading
from hanlogger.archive.tables import find_unit, format_value
from hanlogger.humanize import format_utc
from hanlogger.model import Point

FIXED = ("time", "meter")


def write_wide(readings: Iterable[TimedReading], file: TextIO, separator: str = ",", decimal: str = ".") -> None:
    """Write a row for each telegram, with the columns of all telegrams; a value that a telegram lacks is empty.

    Values that belong to another time than their telegram's, such as those of a sub-meter, have a row of their own.
    The readings are gone through once, by way of a temporary file: a running logger may add to them meanwhile.
    """
    columns: dict[str, int] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as rows:
        for read in readings:
            for fixed, values in _split(read, decimal):
                cells = {columns.setdefault(name, len(columns)): value for name, value in values}
                rows.write(json.dumps([fixed, list(cells.items())]) + "\n")
        rows.seek(0)
        writer = csv.writer(file, delimiter=separator)
        writer.writerow([*FIXED, *columns])
        for line in rows:
            fixed, cells = json.loads(line)
            found = dict(cells)
            writer.writerow([*fixed, *(found.get(number, "") for number in range(len(columns)))])


def _split(read: TimedReading, decimal: str) -> Iterator[tuple[list[str], list[tuple[str, str]]]]:
    """Yield time and meter, and names and values, for each time that the points of a telegram have."""
    for time, points in groupby(sorted(read.points, key=_format_time), _format_time):
        yield [time, read.record.meter.name], [(_name_column(point), format_value(point, decimal)) for point in points]


def _format_time(point: Point) -> str:
    return format_utc(point.time) if point.time else ""


def _name_column(point: Point) -> str:
    """Return the name of a point's column: `active_power import total 1-0:1.7.0 [W]`."""
    tags = dict(point.tags)
    unit = find_unit(point, tags)
    order = ("direction", "phase", "tariff", "channel", "row", "obis")
    words = [point.measurement, *(tags[name] for name in order if name in tags)]
    return " ".join(words) + (f" [{unit}]" if unit else "")
