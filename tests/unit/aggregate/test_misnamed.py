"""Telegrams that are of another meter than their name says."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from hanlogger.aggregate import Aggregator
from hanlogger.aggregate.misnamed import OwnNumbers
from hanlogger.journal import Entry, Journal
from hanlogger.journal.model import AGGREGATION
from hanlogger.model import Frame, Meter
from tests.support.energy import at, telegram


def entries(*numbers: str, name: str = "flat1") -> list[Entry]:
    """A telegram for each number that its meter says of itself."""
    meter = Meter(name, clock_limit=None)
    found = []
    for place, number in enumerate(numbers):
        time = at("8:00") + timedelta(seconds=10 * place)
        more = f"0-0:96.1.1({number})\r\n" if number else ""
        found.append(Entry(Frame("p1", telegram(time, 1000 + place, more=more), time), meter))
    return found


def test_each_change_of_the_number_under_a_name_is_counted_and_the_first_is_told(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    journal.records.append(entries("70001111", "70001111", "", "70002222", "70002222", "70002222", "70001111"))
    Aggregator(journal, {}).catch_up()
    (said,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said.startswith("flat1: telegrams of another meter come: …2222, and …1111 before; ")
    assert journal.counters.get_all()["flat1"]["misnamed"] == 2


def test_telegrams_that_are_read_again_are_not_counted_again(journal: Journal) -> None:
    journal.records.append(entries("70001111", "70002222"))
    aggregator = Aggregator(journal, {})
    aggregator.catch_up()
    assert journal.redeliveries.request(AGGREGATION)
    assert aggregator.read_again()
    assert journal.counters.get_all()["flat1"]["misnamed"] == 1


def test_a_meter_that_sends_under_two_names_is_told_under_the_second() -> None:
    known = OwnNumbers()
    assert known.note("flat1", "70001111") == ""
    assert known.note("flat2", "70001111") == "its meter …1111 sends as flat1 too"
    assert known.note("flat2", "70001111") == known.note("flat1", "70001111") == ""


@pytest.mark.parametrize(
    ("name", "number", "told"),
    [
        ("70001111", "70001111", False),
        ("70001111", "735999289070001111", False),
        ("735999289070001111", "70001111", False),
        ("70001111", "3730303031313131", False),  # the same as the hex digits of its characters
        ("70001111", "70002222", True),
        ("70001111", "3730303032323232", True),
        ("7000111", "70002222", False),  # too short to be a number of a meter
        ("flat1", "70002222", False),
        ("70001111", "", False),
    ],
)
def test_a_name_that_is_a_number_is_compared_with_the_one_in_the_telegram(name: str, number: str, told: bool) -> None:
    assert OwnNumbers().note(name, number) == (f"its meter says that it is …{number[-4:]}" if told else "")
