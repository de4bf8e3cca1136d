"""What all destinations have been served with: up to their lowest cursor, less what is sent once more."""

from __future__ import annotations

import pytest

from hanlogger.journal import Journal, Outcome
from hanlogger.journal.destinations import Served
from tests.support.journals import append


@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        (1, 3, True),
        (1, 4, False),
        (4, 6, False),
        (6, 7, False),
        (7, 9, True),
        (5, 5, False),
        (9, 10, True),
        (9, 11, False),
    ],
)
def test_records_are_covered_up_to_the_cursor_and_outside_what_is_sent_once_more(
    first: int, last: int, covered: bool
) -> None:
    assert Served(10, ((4, 6),)).covers(first, last) is covered


def test_the_destination_that_is_furthest_behind_counts_and_the_redeliveries_of_all(journal: Journal) -> None:
    append(journal, 9)
    journal.destinations.settle("a", Outcome(9))
    journal.destinations.settle("b", Outcome(5))
    assert journal.destinations.get_served(("a", "b")) == Served(5, ())
    assert journal.destinations.get_served(("a", "new")) == Served(0, ())
    assert journal.destinations.get_served(()) == Served(0, ())
    journal.destinations.set_aside("a", 8, 9)
    journal.destinations.settle("b", Outcome(9))
    served = journal.destinations.get_served(("a", "b"))
    assert [served.covers(*ids) for ids in ((1, 7), (7, 8), (9, 9), (8, 10))] == [True, False, False, False]
