"""What is to be sent again, and the lists of what was refused and what could not be decoded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.journal import Journal, NotDecoded, Observation, Outcome, Refusal, Waiting
from hanlogger.journal.arrival_times import select_span
from hanlogger.model import Meter
from tests.support.journals import SECOND, START, append, count_steps, refuse, sent_again, set_undecoded

DB = "influxdb"


def test_a_range_is_sent_again_part_by_part(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 6)
        journal.destinations.set_aside(DB, 1, 6)
        wanted = journal.redeliveries.get_first(DB)
        assert wanted is not None
        journal.redeliveries.settle(DB, wanted, Outcome(4))
    with Journal.open(path) as journal:
        assert sent_again(journal) == [5, 6]


def test_refused_lines_are_listed_with_the_servers_words_newest_first(journal: Journal) -> None:
    append(journal, 4)
    refuse(journal, DB, 2, 2, b"voltage value=1i 5", "field type conflict")
    refuse(journal, DB, 3, 4, None, "outside retention policy")
    assert [entry.refusal for entry in journal.refused.list_newest()] == [
        Refusal(3, 4, None, "outside retention policy"),
        Refusal(2, 2, b"voltage value=1i 5", "field type conflict"),
    ]
    assert journal.refused.list_newest("another") == []
    assert journal.refused.count(DB) == 2


def test_what_was_refused_can_be_sent_again_all_or_some(journal: Journal) -> None:
    append(journal, 9)
    journal.destinations.confirm(DB, 9)
    for first, last in ((2, 2), (2, 2), (5, 6), (8, 8)):
        refuse(journal, DB, first, last, b"line" if first == last else None, "no")
    newest = journal.refused.list_newest()[0].id
    assert journal.refused.retry(ids=[newest]) == 1
    assert sent_again(journal) == [8]
    assert journal.refused.retry("another") == 0
    assert journal.refused.retry(DB) == 3
    assert sent_again(journal) == [2, 5, 6]
    assert journal.refused.list_newest() == []


def test_a_meters_frames_of_a_time_can_be_sent_again(journal: Journal) -> None:
    append(journal, 5)
    append(journal, 5, Meter("cabin"))
    journal.destinations.confirm(DB, 10)
    assert journal.redeliveries.request(DB, "cabin", START + SECOND, START + 3 * SECOND) == 2
    assert sent_again(journal) == [7, 8]
    assert journal.redeliveries.request(DB) == 10
    assert sent_again(journal) == list(range(1, 11))
    assert journal.redeliveries.request(DB, "nobody") == 0


def test_a_day_is_found_without_a_look_at_any_other(journal: Journal) -> None:
    """Of five million frames, by the index of arrival times alone: what looks at all of them holds up the recording."""
    for meter in ("cabin", "home"):
        append(journal, 3000, Meter(meter))

    def select(connection: sqlite3.Connection) -> tuple[int, int, int]:
        with count_steps(connection) as steps:
            found = select_span(connection, None, START + 10 * SECOND, START + 20 * SECOND)
        assert steps() < 1000
        return found

    assert journal._database.read(select) == (20, 11, 3020)


def test_what_is_already_to_be_sent_again_is_not_counted_twice(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.confirm(DB, 5)
    for _ in range(3):
        journal.redeliveries.request(DB)
        journal.redeliveries.request(DB, "home", START + SECOND)
    assert journal.destinations.count_waiting(DB) == Waiting(5, START)
    assert sent_again(journal) == [1, 2, 3, 4, 5]


def test_what_was_under_way_settles_nothing_that_is_asked_for_later(journal: Journal) -> None:
    append(journal, 4)
    append(journal, 4, Meter("cabin"))
    journal.destinations.confirm(DB, 8)
    journal.redeliveries.request(DB, "cabin")
    under_way = journal.redeliveries.get_first(DB)
    assert under_way is not None
    journal.records.forget("cabin")
    journal.redeliveries.request(DB, "home")
    journal.redeliveries.settle(DB, under_way, Outcome(8))
    assert sent_again(journal) == [1, 2, 3, 4]


def test_what_was_under_way_settles_nothing_that_is_asked_for_anew(journal: Journal) -> None:
    append(journal, 4)
    journal.destinations.confirm(DB, 4)
    journal.redeliveries.request(DB)
    under_way = journal.redeliveries.get_first(DB)
    assert under_way is not None
    journal.redeliveries.request(DB, "home", START + SECOND)
    journal.redeliveries.settle(DB, under_way, Outcome(4, (Refusal(1, 1, b"line", "no"),)))
    assert journal.refused.list_newest() == []
    assert sent_again(journal) == [1, 2, 3, 4]


@pytest.mark.parametrize("part", ["destination", "first_id", "last_id", "meter", "id"])
def test_a_range_is_settled_by_all_that_it_is(journal: Journal, part: str) -> None:
    append(journal, 4)
    journal.destinations.confirm(DB, 4)
    journal.redeliveries.request(DB, "home")
    wanted = journal.redeliveries.get_first(DB)
    assert wanted is not None
    other = {"destination": "another"}.get(part, DB)
    changed = wanted._replace(**{part: "cabin" if part == "meter" else 3}) if part != "destination" else wanted  # type: ignore[arg-type]
    journal.redeliveries.settle(other, changed, Outcome(4))
    assert journal.redeliveries.get_first(DB) == wanted


def test_the_id_of_a_range_or_a_refusal_is_never_given_twice(journal: Journal) -> None:
    append(journal, 2)
    journal.destinations.confirm(DB, 2)
    given: list[int] = []
    for _ in range(3):
        journal.redeliveries.request(DB)
        wanted = journal.redeliveries.get_first(DB)
        assert wanted is not None
        given.append(wanted.id)
        journal.redeliveries.settle(DB, wanted, Outcome(2))
    assert len(set(given)) == 3
    for _ in range(2):
        refuse(journal, DB, 1, 1, b"line", "no")
        given.append(journal.refused.list_newest()[0].id)
        journal.refused.retry()
    assert given[-1] > given[-2]


def test_a_wider_range_takes_the_place_of_those_within_it(journal: Journal) -> None:
    append(journal, 4)
    append(journal, 2, Meter("cabin"))
    journal.destinations.confirm(DB, 6)
    journal.redeliveries.request(DB, "home", START + SECOND, START + 2 * SECOND)
    journal.redeliveries.request(DB, "cabin", START + SECOND)
    journal.redeliveries.request(DB, "home")
    assert journal.destinations.count_waiting(DB).frames == 5
    journal.redeliveries.request(DB)
    assert sent_again(journal) == [1, 2, 3, 4, 5, 6]


def test_a_range_of_another_destination_stays(journal: Journal) -> None:
    append(journal, 2)
    for name in ("one", "two"):
        journal.destinations.confirm(name, 2)
        journal.redeliveries.request(name)
    assert sent_again(journal, "one") == sent_again(journal, "two") == [1, 2]


def test_no_range_stays_of_which_nothing_is_left(journal: Journal) -> None:
    append(journal, 2)
    append(journal, 3, Meter("cabin"))
    journal.destinations.confirm(DB, 5)
    journal.redeliveries.request(DB, "cabin")
    refuse(journal, DB, 5, 5, b"line", "no")
    set_undecoded(journal, 4, "too short")
    journal.records.forget("cabin")  # the newest records: no id of theirs is left in any list
    assert journal.redeliveries.get_first(DB) is None
    assert journal.refused.list_newest() == []
    with closing(sqlite3.connect(journal.path)) as connection:
        assert connection.execute("SELECT count(*) FROM undecoded").fetchone() == (0,)


def test_what_the_cursor_has_not_passed_is_not_sent_twice(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.confirm(DB, 2)
    journal.redeliveries.request(DB)
    assert sent_again(journal) == [1, 2]
    assert journal.destinations.count_waiting(DB).frames == 3


def test_undecoded_frames_are_listed_and_the_cursor_passes_them(journal: Journal) -> None:
    append(journal, 3)
    journal.destinations.settle(DB, Outcome(3, undecoded=(NotDecoded(2, "encrypted", "v1"),)))
    (entry,) = journal.undecoded.list_newest()
    assert (entry.record_id, entry.meter, entry.received_at, entry.reason) == (2, "home", START + SECOND, "encrypted")
    assert journal.destinations.get_cursor(DB) == 3


def test_undecoded_frames_are_tried_again_when_there_is_something_new_to_try(journal: Journal) -> None:
    append(journal, 4)
    append(journal, 1, Meter("cabin"))
    for destination in ("one", "two"):
        undecoded = tuple(NotDecoded(number, "encrypted", "old") for number in (1, 2, 4, 5))
        journal.destinations.settle(destination, Outcome(5, undecoded=undecoded))
    assert journal.undecoded.retry({"home": "old", "cabin": "old"}) == 0
    assert journal.undecoded.retry({"home": "new", "cabin": "old"}) == 3
    assert sent_again(journal, "one") == [1, 2, 4]
    assert sent_again(journal, "two") == [1, 2, 4]
    assert [entry.record_id for entry in journal.undecoded.list_newest()] == [5]


def test_undecoded_frames_can_all_be_tried_again(journal: Journal) -> None:
    append(journal, 2)
    journal.destinations.confirm(DB, 2)
    set_undecoded(journal, 2, "too short")
    assert journal.undecoded.retry() == 1
    assert sent_again(journal) == [2]


def test_a_frame_that_is_decoded_after_all_is_no_longer_listed(journal: Journal) -> None:
    append(journal, 2)
    journal.destinations.settle(DB, Outcome(2, undecoded=(NotDecoded(1, "encrypted", "old"),)))
    journal.redeliveries.request(DB)
    wanted = journal.redeliveries.get_first(DB)
    assert wanted is not None
    journal.redeliveries.settle(
        DB, wanted, Outcome(2, observations=(Observation(1, "home", 5), Observation(2, "home", 6)))
    )
    assert journal.undecoded.list_newest() == []
