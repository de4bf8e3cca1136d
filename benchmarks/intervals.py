"""How long a year's intervals of one meter take to be made, read and summed, and how large they are.

    python benchmarks/intervals.py

The year is made of the readings that the journal keeps of a meter that says both registers each ten seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from hanlogger.intervals import PERIODS, list_borders, sum_spans
from hanlogger.intervals.levels import QUARTER_MS, Level
from hanlogger.journal import Journal
from hanlogger.journal.model import EXPORT, IMPORT, to_ms
from hanlogger.model import Meter

HOME = Meter("home")
ZONE = "Europe/Stockholm"
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
START = to_ms(datetime(2026, 1, 1, tzinfo=ZoneInfo(ZONE)).astimezone(UTC))
QUARTERS = 365 * 96
WEEK = 7 * 96


def make_levels(first: int, last: int) -> dict[int, list[Level]]:
    """Return the first and last levels of quarters, by direction."""
    times = [START + number * QUARTER_MS + at for number in range(first, last) for at in (10_000, QUARTER_MS)]
    return {
        direction: [Level(at, Decimal(at // 3000 - START // 3000 + 10_000_000), 12345) for at in times]
        for direction in (IMPORT, EXPORT)
    }


def measure() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, Journal.open(Path(folder) / "journal.sqlite3") as journal:
        empty = journal.size
        begun = time.process_time()
        for first in range(0, QUARTERS, WEEK):
            journal.intervals.merge([(HOME, make_levels(first, min(first + WEEK, QUARTERS)))])
        yield f"a year made, a week at a time    {time.process_time() - begun:6.2f} s CPU"
        begun = time.process_time()
        spans = journal.intervals.read_spans("home")
        yield f"a year read                      {time.process_time() - begun:6.2f} s CPU, {len(spans)} spans"
        for by in PERIODS:
            begun = time.process_time()
            sums = sum_spans(spans, list_borders(FIRST, LAST, by, ZONE))
            yield f"a year summed by {by:15} {time.process_time() - begun:6.2f} s CPU, {len(sums)} sums"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite3"
        with Journal.open(path) as journal:
            empty = journal.size
            journal.intervals.merge([(HOME, make_levels(0, QUARTERS))])
        yield f"a year takes                     {(path.stat().st_size - empty) / 1e6:6.2f} MB"


if __name__ == "__main__":
    for line in measure():
        print(line)
