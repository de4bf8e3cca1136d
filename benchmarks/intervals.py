"""How long a year's intervals of one meter take to be made, read, summed and billed, and how large they are.

    python benchmarks/intervals.py

The year is made of the readings that the journal keeps of a meter that says both registers each ten seconds. It is
billed by a price of each quarter of an hour, a transfer with two rates, a tax, a fee for three days' peaks and sold
energy: twelve bills, each read anew from the journal, as `hanlogger report 2026 --year` does.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from hanlogger.costs import read_month
from hanlogger.intervals import PERIODS, list_borders, sum_spans
from hanlogger.intervals.levels import QUARTER_MS, Level
from hanlogger.journal import Journal
from hanlogger.journal.model import EXPORT, IMPORT, from_ms, to_ms
from hanlogger.model import Meter
from hanlogger.prices.loading import load_prices
from hanlogger.prices.source import PriceSource
from hanlogger.tariffs.bill import Bill
from hanlogger.tariffs.days_off import DaysOff
from hanlogger.tariffs.reading import read_tariff
from tests.support.tariffing import head

HOME = Meter("home")
ZONE = "Europe/Stockholm"
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
START = to_ms(datetime(2026, 1, 1, tzinfo=ZoneInfo(ZONE)).astimezone(UTC))
AFTER = datetime(2027, 2, 1, tzinfo=UTC)
QUARTERS = 365 * 96
WEEK = 7 * 96


def make_levels(first: int, last: int) -> dict[int, list[Level]]:
    """Return the first and last levels of quarters, by direction."""
    times = [START + number * QUARTER_MS + at for number in range(first, last) for at in (10_000, QUARTER_MS)]
    return {
        direction: [Level(at, Decimal(at // 3000 - START // 3000 + 10_000_000), 12345) for at in times]
        for direction in (IMPORT, EXPORT)
    }


TARIFF = (
    head("Grid and supply", vat="without")
    + """
[[fixed]]
name = "Subscription"
price = 250
[[energy]]
name = "Spot"
spot = 1
price = 0.06
[[energy]]
name = "Transfer"
rates = [{ months = "11-3", days = "workdays", hours = "06-22", price = 0.61 }, { price = 0.244 }]
[[energy]]
name = "Tax"
price = 0.439
[[export]]
name = "Sold"
spot = 1
[[power]]
name = "Power fee"
peaks = 3
one_per = "day"
price = 65.4
"""
)


def keep_prices(journal: Journal) -> None:
    """Keep a price of each quarter of the year, and of a day on both sides."""
    starts = (from_ms(START + number * QUARTER_MS) for number in range(-96, QUARTERS + 96))
    prices = {at: Decimal(number % 977) / 500 for number, at in enumerate(starts)}
    journal.prices.merge("SE3", "SEK", prices, final=True)


def bill_year(journal: Journal) -> list[Bill]:
    """Return the bills of the year's months."""
    tariffs, prices = [read_tariff(TARIFF, "benchmark")], partial(load_prices, journal, PriceSource("SE3"))
    months = (date(FIRST.year, number, 1) for number in range(1, 13))
    return [read_month(journal, "home", tariffs, prices, month, AFTER) for month in months]


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
        del spans, sums
        keep_prices(journal)
        begun = time.process_time()
        DaysOff(("SE",)).has(FIRST)
        yield f"the library of holidays loaded   {time.process_time() - begun:6.2f} s CPU, once in a process"
        begun = time.process_time()
        bills = bill_year(journal)
        spent = time.process_time() - begun
        yield f"a year billed                    {spent:6.2f} s CPU, {len(bills)} bills, {bills[-1].quality}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite3"
        with Journal.open(path) as journal:
            empty = journal.size
            journal.intervals.merge([(HOME, make_levels(0, QUARTERS))])
        yield f"a year takes                     {(path.stat().st_size - empty) / 1e6:6.2f} MB"


if __name__ == "__main__":
    for line in measure():
        print(line)
