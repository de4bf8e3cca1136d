"""Energy by interval as a table that a spreadsheet opens: local time, one column a quantity."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo

from hanlogger.intervals import Period, Sum, list_borders, sum_spans
from hanlogger.journal import Journal

COLUMNS = ("start", "end", "utc_offset", "import_kwh", "export_kwh", "quality")
CHUNK = timedelta(days=62)  # that is read from the journal at once

_JUST_BEFORE = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)


class Form(NamedTuple):
    """The form of a table: its periods, the zone of its times, its separator and decimal sign."""

    by: Period
    zone: str  # IANA name
    separator: str = ","
    decimal: str = "."


def write_energy(
    journal: Journal, meter: str, start: datetime | None, end: datetime | None, form: Form, file: TextIO
) -> int:
    """Write a row for each whole period from `start` up to `end`, or of all that is kept; return their number.

    An amount that is not known is empty, one of quality `partial` is a lower bound.
    """
    writer = csv.writer(file, delimiter=form.separator)
    writer.writerow(COLUMNS)
    number = 0
    for each in sum_energy(journal, meter, find_borders(journal, meter, start, end, form)):
        writer.writerow(_to_row(each, form))
        number += 1
    return number


def find_borders(
    journal: Journal, meter: str, start: datetime | None, end: datetime | None, form: Form
) -> list[datetime]:
    """Return the borders of all whole periods in a time, or of those that hold all that is kept; empty for none."""
    ends = journal.intervals.get_ends(meter)
    if ends is None:
        return []
    zone = ZoneInfo(form.zone)
    first = (start or ends[0]).astimezone(zone).date()
    last = ((end or ends[1]) - _JUST_BEFORE).astimezone(zone).date()
    if form.by == "month":
        first = first if start else first.replace(day=1)
        last = last if end else _end_month(last)
    borders = list_borders(first, last, form.by, form.zone) if first <= last else []
    begin = start or max((border for border in borders if border <= ends[0]), default=ends[0])
    until = end or min((border for border in borders if border >= ends[1]), default=ends[1])
    return [border for border in borders if begin <= border <= until]


def sum_energy(journal: Journal, meter: str, borders: Sequence[datetime]) -> Iterator[Sum]:
    """Yield the sums of periods; the journal is read piece by piece, so that years need little memory."""
    first = 0
    while first < len(borders) - 1:
        last = first + 1
        while last < len(borders) - 1 and borders[last + 1] - borders[first] <= CHUNK:
            last += 1
        spans = journal.intervals.read_spans(meter, borders[first], borders[last])
        yield from sum_spans(spans, borders[first : last + 1])
        first = last


def _end_month(day: date) -> date:
    return (day.replace(day=28) + 4 * _ONE_DAY).replace(day=1) - _ONE_DAY


def _to_row(each: Sum, form: Form) -> list[str]:
    zone = ZoneInfo(form.zone)
    start, end = (time.astimezone(zone) for time in (each.start, each.end))
    amounts = (_to_text(amount, form.decimal) for amount in (each.imported, each.exported))
    return [f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}", start.isoformat()[-6:], *amounts, each.quality]


def _to_text(amount: Decimal | None, decimal: str) -> str:
    return "" if amount is None else f"{amount.scaleb(-3):f}".replace(".", decimal)
