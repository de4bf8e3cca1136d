"""What holds of any energy and any rule, tried with many."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger.intervals import Span
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.pieces import cut
from hanlogger.tariffs.power import PowerCost, find_power_cost
from hanlogger.tariffs.running import find_fee_with, find_limit
from tests.support.tariffing import HEAD, at, every, power, tariff

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
MONTH = date(2026, 10, 1)
START, END = at("2026-10-23"), at("2026-10-26")  # the doubled hour is in between
STARTS = list(every(HOUR, START, END))
DAYS = HEAD + "valid_from = 2026-10-23\nvalid_to = 2026-10-26\n"

RULES = {
    "one hour": power("price = 7", DAYS),
    "three days": power('price = 7\npeaks = 3\none_per = "day"', DAYS),
    "three hours": power("price = 7\npeaks = 3", DAYS),
    "more than there are": power('price = 7\npeaks = 9\none_per = "day"', DAYS),
    "half nights": power('price = 7\npeaks = 3\none_per = "day"\nweights = [{ factor = 0.5, hours = "22-06" }]', DAYS),
    "window": power('price = 7\npeaks = 2\ndays = "workdays"\nhours = "07-20"', DAYS),
    "each": power('price = 7\nbilling = "each"\none_per = "day"', DAYS),
    "greater": power(
        'price = 7\ncombine = "max"\ncomponent = [{ hours = "06-22" }, { factor = 0.5, peaks = 2 }]', DAYS
    ),
    "sum": power('price = 7\ncomponent = [{ hours = "06-22" }, { deduct = 2, peaks = 2, one_per = "day" }]', DAYS),
    "weeks": power('price = 7\none_per = "week"\npeaks = 2', DAYS),
    "quarters": power('price = 7\nminutes = 15\npeaks = 3\none_per = "day"', DAYS),
    "rolling": power('price = 7\nrolling = true\npeaks = 2\none_per = "day"', DAYS),
    "steps": power(
        'billing = "steps"\npeaks = 2\n'
        "steps = [{ from = 0, price = 1 }, { from = 3, price = 2 }, { from = 5, price = 9 }]",
        DAYS,
    ),
}
kwh = st.lists(st.integers(0, 9), min_size=len(STARTS), max_size=len(STARTS))
rules = st.sampled_from(sorted(RULES))


def spans_of(hours: list[int]) -> list[Span]:
    return [
        Span(start, start + HOUR, Decimal(energy * 1000), Decimal(0), "measured")
        for start, energy in zip(STARTS, hours, strict=True)
    ]


def in_quarters(hours: list[int], seed: int) -> list[Span]:
    """The same energy, each hour's divided among its quarters by chance."""
    draw = random.Random(seed)
    found: list[Span] = []
    for start, energy in zip(STARTS, hours, strict=True):
        cuts = sorted(draw.randrange(energy * 1000 + 1) for _ in range(3))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, energy * 1000], strict=True)]
        for number, wh in enumerate(parts):
            begin = start + number * QUARTER
            found.append(Span(begin, begin + QUARTER, Decimal(wh), Decimal(0), "measured"))
    return found


def cost(rule: Tariff, spans: list[Span]) -> PowerCost:
    found = find_power_cost(rule.power[0], rule, spans, MONTH)
    assert found is not None
    return found


@settings(max_examples=50)
@given(kwh, st.integers(0, 99))
def test_the_sum_of_the_hours_is_the_difference_of_the_registers(hours: list[int], seed: int) -> None:
    pieces = cut(in_quarters(hours, seed), 60)
    assert sum(piece.wh for piece in pieces.known) == sum(hours) * 1000
    assert not pieces.blocks
    assert not pieces.incomplete


@settings(max_examples=50)
@given(kwh)
def test_one_hour_is_one_day(hours: list[int]) -> None:
    one_day = power('price = 7\none_per = "day"', DAYS)
    assert cost(RULES["one hour"], spans_of(hours)).fee == cost(one_day, spans_of(hours)).fee


@settings(max_examples=50)
@given(kwh)
def test_the_mean_of_days_is_not_above_that_of_hours(hours: list[int]) -> None:
    assert cost(RULES["three days"], spans_of(hours)).kw <= cost(RULES["three hours"], spans_of(hours)).kw


@settings(max_examples=50)
@given(rules, kwh, st.integers(0, len(STARTS) - 1), st.integers(0, 99))
def test_raising_one_hour_never_lowers_a_fee(rule: str, hours: list[int], which: int, seed: int) -> None:
    raised = [*hours[:which], hours[which] + 1, *hours[which + 1 :]]
    before, after = spans_of(hours), spans_of(raised)
    assert cost(RULES[rule], before).fee <= cost(RULES[rule], after).fee


@settings(max_examples=50)
@given(rules, kwh, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(rule: str, hours: list[int], draw: random.Random) -> None:
    spans = in_quarters(hours, 1)
    shuffled = draw.sample(spans, len(spans))
    assert cost(RULES[rule], shuffled) == cost(RULES[rule], spans)


def hidden(spans: list[Span], first: int, number: int, *, told: bool) -> list[Span]:
    """The spans with a gap, over which the sum is known where it is told."""
    gone = spans[first : first + number]
    imported = sum((span.imported or Decimal(0) for span in gone), Decimal(0))
    gap = [Span(gone[0].start, gone[-1].end, imported, Decimal(0), "bounded")] if told and gone else []
    return [*spans[:first], *gap, *spans[first + number :]]


gaps = st.tuples(st.integers(0, 280), st.integers(1, 120), st.booleans())


@settings(max_examples=150)
@given(rules, kwh, st.integers(0, 99), st.lists(gaps, max_size=3))
def test_over_gaps_a_fee_is_never_more_than_it_turns_out_to_be(
    rule: str, hours: list[int], seed: int, several: list[tuple[int, int, bool]]
) -> None:
    truth = in_quarters(hours, seed)
    known = truth
    for first, number, told in several:
        known = hidden(known, first, number, told=told)
    found, right = cost(RULES[rule], known), cost(RULES[rule], truth)
    assert found.fee <= right.fee
    assert found.quality == "at least" or found.fee == right.fee


@settings(max_examples=50)
@given(rules, kwh, st.integers(0, 99), gaps)
def test_a_gap_that_is_filled_later_leaves_no_trace(
    rule: str, hours: list[int], seed: int, gap: tuple[int, int, bool]
) -> None:
    truth = in_quarters(hours, seed)
    kept = hidden(truth, gap[0], gap[1], told=False)
    late = [span for span in truth if span not in kept]
    assert cost(RULES[rule], [*kept, *late]) == cost(RULES[rule], truth)


@settings(max_examples=50)
@given(rules, kwh, st.integers(0, len(STARTS) - 1))
def test_the_limit_leaves_the_fee_as_it_is_and_what_is_above_raises_it(rule: str, hours: list[int], now: int) -> None:
    so_far = find_power_cost(RULES[rule].power[0], RULES[rule], spans_of(hours)[:now], MONTH, STARTS[now])
    if so_far is None:
        return
    for number in range(len(so_far.peaks)):
        limit = find_limit(so_far, number, STARTS[now])
        if limit is None:
            continue
        below = limit - Fraction(1, 1000) if rule == "steps" else limit
        assert find_fee_with(so_far, number, STARTS[now], below) <= so_far.fee
        assert find_fee_with(so_far, number, STARTS[now], limit + Fraction(1, 1000)) > so_far.fee


LINES = tariff(
    '[[energy]]\nname = "Spot"\nspot = 1.1\nprice = 0.05\n'
    '[[energy]]\nname = "Transfer"\nrates = [{ price = 0.7, days = "workdays", hours = "06-22" }, { price = 0.3 }]\n'
    '[[energy]]\nname = "Tax"\nprice = 0.45\n'
    '[[export]]\nname = "Sold"\nspot = 1\nprice = -0.02\n',
    DAYS,
)


@settings(max_examples=50)
@given(kwh, st.integers(0, 99), st.lists(st.tuples(st.integers(0, 280), st.integers(1, 120)), max_size=2))
def test_over_gaps_energy_never_costs_more_than_it_turns_out_to_cost(
    hours: list[int], seed: int, several: list[tuple[int, int]]
) -> None:
    draw = random.Random(seed)
    prices = {start: Decimal(draw.randrange(-500, 3000)).scaleb(-3) for start in every(QUARTER, START, END)}
    truth = in_quarters(hours, seed)
    known = truth
    for first, number in several:
        known = hidden(known, first, number, told=True)
    found, right = by_line(known, prices), by_line(truth, prices)
    for name, (exact, quality) in found.items():
        assert exact <= right[name][0]
        assert quality == "at least" or exact == right[name][0]
    assert found["Tax"][1] == "measured"


def by_line(spans: list[Span], prices: Mapping[datetime, Decimal]) -> dict[str, tuple[Fraction, str]]:
    found: dict[str, tuple[Fraction, str]] = {}
    for line in make_bill([LINES], spans, prices, MONTH).lines:
        exact, quality = found.get(line.line, (Fraction(0), "measured"))
        found[line.line] = (exact + line.exact, line.quality if line.quality != "measured" else quality)
    return found


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_fee(rule: str) -> None:
    assert cost(RULES[rule], spans_of([3] * len(STARTS))).fee > 0
