"""Frames that are appended without waiting: nothing is given up but a frame that is at fault."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hanlogger.collect.appending import Appending
from hanlogger.journal import Entry, Journal
from tests.support.collecting import locked
from tests.support.journals import entries
from tests.support.waiting import until


class Made:
    """An appending, and what it told."""

    def __init__(self, journal: Journal) -> None:
        self.faulty, self.recorded = list[Entry](), list[Entry]()
        self.appending = Appending(journal, (), threading.Event(), self.faulty.append, self.recorded.extend)


@pytest.fixture
def made(journal: Journal) -> Iterator[Made]:
    yield Made(journal)


def test_the_ids_of_what_was_added_are_told_once_it_is_durable(made: Made, journal: Journal) -> None:
    assert made.appending.finish(1) == (0, 0)
    made.appending.add(entries(*range(1200)))  # several transactions
    ids = until(lambda: made.appending.finish(1))
    assert ids == (1, 1200)
    assert journal.records.count_frames() == len(made.recorded) == 1200
    assert journal.counters.get_all()["home"]["frames"] == 1200
    made.appending.add(entries(1200))
    assert made.appending.finish(20) == (1201, 1201)
    assert made.appending.finish(1) == (0, 0)


def test_a_journal_that_is_busy_is_waited_for_and_gets_everything_once(made: Made, journal: Journal) -> None:
    with locked(journal.path):
        made.appending.add(entries(0, 1))
        assert made.appending.finish(0.05) is None
        assert made.appending.trouble
    until(lambda: made.appending.finish(1))
    assert journal.records.count_frames() == 2
    assert made.appending.trouble == ""


def test_what_the_journal_has_failed_to_take_is_given_to_it_once_more(made: Made, journal: Journal) -> None:
    with locked(journal.path):
        made.appending.add(entries(0, 1))
        until(lambda: made.appending.finish(0.05) or "journal.sqlite3" in made.appending.trouble, "it fails")
    until(lambda: made.appending.finish(1))
    assert journal.records.count_frames() == 2


def test_a_frame_at_fault_costs_itself_alone(made: Made, journal: Journal) -> None:
    wrong: Any = b"a text that no column takes".decode
    fine = entries(*range(5))
    faulty = fine[2]._replace(frame=fine[2].frame._replace(data=wrong))
    made.appending.add([*fine[:2], faulty, *fine[3:]])
    ids = until(lambda: made.appending.finish(5))
    assert ids == (1, 4)
    assert made.faulty == [faulty]
    assert journal.records.count_frames() == 4
    made.appending.add(entries(*range(5, 700)))
    assert until(lambda: made.appending.finish(5)) == (5, 699)
