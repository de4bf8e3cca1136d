"""Make files for download: energies as CSV, and a redacted capture for a bug report."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal

from hanlogger.archive.captures import HIDDEN, make_head, read_messages_and_damage, redact_reads, write_capture
from hanlogger.archive.history import History
from hanlogger.errors import CaptureError, JournalUnavailable
from hanlogger.intervals import HOUR
from hanlogger.web.energies import Energies, Energy
from hanlogger.web.periods import find_midnight, list_steps
from hanlogger.web.site import Site

Size = Literal["hours", "days"]
DAYS: dict[Size, int] = {"hours": 31, "days": 366}
"""How many days back a file begins."""

RECENT = timedelta(minutes=10)
MOST_READS = 2000  # messages in a capture
COLUMNS = ("start", "end", "import_kwh", "export_kwh")


def write_energies(site: Site, energies: Energies, meter: str, size: Size, now: datetime) -> Iterator[str]:
    """Yield the lines of a CSV (RFC 4180): bounds in local time with their offset, energies in kWh, empty if unknown.

    It ends with the part that `now` is in, and begins with the first of which something is known.
    """
    zone = site.get_zone(meter)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS[size] - 1)
    if size == "hours":
        bounds = list(list_steps(find_midnight(first, zone), find_midnight(today + timedelta(days=1), zone), HOUR))
    else:
        bounds = [find_midnight(first + timedelta(days=number), zone) for number in range(DAYS[size] + 1)]
    rows = [row for row in energies.measure_between(meter, bounds, now) if row.start < now]
    yield _format_row(COLUMNS)
    begun = False
    for row in rows:
        begun = begun or row.imported is not None or row.exported is not None
        if begun:
            yield _format_row(
                (row.start.astimezone(zone).isoformat(), row.end.astimezone(zone).isoformat(), *_format_kwh(row))
            )


def _format_kwh(row: Energy) -> tuple[str, str]:
    imported, exported = ("" if one is None else f"{one / 1000:.3f}" for one in (row.imported, row.exported))
    return imported, exported


def _format_row(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def make_capture(history: History, meter: str, now: datetime) -> str:
    """Return a capture of the last ten minutes with the meter's numbers hidden.

    CaptureError where there is nothing, or a number might be left; its text is for the user.
    """
    try:
        with history.open_journal() as journal:
            reads = read_messages_and_damage(journal, meter, now - RECENT, now + RECENT) if journal else iter(())
            found = list(islice(reads, MOST_READS))
    except JournalUnavailable as error:
        raise CaptureError(str(error)) from error
    if not found:
        return ""
    text = io.StringIO()
    write_capture(text, make_head(None) | HIDDEN, redact_reads(found, history.keys.get(meter, ())))
    return text.getvalue()


def format_day(now: datetime) -> str:
    """Return the day that stands in the name of a file, in UTC."""
    return f"{now.astimezone(UTC):%Y-%m-%d}"
