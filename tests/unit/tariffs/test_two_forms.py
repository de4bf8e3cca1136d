"""A tariff written by hand and the same as an answer of an Eltariff API are the same bill, whatever is used."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger.intervals import Span
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.model import Tariff
from tests.support.eltariffs import active, change, price, read, recurring
from tests.support.eltariffs import settings as peaks_of
from tests.support.tariffing import at, tariff

HEAD = """
name = "Villa 20 A"
currency = "SEK"
part = "grid"
prices = "without VAT"
source = "test"
source_date = 2026-11-20
valid_from = 2027-01-01
valid_to = 2028-01-01
days_off = [2027-01-01, 2027-01-06, 2027-03-26, 2027-03-29]
[[fixed]]
name = "Abonnemang"
price = 2880
per = "year"
[[energy]]
name = "Överföring"
price = 0.2
"""
QUARTER = timedelta(minutes=15)
PEAK = "powerPrice.components.0"


class Days(NamedTuple):
    """The same days in both forms."""

    include: list[str]
    exclude: list[str]
    own: str


DAYS = (
    Days(["weekdays"], [], 'days = "mon-fri"'),
    Days(["weekdays"], ["holidays"], 'days = "workdays"'),
    Days(["weekends", "holidays"], [], 'days = "days off"'),
    Days(["weekdays", "weekends"], [], ""),
    Days(["weekdays", "weekends"], ["holidays"], 'holidays = "excluded"'),
    Days(["holidays"], [], 'days = "holidays"'),
    Days(["weekends"], ["holidays"], 'days = ["sat", "sun"]\nholidays = "excluded"'),
)
HOURS = (("07:00:00", "20:00:00", "07-20"), ("20:00:00", "00:00:00", "20-00"), ("06:30:00", "09:15:00", "06:30-09:15"))
PERIODS = (("P1D", "day"), ("PT1H", "hour"), ("P1W", "week"), ("P1M", "month"))


@st.composite
def both(draw: st.DrawFn) -> tuple[Tariff, Tariff]:
    days, (start, end, hours) = draw(st.sampled_from(DAYS)), draw(st.sampled_from(HOURS))
    (period, one_per), count = draw(st.sampled_from(PERIODS)), draw(st.integers(2, 4))
    duration, minutes = draw(st.sampled_from((("PT1H", 60), ("PT15M", 15))))
    net = draw(st.integers(1, 400))
    window = [recurring(active(start, end, days.include, days.exclude))]
    theirs = read(
        change(f"{PEAK}.price", price(net, net * 1.25)),
        change(f"{PEAK}.peakIdentificationSettings", peaks_of("peak(high)", period, duration, count)),
        change(f"{PEAK}.recurringPeriods", window),
        change("energyPrice.components.0.recurringPeriods", window),
    )
    when = f'hours = "{hours}"\n{days.own}\n'
    rule = f'peaks = {count}\none_per = "{one_per}"\nminutes = {minutes}\nvalid_to = 2027-04-01\n'
    return theirs, tariff(f'{when}[[power]]\nname = "Hög"\nprice = {net}\n{rule}{when}', HEAD)


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Spans of some quarters up to some hours each, over days with a holiday and a weekend, or a change of clocks."""
    first = at(draw(st.sampled_from(("2027-01-01", "2027-01-05", "2027-03-26"))))
    lengths = draw(st.lists(st.sampled_from((1, 1, 2, 4, 4, 4, 9, 40)), min_size=1, max_size=80))
    borders = [first]
    for length in lengths:
        borders.append(borders[-1] + length * QUARTER)
    energies = draw(st.lists(st.integers(0, 9000), min_size=len(lengths), max_size=len(lengths)))
    return [
        Span(start, end, Decimal(energy), Decimal(0), "measured")
        for (start, end), energy in zip(pairwise(borders), energies, strict=True)
    ]


def lines(rule: Tariff, energy: list[Span], month: date) -> list[tuple[Any, ...]]:
    return [
        (line.line, line.quantity, line.price, line.exact, line.quality)
        for line in make_bill([rule], energy, {}, month).lines
    ]


@given(both(), spans(), st.sampled_from((date(2027, 1, 1), date(2027, 3, 1), date(2027, 4, 1))))
@settings(max_examples=60, deadline=None)
def test_both_forms_give_the_same_bill(forms: tuple[Tariff, Tariff], energy: list[Span], month: date) -> None:
    theirs, own = forms
    assert theirs.deviations == ()
    assert lines(theirs, energy, month) == lines(own, energy, month)
