"""What energy costs, worked by hand; the numbers are those of the cases in docs/tariffs.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from hanlogger.intervals import Span
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.energy import Charge, charge_all
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.spot import SpotPrices
from tests.support.tariffing import HEAD, at, every, hours, tariff

NET = HEAD.replace("with VAT", "without VAT")
NORWAY = NET.replace("SEK", "NOK") + 'zone = "Europe/Oslo"\n'
NOON = at("2026-11-02 12:00")
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def one(imported: str, exported: str = "0", length: timedelta = QUARTER) -> list[Span]:
    return [Span(NOON, NOON + length, Decimal(imported) * 1000, Decimal(exported) * 1000, "measured")]


def charges(rule: Tariff, spans: list[Span], prices: Mapping[datetime, Decimal]) -> list[Charge]:
    return list(charge_all(rule, spans, SpotPrices(prices)))


def cost(rule: Tariff, spans: list[Span], prices: Mapping[datetime, Decimal]) -> Fraction:
    amounts = [charge.amount for charge in charges(rule, spans, prices)]
    assert None not in amounts
    return sum((amount for amount in amounts if amount is not None), Fraction(0))


SWEDEN = """
customer = {{ region = "{region}" }}
[[energy]]
name = "Spot price"
spot = 1
price = 0.05
[[energy]]
name = "Transfer"
price = 0.20
[[energy]]
name = "Energy tax"
price_by = {{ region = {{ south = 0.36, north = 0.264 }} }}
"""


@pytest.mark.parametrize(("region", "expected"), [("south", "1.696875"), ("north", "1.606875")])
def test_case_c1_bought_energy_in_sweden_and_in_its_north(region: str, expected: str) -> None:
    rule = tariff(SWEDEN.format(region=region), NET)
    assert cost(rule, one("0.75"), {NOON: Decimal("1.20")}) == Fraction(expected)


def test_case_c2_sold_energy_is_income_without_tax() -> None:
    rule = tariff(
        '[[export]]\nname = "Sold"\nspot = 1\nprice = -0.02\n[[export]]\nname = "Nätnytta"\nprice = 0.05\n', NET
    )
    assert cost(rule, one("0", "0.40"), {NOON: Decimal("0.50")}) == Fraction("-0.212")


NETWORK = """
[[energy]]
name = "Spot price"
spot = 1
price = 0.04
[[energy]]
name = "Network"
price = 0.3712
[[support]]
name = "Support"
"""
STROMSTOTTE = NETWORK + 'scheme = "stromstotte"\nthreshold = 0.77\nshare = 0.9\ncap = 5000\n'
NORGESPRIS = NETWORK + 'scheme = "norgespris"\nthreshold = 0.40\ncap = 5000\n'


@pytest.mark.parametrize(("text", "expected"), [(STROMSTOTTE, "3.1355"), (NORGESPRIS, "2.028")])
def test_case_c3_and_c4_support_in_norway(text: str, expected: str) -> None:
    assert cost(tariff(text, NORWAY), one("2", length=HOUR), {NOON: Decimal("1.50")}) == Fraction(expected)


def test_support_is_by_the_mean_price_of_the_hour_and_norgespris_goes_either_way() -> None:
    quarters = {NOON + number * QUARTER: Decimal(price) for number, price in enumerate(["0.1", "0.2", "0.3", "0.2"])}
    rule = tariff(NORGESPRIS, NORWAY)
    (spot, _, support) = charges(rule, one("1"), quarters)
    assert (spot.amount, support.amount) == (Fraction("0.175"), Fraction("0.25"))  # (0.2 - 0.4) × 1.25, to be paid
    assert charges(tariff(STROMSTOTTE, NORWAY), one("1"), quarters)[2].amount == 0


C6 = """
[[energy]]
name = "Energy"
rates = [{ name = "day", hours = "06-22", price = 0.35963 }, { name = "night", price = 0.23738 }]
[[energy]]
name = "Tax"
price = 0.15662
[[energy]]
name = "Enova"
price = 0.0125
[[power]]
name = "Capacity"
billing = "steps"
peaks = 3
one_per = "day"
hours = "10-11"
steps = [{ from = 0, price = 155 }, { from = 2, price = 250 }, { from = 5, price = 415 }, { from = 10, price = 600 }]
"""


def test_case_c6_and_c10_the_sum_is_that_of_the_rounded_lines() -> None:
    """A real bill, by lines that have its quantities; its support was of a part of the energy."""
    day, night, support = Decimal("709.157"), Decimal("765.349"), Decimal("933.128")
    rule = tariff(C6)
    peaks = {"2025-11-03 10:00": "6.776", "2025-11-04 10:00": "5.451", "2025-11-05 10:00": "5.434"}
    spans = hours("2025-11-01", "2025-12-01", "0", peaks)
    rest = {at("2025-11-06 12:00"): day - Decimal("17.661"), at("2025-11-06 23:00"): night}
    spans = [
        span._replace(imported=rest.get(span.start, (span.imported or Decimal(0)) / 1000) * 1000) for span in spans
    ]
    bill = make_bill([rule], spans, {}, date(2025, 11, 1))
    amounts = {line.name: line.amount for line in bill.lines}
    assert amounts == {
        "Energy: day": Decimal("255.03"),
        "Energy: night": Decimal("181.68"),
        "Tax": Decimal("230.94"),
        "Enova": Decimal("18.43"),
        "Capacity": Decimal("415.00"),
    }
    given = support * Decimal("0.43381")
    assert (bill.total or 0) - given.quantize(Decimal("0.01")) == Decimal("696.28")
    assert round(bill.powers[0].kw, 3) == Fraction("5.887")


def test_case_c8_an_hour_in_which_the_cap_is_reached_is_split() -> None:
    rule = tariff(
        '[[energy]]\nname = "Spot"\nspot = 1\n[[support]]\nname = "Norgespris"\nscheme = "norgespris"\n'
        "threshold = 0.40\ncap = 5000\n",
        NORWAY,
    )
    before = Span(NOON - HOUR, NOON, Decimal(4_999_000), None, "measured")
    prices = {NOON - HOUR: Decimal("0.40"), NOON: Decimal("1.50")}
    found = charges(rule, [before, *one("3", length=HOUR)], prices)
    assert sum(charge.amount or 0 for charge in found if charge.start == NOON) == Fraction("4.25")


def test_the_cap_is_of_each_month() -> None:
    rule = tariff('[[support]]\nname = "N"\nscheme = "norgespris"\nthreshold = 0\ncap = 5\nvat = 0\n', NORWAY)
    spans = hours("2026-11-30 22:00", "2026-12-01 02:00", "4", {})
    prices = {span.start: Decimal(1) for span in spans}
    assert [charge.kwh for charge in charges(rule, spans, prices)] == [4, 1, 4, 1]


@pytest.mark.parametrize(
    ("keys", "amount"),
    [
        ('per = "year"\nprice = 3600', "300.00"),
        ('per = "year"\nprice = 3600\nyear_by = "days"', "305.75"),
        ('per = "month"\nprice = 185', "185.00"),
        ('per = "day"\nprice = 2.5', "77.50"),
    ],
)
def test_case_c9_a_years_fee_is_by_the_month_or_by_the_day(keys: str, amount: str) -> None:
    rule = tariff(f'[[fixed]]\nname = "Fee"\n{keys}\n')
    (line,) = make_bill([rule], [], {}, date(2027, 1, 1)).lines
    assert line.amount == Decimal(amount)


def test_a_month_in_which_a_fee_is_valid_in_part_is_charged_by_its_days() -> None:
    rule = tariff('[[fixed]]\nname = "Fee"\nprice = 310\n', HEAD + "valid_from = 2027-01-11\n")
    (line,) = make_bill([rule], [], {}, date(2027, 1, 1)).lines
    assert (line.amount, line.how.en) == (Decimal("210.00"), "310 a month, valid 21 of 31 days")


# --- what is not known


FLAT_AND_SPOT = '[[energy]]\nname = "Flat"\nprice = 1\n[[energy]]\nname = "Spot"\nspot = 1\n'


def test_a_missing_price_leaves_the_sum_unknown_and_says_where() -> None:
    spans = hours("2027-02-01", "2027-03-01", "1", {})
    prices = {span.start: Decimal(1) for span in spans if span.start != at("2027-02-03 04:00")}
    bill = make_bill([tariff(FLAT_AND_SPOT, NET + "vat = 0\n")], spans, prices, date(2027, 2, 1))
    flat, spot = bill.lines
    assert (flat.amount, flat.quality) == (Decimal(672), "measured")
    assert (spot.amount, spot.known, spot.quality) == (None, Decimal(671), "unknown")
    assert "without 1 kWh whose price is missing, first at 2027-02-03 03:00 UTC" in spot.how.en
    assert (bill.total, bill.known) == (None, Decimal(1343))


def test_a_gap_over_several_prices_costs_at_least_the_lowest_and_over_one_price_exactly() -> None:
    spans = hours("2027-02-01", "2027-03-01", "1", {})
    start, end = at("2027-02-03 04:00"), at("2027-02-03 07:00")
    kept = [span for span in spans if not start <= span.start < end]
    prices = {span.start: Decimal(1) for span in spans} | {start: Decimal("0.5")}
    gap = Span(start, end, Decimal(3000), None, "bounded")
    bill = make_bill([tariff(FLAT_AND_SPOT, NET + "vat = 0\n")], [*kept, gap], prices, date(2027, 2, 1))
    assert [(line.name, line.amount, line.quality) for line in bill.lines] == [
        ("Flat", Decimal(672), "measured"),
        ("Spot", Decimal(669), "measured"),
        ("Spot: time unknown", Decimal("1.5"), "at least"),
    ]
    assert (bill.total, bill.quality) == (Decimal("1342.5"), "at least")


def test_energy_that_is_not_known_leaves_its_lines_incomplete() -> None:
    spans = hours("2027-02-01", "2027-02-11", "1", {})
    bill = make_bill([tariff(FLAT_AND_SPOT)], spans, {span.start: Decimal(1) for span in spans}, date(2027, 2, 1))
    assert {line.quality for line in bill.lines} == {"incomplete"}
    assert bill.missing == ((at("2027-02-11"), at("2027-03-01")),)
    now = make_bill([tariff(FLAT_AND_SPOT)], spans, {}, date(2027, 2, 1), until=at("2027-02-11"))
    assert (now.lines[0].quality, now.missing) == ("measured", ())


def test_a_month_without_any_energy_has_incomplete_lines_and_no_silence() -> None:
    bill = make_bill([tariff(FLAT_AND_SPOT)], [], {}, date(2027, 2, 1))
    assert [(line.name, line.quality) for line in bill.lines] == [("Flat", "incomplete"), ("Spot", "incomplete")]


def test_a_gap_across_the_end_of_a_month_costs_at_least_nothing_in_it() -> None:
    spans = hours("2027-02-01", "2027-02-28 22:00", "1", {})
    gap = Span(at("2027-02-28 22:00"), at("2027-03-01 04:00"), Decimal(6000), None, "bounded")
    bill = make_bill([tariff('[[energy]]\nname = "Flat"\nprice = 1\n')], [*spans, gap], {}, date(2027, 2, 1))
    assert [(line.name, line.amount, line.quality) for line in bill.lines] == [
        ("Flat", Decimal(670), "measured"),
        ("Flat: time unknown", Decimal(0), "at least"),
    ]


# --- prices


def series(*parts: tuple[str, timedelta, int]) -> dict[datetime, Decimal]:
    found: dict[datetime, Decimal] = {}
    for start, step, number in parts:
        for each in every(step, at(start), at(start) + number * step):
            found[each] = Decimal(len(found) + 1)
    return found


def test_hours_and_quarters_stand_in_one_series() -> None:
    prices = SpotPrices(series(("2025-09-30 22:00", HOUR, 2), ("2025-10-01 00:00", QUARTER, 8)))
    assert prices.find(at("2025-09-30 23:45")) == 2
    assert prices.find(at("2025-10-01 00:45")) == 6
    assert prices.find_mean(at("2025-10-01 00:30")) == Fraction("4.5")


@pytest.mark.parametrize("missing", ["00:15", "00:00", "01:45"])
def test_a_quarter_is_not_priced_with_the_price_of_another(missing: str) -> None:
    known = series(("2025-10-01 00:00", QUARTER, 8))
    del known[at(f"2025-10-01 {missing}")]
    prices = SpotPrices(known)
    assert prices.find(at(f"2025-10-01 {missing}")) is None
    assert prices.find_mean(at(f"2025-10-01 {missing}")) is None


def test_three_missing_quarters_do_not_make_an_hour_of_the_fourth() -> None:
    known = series(("2025-10-01 00:00", QUARTER, 12))
    for minute in ("15", "30", "45"):
        del known[at(f"2025-10-01 01:{minute}")]
    assert SpotPrices(known).find(at("2025-10-01 01:00")) is not None
    assert SpotPrices(known).find(at("2025-10-01 01:15")) is None


def test_a_gap_over_the_last_day_of_a_tariff_costs_at_least_nothing_in_it() -> None:
    rule = tariff('[[energy]]\nname = "Flat"\nprice = 1\n', HEAD + "valid_to = 2027-02-03\n")
    gap = Span(at("2027-02-02 22:00"), at("2027-02-03 00:15"), Decimal(6000), None, "bounded")
    (charge,) = charges(rule, [gap], {})
    assert [charge.amount, charge.quality] == [0, "at least"]


def test_time_of_which_only_a_part_is_known_is_missing() -> None:
    spans = hours("2027-02-01", "2027-03-01", "1", {})
    first, second = at("2027-02-03 04:00"), at("2027-02-05 04:00")
    spans = [
        span._replace(quality="partial") if span.start == first else
        span._replace(imported=None) if span.start == second else span
        for span in spans
    ]  # fmt: skip
    bill = make_bill([tariff('[[energy]]\nname = "Flat"\nprice = 1\n')], spans, {}, date(2027, 2, 1))
    assert bill.missing == ((first, first + HOUR), (second, second + HOUR))
    assert (bill.lines[0].known, bill.lines[0].quality) == (Decimal(671), "incomplete")
