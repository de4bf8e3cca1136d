"""How far each destination is, and what waits for it."""

from __future__ import annotations

from pathlib import Path

from hanlogger.journal import Journal, Waiting
from tests.support.journals import SECOND, START, append, sent_again

DB = "influxdb"


def test_a_new_destination_gets_everything_kept(journal: Journal) -> None:
    append(journal, 3)
    assert journal.destinations.get_cursor("another") == 0
    assert journal.destinations.count_waiting("another") == Waiting(3, START)


def test_a_cursor_is_remembered_for_each_destination(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 5)
        journal.destinations.confirm("one", 5)
        journal.destinations.confirm("two", 2)
    with Journal.open(path) as journal:
        assert (journal.destinations.get_cursor("one"), journal.destinations.get_cursor("two")) == (5, 2)
        assert journal.destinations.count_waiting("two") == Waiting(3, START + 2 * SECOND)
        assert journal.destinations.count_waiting("one") == Waiting(0, None)


def test_a_cursor_never_goes_back(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.confirm(DB, 5)
    journal.destinations.confirm(DB, 3)
    assert journal.destinations.get_cursor(DB) == 5


def test_health_waits_too_but_is_no_frame(journal: Journal) -> None:
    append(journal, 1)
    journal.records.append_health({"": {"age": 1}}, START)
    assert journal.destinations.count_waiting(DB).frames == 1


def test_what_waits_is_counted_the_same_near_and_far(journal: Journal) -> None:
    append(journal, 6000)
    assert journal.destinations.count_waiting(DB) == Waiting(6000, START)
    journal.destinations.confirm(DB, 10)
    assert journal.destinations.count_waiting(DB) == Waiting(5990, START + 10 * SECOND)


def test_what_is_set_aside_does_not_hold_up_the_cursor_and_still_waits(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.set_aside(DB, 2, 4)
    assert journal.destinations.get_cursor(DB) == 4
    assert journal.destinations.count_waiting(DB) == Waiting(4, START + SECOND)
    assert sent_again(journal) == [2, 3, 4]
    assert journal.destinations.count_waiting(DB) == Waiting(1, START + 4 * SECOND)


def test_what_nobody_has_tried_to_decode_is_counted_up_to_a_time(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.confirm(DB, 2)
    assert journal.destinations.count_unexamined() == 3
    assert journal.destinations.count_unexamined(START + 3 * SECOND) == 1


def test_what_comes_after_an_id_does_not_count(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.confirm(DB, 2)
    assert journal.destinations.count_waiting(DB, up_to=4).frames == 2
    assert journal.destinations.has_waiting(DB, 3)
    assert not journal.destinations.has_waiting(DB, 2)
    journal.destinations.set_aside("other", 1, 1)
    assert journal.destinations.has_waiting("other", 1)
