"""The words for a tariff: both languages say the same, of every example and of every key."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import hanlogger.tariffs
from hanlogger.language import Text
from hanlogger.tariffs.days_off import DaysOff
from hanlogger.tariffs.describe import describe
from hanlogger.tariffs.phrases import say_days_off, say_months, say_when
from hanlogger.tariffs.windows import Window
from tests.support.tariffing import HEAD, power, tariff


def texts() -> list[Text]:
    found: list[Text] = []
    for module in pkgutil.iter_modules(hanlogger.tariffs.__path__):
        for value in vars(importlib.import_module(f"hanlogger.tariffs.{module.name}")).values():
            several = value.values() if isinstance(value, dict) else value if type(value) is tuple else [value]
            found += [each for each in several if isinstance(each, Text)]
    return found


def test_both_languages_have_the_same_values_in_them() -> None:
    assert len(texts()) > 80
    for text in texts():
        assert sorted(re.findall(r"\{\w+\}", text.en)) == sorted(re.findall(r"\{\w+\}", text.sv)), text


def words(rule: str, head: str = HEAD) -> str:
    said = [text.en for section in describe(power(rule, head)) for text in section.sentences]
    return " ".join(said)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("price = 1", "Taken is the greatest of the month."),
        ("price = 1\nminutes = 15", "the mean power of each quarter of an hour"),
        ("price = 1\nrolling = true", "each hour, which may begin at any quarter"),
        ("price = 1\npeaks = 3", "the mean of the 3 greatest of the month, which may be of one day"),
        ('price = 1\npeaks = 3\none_per = "day"\nfewer = "count"', "their sum is divided by 3 all the same"),
        ('price = 1\nbilling = "each"\none_per = "day"', "1 SEK for each kW of each such peak (25 % VAT is in it)"),
        ('price = 1\nper = "year"', "A month is a twelfth of it."),
        ('price = 1\nover = "mean of 12 months"\nfloor = 2.5', "the last 12 months, each of them at least 2.5 kW"),
        ('price = 1\nover = "12 months"\npeaks = 5\none_per = "week"', "of the last 12 months, each of another week"),
        ("price = 1\nbase = 7.50", "To that 7.50 SEK a month"),
        ("price = 1\ndeduct = 4\nfactor = 0.5", "4 kW of it are free. It counts × 0.5."),
        ('price = 1\ndirection = "export"', "It is the power that you sell."),
        ('price = 1\npart_month = "days"', "In a month in which it is valid in part, by its days."),
        ('price = 1\ntime = "standard"', "Its hours are in standard time all year."),
        ('price = 1\nvalid_from = 2027-01-01\nvalid_to = 2027-04-01', "Valid from 2027-01-01 to 2027-03-31 inclusive."),
        ('rates = [{ price = 43, months = "11-3" }, { price = 22 }]', "43 SEK for each kW and month in November to"),
        ('rates = [{ price = 43, months = "11-3" }, { price = 22 }]', "22 SEK for each kW and month in all other"),
        ('billing = "steps"\nsteps = [{ from = 0, price = 9 }, { from = 2, price = 10 }]', "From 2 kW: 10 SEK a month"),
        ('billing = "steps"\nequal = "lower"\nsteps = [{ from = 0, price = 9 }]', "at a threshold: the lower step."),
        ('price = 1\nweights = [{ factor = 0.5, hours = "22-06" }]', "from 22:00 to 06:00: counts × 0.5"),
        ('price = 1\nweigh_by = "monday"', "A week counts as its Monday does."),
        ('price = 1\ncombine = "max"\ncomponent = [{ name = "a" }, { name = "b" }]', "The fee is for the greatest of"),
        ('price = 1\nvat = 0', "1 SEK for each kW and month (no VAT)."),
        ('price = 1\nprices = "without VAT"\nvat = 12', "(12 % VAT is added)"),
        ('price = 1\ndays = "workdays"', "Days off: the public holidays of Sweden."),
    ],
)  # fmt: skip
def test_every_part_of_a_rule_is_said(rule: str, said: str) -> None:
    assert said in words(rule)


def test_a_price_of_the_month_is_said_with_the_months_that_are_known() -> None:
    prices = '{ "2026-11" = 0.7, "2026-10" = 0.5 }'
    line = tariff(f'[[energy]]\nname = "E"\nspot = 1\nspot_by = "month"\nmonth_prices = {prices}')
    texts = describe(line)[1].sentences
    assert [text.en for text in texts][
        1
    ] == "The spot price is the seller's own of the month, known for 2026-10, 2026-11."
    assert "känt för 2026-10, 2026-11" in texts[1].sv


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (Window(), "at all times"),
        (Window(months=frozenset({11, 12, 1, 2, 3})), "in November to March"),
        (Window(months=frozenset({1, 4, 5, 12})), "in April to May and December to January"),
        (Window(months=frozenset(range(1, 13))), "in January to December"),
        (Window(weekdays=frozenset({1, 2, 3, 4, 5})), "Monday to Friday, days off too"),
        (Window(weekdays=frozenset({1, 3}), holidays="excluded"), "Monday and Wednesday, but not on days off"),
        (Window(weekdays=frozenset({6, 7}), holidays="included"), "Saturday to Sunday and days off"),
        (Window(holidays="excluded"), "every day, but not on days off"),
        (Window(holidays="only"), "on days off"),
        (Window(hours=((390, 555), (960, 1200))), "from 06:30 to 09:15 and from 16:00 to 20:00"),
    ],
)
def test_a_window_is_said(window: Window, said: str) -> None:
    assert say_when((window,)).en == said


def test_several_windows_are_said_one_after_the_other() -> None:
    windows = (Window(months=frozenset({1})), Window(hours=((0, 60),)))
    assert say_when(windows) == Text("in January or from 00:00 to 01:00", "i januari eller från 00:00 till 01:00")


def test_days_off_are_said_by_their_names() -> None:
    said = say_days_off(DaysOff(("NO", "12-24", "easter-2", "easter+3", "2026-05-15", "not 05-01")))
    assert said.en == (
        "the public holidays of Norway, 24 December, Good Friday, Easter Sunday +3 d, 2026-05-15 and but not 1 May"
    )
    assert "långfredagen" in said.sv


def test_months_go_over_the_end_of_the_year() -> None:
    assert say_months(frozenset({12, 1})).sv == "december till januari"


def test_energy_sold_energy_and_support_are_said() -> None:
    rule = tariff(
        '[[fixed]]\nname = "F"\nper = "year"\nyear_by = "days"\nprice = 3600\n'
        '[[energy]]\nname = "E"\nspot = 0.0686\nprice = 0.05\nspot_by = "hour"\n'
        '[[export]]\nname = "X"\nspot = 1\nprice = -0.02\n'
        '[[support]]\nname = "S"\nscheme = "norgespris"\nthreshold = 0.50\ncap = 5000\n'
    )
    fixed, energy, sold, support = [[text.en for text in section.sentences] for section in describe(rule)[1:]]
    assert fixed == ["3600 SEK a year, by the days of the month (25 % VAT is in it)."]
    assert energy[0] == "6.86 % of the spot price and 0.05 SEK for each kWh (25 % VAT is in it)."
    assert energy[1] == "The spot price is the mean of the hour's."
    assert sold == ["The spot price less 0.02 SEK for each kWh (no VAT; paid to you)."]
    assert support[0].startswith("Each hour's spot price is replaced by 0.50 SEK for each kWh")
    assert support[1] == "Only for the first 5000 kWh of a month."
