"""Costs in words: what is known, what is not, and what the hour that runs may be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hanlogger.status.cost_words import describe_costs, describe_running
from hanlogger.status.costs import CostState
from tests.support.costing import COSTS, FEE, RUNNING


def test_a_month_is_told_with_its_fee_and_its_running_hour() -> None:
    month, fee = describe_costs(COSTS)
    assert month == "2026-01: 1 842.10 SEK so far"
    assert fee.startswith(
        "Power fee: 4.20 kW, 189.00 SEK; this hour 5.10 kW, which raises the fee by 13.50 SEK; 3.93 kW"
    )
    assert fee.endswith("keep it at 4.20 kW")


@pytest.mark.parametrize(
    ("quality", "told"),
    [("at least", "at least 1 842.10"), ("incomplete", "of what is known"), ("unknown", "and what has no price yet")],
)
def test_a_sum_that_is_not_whole_says_so(quality: str, told: str) -> None:
    assert told in next(describe_costs(replace(COSTS, quality=quality)))


def test_a_tariff_that_is_wrong_says_why_and_no_sum() -> None:
    assert list(describe_costs(CostState("", "", None, "unknown", words="grid.toml: wrong"))) == [
        "costs are not known: grid.toml: wrong"
    ]


def test_a_fee_of_a_gap_is_at_least_so_much() -> None:
    assert (
        "Power fee: at least 4.20 kW"
        in list(describe_costs(replace(COSTS, fees=(replace(FEE, quality="at least"),))))[1]
    )


def test_an_hour_that_is_over_its_limit_has_nothing_left_to_allow() -> None:
    words = describe_running(replace(RUNNING, least=Decimal("4.5"), allowed=Decimal(0)), "SEK")
    assert words == "this hour 5.10 kW, which raises the fee by 13.50 SEK"


def test_an_hour_that_no_power_can_make_dearer_says_its_forecast_alone() -> None:
    assert describe_running(replace(RUNNING, limit=None, allowed=None, extra=Decimal(0)), "SEK") == "this hour 5.10 kW"


def test_an_hour_within_its_limit_raises_nothing() -> None:
    assert "raises" not in describe_running(replace(RUNNING, extra=Decimal(0)), "SEK")


def test_a_quarter_and_a_beginning_that_is_not_known_are_told() -> None:
    quarter = replace(RUNNING, end=RUNNING.start.replace(minute=15), quality="at least")
    assert describe_running(quarter, "SEK").startswith("this quarter at least 5.10 kW")
