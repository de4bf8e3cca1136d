"""Sums of a month are those of its charges, one by one, whatever spans there are and whatever is not known."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from hanlogger.intervals import Quality, Span
from hanlogger.tariffs.energy import charge_all
from hanlogger.tariffs.spot import SpotPrices
from hanlogger.tariffs.sums import sum_charges
from tests.support.tariffing import HOUR, QUARTER, at, every, tariff

RULE = tariff(
    '[[energy]]\nname = "Transfer"\nrates = [{ hours = "06-22", price = 0.61 }, { days = "weekend", price = 0.2 }]\n'
    '[[energy]]\nname = "Spot"\nspot = 1\nprice = 0.06\n[[export]]\nname = "Sold"\nspot = 1\nprice = -0.02\n'
    '[[energy]]\nname = "Later"\nprice = 0.1\nvalid_from = 2026-10-24\n'
    '[[support]]\nname = "Support"\nscheme = "norgespris"\nthreshold = 0.4\ncap = 30\n'
)
START, END = at("2026-10-23"), at("2026-10-27")  # the doubled hour is in between
PIECE = timedelta(minutes=5)
KINDS: list[tuple[timedelta, Quality]] = [
    (QUARTER, "measured"),
    (HOUR, "measured"),
    (9 * QUARTER, "bounded"),
    (QUARTER, "partial"),
]


def draw_energy(chance: random.Random) -> Decimal | None:
    return chance.choice([None, Decimal(0), *[Decimal(chance.randrange(5000))] * 6])


def draw_spans(chance: random.Random) -> list[Span]:
    """Quarters, hours, gaps, and pieces of which some are as long as a quarter."""
    spans, now = [], START
    while now < END:
        length, quality = chance.choices(KINDS, (6, 1, 1, 1))[0]
        begin, end = (now + PIECE, now + PIECE + length) if quality == "partial" else (now, now + length)
        imported, exported = (draw_energy(chance) for _ in range(2))
        spans.append(Span(begin, end, imported, exported, quality))
        now += 2 * QUARTER if quality == "partial" else length
    return spans


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_those_of_all_charges(seed: int) -> None:
    chance = random.Random(seed)
    spans = draw_spans(chance)
    known = {each: Decimal(chance.randrange(-300, 9000)) / 1000 for each in every(QUARTER, START, END + 3 * HOUR)}
    prices = SpotPrices({each: price for each, price in known.items() if chance.random() < 0.95})
    month = RULE.clock.find_month(date(2026, 10, 1))
    charges = list(charge_all(RULE, spans, prices, month))
    for line, sums in sum_charges(RULE, spans, prices, month):
        mine = [charge for charge in charges if charge.line is line]
        assert mine
        assert set(sums) == {charge.unit.rate if charge.unit else None for charge in mine}
        for rate, found in sums.items():
            those = [each for each in mine if (each.unit.rate if each.unit else None) == rate]
            unknown = [each for each in those if each.quality == "unknown"]
            assert found.wh == sum(each.wh for each in those)
            assert found.unknown == sum(each.wh for each in unknown)
            assert found.first_unknown == (unknown[0].start if unknown else None)
            assert found.qualities == {each.quality for each in those}
            assert found.amount == sum((each.amount or Fraction(0) for each in those), Fraction(0))
