"""Points as a table in CSV, for spreadsheets and scripts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TextIO

from hanlogger.humanize import format_utc
from hanlogger.model import Point
from hanlogger.points.catalogue import CATALOGUE, MEDIA
from hanlogger.points.lineprotocol import encode_number

TAGS = ("meter", "obis", "phase", "direction", "tariff", "channel", "row")
COLUMNS = ("time", "measurement", *TAGS, "value", "unit")

_UNITS = {
    **{entry.measurement: entry.unit for entry in CATALOGUE.values() if entry.unit != "1"},
    **{medium.measurement: medium.unit for medium in MEDIA.values()},
    "clock_offset": "s",
}


def write_csv(points: Iterable[Point], file: TextIO, separator: str = ",", decimal: str = ".") -> None:
    """Write one row for each point (RFC 4180), with times in UTC."""
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(COLUMNS)
    for point in points:
        writer.writerow(_make_row(point, decimal))


def _make_row(point: Point, decimal: str) -> list[str]:
    tags = dict(point.tags)
    time = format_utc(point.time) if point.time else ""
    own = (tags.get(tag, "") for tag in TAGS)
    return [time, point.measurement, *own, format_value(point, decimal), find_unit(point, tags)]


def format_value(point: Point, decimal: str) -> str:
    """Format the one value of a point, a number with this decimal sign."""
    ((_, value),) = point.fields
    return encode_number(value).replace(".", decimal) if isinstance(value, Decimal) else value


def find_unit(point: Point, tags: Mapping[str, str]) -> str:
    """Return the unit of a point's value, by its tags, here given too; "" for none."""
    return tags.get("unit") or _UNITS.get(point.measurement, "")
