"""The bill of whole months is that of a second implementation, which shares no code with the first."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from hanlogger.intervals import Span
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.reading import read_tariff
from tests.support.composefile import ROOT
from tests.support.naive_bill import Quarters, naive_bill
from tests.support.tariffing import at, every

QUARTER = timedelta(minutes=15)
EXAMPLES = ROOT / "hanlogger" / "tariffs" / "examples"
LONGER = {"norway-weeks", "quarters-of-a-year"}  # of twelve months
OWN_DAYS_OFF = {"winter-with-eves"}  # days from Easter on
CHOSEN = {"by-fuse", "standard-time"}  # prices by the customer's fuse
FILES = [file for file in sorted(EXAMPLES.glob("*.toml")) if file.stem not in LONGER | OWN_DAYS_OFF | CHOSEN]
MONTHS = [date(2026, 3, 1), date(2026, 10, 1), date(2026, 12, 1), date(2027, 4, 1)]


class Truth:
    """A month of a house: energy and spot prices of each quarter, with two days to spare on both sides."""

    def __init__(self, month: date) -> None:
        draw = random.Random(month.toordinal())
        start = at(f"{month - timedelta(days=2)} 00:00")
        starts = list(every(QUARTER, start, start + timedelta(days=36)))
        self.quarters: Quarters = {
            each: (draw.choice([draw.randrange(300), draw.randrange(2500)]), draw.choice([0, 0, draw.randrange(900)]))
            for each in starts
        }
        self.spot: Mapping[datetime, Decimal] = {
            each: Decimal(draw.randrange(-2000, 40_000)).scaleb(-4) for each in starts
        }

    def spans(self) -> list[Span]:
        return [
            Span(start, start + QUARTER, Decimal(imported), Decimal(exported), "measured")
            for start, (imported, exported) in self.quarters.items()
        ]


@cache
def know(month: date) -> Truth:
    return Truth(month)


def first_way(text: str, truth: Truth, month: date) -> dict[str, Decimal]:
    bill = make_bill([read_tariff(text, "test.toml")], truth.spans(), truth.spot, month)
    amounts: dict[str, Decimal] = {}
    for line in bill.lines:
        assert line.quality == "measured"
        amounts[line.line] = amounts.get(line.line, Decimal(0)) + line.known
    return amounts


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("month", MONTHS[:2], ids=str)
def test_the_bill_of_every_example_is_that_of_the_second_way(file: Path, month: date) -> None:
    text, truth = file.read_text("utf-8"), know(month)
    if file.stem == "half-nights" and month > date(2026, 5, 1):
        text = text.replace("valid_to = 2026-06-01", "")
    assert first_way(text, truth, month) == naive_bill(text, truth.quarters, truth.spot, month)


HEAD = """
name = "Test"
currency = "SEK"
prices = "without VAT"
source = "test"
source_date = 2026-11-29
"""

RULES = {
    "standard time throughout": 'time = "standard"\n[[power]]\nname = "P"\nprice = 61.7\npeaks = 3\none_per = "day"\n'
    'hours = "07-20"\ndays = "workdays"\n[[energy]]\nname = "E"\nhours = "22-06"\nprice = 0.1\n',
    "quarters, one each hour": '[[power]]\nname = "P"\nprice = 61.7\npeaks = 4\nminutes = 15\none_per = "hour"\n',
    "rolling hours of days": '[[power]]\nname = "P"\nprice = 10\npeaks = 3\nrolling = true\none_per = "day"\n',
    "weeks, weighted": '[[power]]\nname = "P"\nprice = 10\npeaks = 3\none_per = "week"\nweigh_by = "monday"\n'
    "weights = [{ factor = 0.7, months = [2, 3, 9, 11] }]\n",
    "each week": '[[power]]\nname = "P"\nprice = 7\nbilling = "each"\none_per = "week"\ndays = "days off"\n',
    "more peaks than days": '[[power]]\nname = "P"\nprice = 7\npeaks = 40\none_per = "day"\nfewer = "count"\n',
    "free power and a base": '[[power]]\nname = "P"\nprice = 7\nbase = 33.3\npeaks = 2\ndeduct = 4\nper = "year"\n',
    "components together": '[[power]]\nname = "P"\nprice = 3\n[[power.component]]\nhours = "06-22"\nfactor = 0.25\n'
    '[[power.component]]\nname = "n"\nhours = ["22-06", "12-13"]\npeaks = 5\none_per = "day"\n',
    "support and a cap": '[[support]]\nname = "S"\nscheme = "norgespris"\nthreshold = 0.4\ncap = 700\n'
    '[[energy]]\nname = "E"\nspot = 1.03\nprice = 0.02\nspot_by = "hour"\nvat = 12\n',
    "sold by season": '[[export]]\nname = "X"\nrates = [{ months = "11-3", spot = 1, price = -0.031 }, '
    '{ days = "weekend", price = 0.4 }]\n[[fixed]]\nname = "F"\nper = "year"\nyear_by = "days"\nprice = 999\n'
    '[[fixed]]\nname = "D"\nper = "day"\nprice = 1.111\nprices = "with VAT"\n',
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_bill_of_a_rule_is_that_of_the_second_way(rule: str, month: date) -> None:
    text, truth = HEAD + RULES[rule], know(month)
    assert first_way(text, truth, month) == naive_bill(text, truth.quarters, truth.spot, month)
