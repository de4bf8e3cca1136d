"""What becomes of records: confirmed, refused, undecoded, sent again; and what is counted on the way."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.hostclock import Uptime
from hanlogger.journal import Damaged, Entry, Journal, NotDecoded, Observation, Outcome, Refusal, Waiting
from hanlogger.journal.counters import Pending
from hanlogger.model import Frame, Meter
from tests.support.journals import HOME, SECOND, START, append, entries, frame, ids, refuse, set_undecoded
from tests.support.waiting import until

DB = "influxdb"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path) as opened:
        yield opened


def sent_again(journal: Journal, destination: str = DB) -> list[int]:
    """The ids of all that is to be sent again, taking it away."""
    found: list[int] = []
    while (wanted := journal.redeliveries.get_first(destination)) is not None:
        found += ids(journal.records.read_range(wanted, 1000))
        journal.redeliveries.settle(destination, wanted, Outcome(wanted.last_id))
    return found


# cursors


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
    journal.records.append_health({"age": 1}, None, START)
    assert journal.destinations.count_waiting(DB).frames == 1


def test_what_waits_is_counted_the_same_near_and_far(journal: Journal) -> None:
    append(journal, 6000)
    assert journal.destinations.count_waiting(DB) == Waiting(6000, START)
    journal.destinations.confirm(DB, 10)
    assert journal.destinations.count_waiting(DB) == Waiting(5990, START + 10 * SECOND)


# set aside, refused, sent again


def test_what_is_set_aside_does_not_hold_up_the_cursor_and_still_waits(journal: Journal) -> None:
    append(journal, 5)
    journal.destinations.set_aside(DB, 2, 4)
    assert journal.destinations.get_cursor(DB) == 4
    assert journal.destinations.count_waiting(DB) == Waiting(4, START + SECOND)
    assert sent_again(journal) == [2, 3, 4]
    assert journal.destinations.count_waiting(DB) == Waiting(1, START + 4 * SECOND)


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


# undecoded


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


# counters


def test_counters_add_up_for_ever(path: Path) -> None:
    for _ in range(2):
        with Journal.open(path) as journal:
            journal.counters.count("home", "checksum")
            journal.counters.count("home", "checksum", 4)
            journal.counters.count("cabin", "dropped")
    with Journal.open(path) as journal:
        assert journal.counters.get_all() == {"home": {"checksum": 10}, "cabin": {"dropped": 2}}


def test_a_count_is_on_the_disk_before_long_without_anything_else_to_write(journal: Journal, path: Path) -> None:
    journal.counters.count("home", "checksum")
    assert journal.counters.get_all() == {"home": {"checksum": 1}}
    with Journal.open(path, read_only=True) as other:
        until(lambda: other.counters.get_all() == {"home": {"checksum": 1}}, "the count is in the file")
    assert journal.counters.get_all() == {"home": {"checksum": 1}}


def test_a_count_is_never_missed_or_seen_twice_on_its_way_to_the_disk(journal: Journal) -> None:
    begun = counted = 0
    wrong: list[tuple[int, int, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            least = counted
            found = journal.counters.get_all().get("home", {}).get("checksum", 0)
            if not least <= found <= begun:
                wrong.append((least, found, begun))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(200):
        begun += 1
        journal.counters.count("home", "checksum")
        counted += 1
        journal.records.append(entries(number))
    done.set()
    reader.join()
    assert not wrong


def test_readings_of_one_time_are_counted_as_superseded_once_however_often_delivered(journal: Journal) -> None:
    append(journal, 4)
    passed = tuple(Observation(number, "home", time) for number, time in ((1, 10), (2, 10), (3, 10), (4, 20)))
    journal.destinations.settle("one", Outcome(2, observations=passed[:2]))
    journal.destinations.settle("one", Outcome(4, observations=passed[2:]))
    journal.destinations.settle("two", Outcome(4, observations=passed))
    assert journal.counters.get_all() == {"home": {"superseded": 2}}


def test_what_is_noticed_in_a_frame_is_counted_as_often_as_it_stands(journal: Journal) -> None:
    append(journal, 1)
    journal.destinations.settle(
        DB, Outcome(1, observations=(Observation(1, "home", None, ("unread", "unread", "clock_limit")),))
    )
    assert journal.counters.get_all() == {"home": {"unread": 2, "clock_limit": 1}}


def test_what_could_not_be_written_is_counted_all_the_same(journal: Journal) -> None:
    pending = Pending()
    pending.count("m", "n", 2)
    pending.keep(Damaged("m", START, "p1", "checksum", b"/1"))
    pending.take()
    assert pending.get_counts() == {("m", "n"): 2}  # on its way
    pending.count("m", "n", 1)
    pending.keep(Damaged("m", START, "p1", "checksum", b"/2"))
    pending.put_back()
    assert pending.get_counts() == {("m", "n"): 3}
    assert pending
    journal._database.write(pending.take())
    assert journal.counters.get_all() == {"m": {"n": 3}}
    assert [damaged.data for damaged in journal.damaged.list_all()] == [b"/1", b"/2"]
    with pending.settled():
        pass
    assert pending.get_counts() == {}
    assert not pending


def test_counts_outlive_a_transaction_that_fails(journal: Journal) -> None:
    for number in range(1, 6):
        journal.counters.count("home", "checksum", number)
        journal.damaged.keep(Damaged("home", START, "p1", "checksum", b"/%d" % number))
        with pytest.raises(sqlite3.Error):
            journal.records.append([Entry(Frame("p1", object(), START), HOME)])  # type: ignore[arg-type]
    assert journal.counters.get_all() == {"home": {"checksum": 15}}
    append(journal, 1)
    assert journal.counters.get_all() == {"home": {"checksum": 15}}
    assert [damaged.data for damaged in journal.damaged.list_all()] == [b"/%d" % number for number in range(1, 6)]


# times of receipt


def test_frames_of_another_start_of_the_computer_are_not_stamped(journal: Journal) -> None:
    journal.records.append(
        [Entry(frame(number), HOME, uptime=Uptime(boot, 10.0)) for number, boot in enumerate("abc", 1)]
    )
    assert journal.arrival_times.correct("b", START + 100 * SECOND) == 1
    first, second, third = journal.records.read_after(0, 9)
    assert (third.received_at, third.provisional) == (START + 3 * SECOND, True)
    assert (first.received_at, first.provisional) == (START + SECOND, True)
    assert (second.received_at, second.provisional, second.corruption) == (START + 110 * SECOND, False, "")
    assert journal.arrival_times.leave("a") == 1  # the one of c
    assert journal.arrival_times.has_provisional()
    assert journal.arrival_times.leave("b") == 1
    assert journal.arrival_times.leave("b") == 0
    assert not journal.arrival_times.has_provisional()
    first = journal.records.read_after(0, 1)[0]
    assert (first.received_at, first.corruption) == (START + SECOND, "")


# reports, devices


def test_the_last_twenty_damaged_are_kept(path: Path) -> None:
    damaged = [Damaged("home", START + number * SECOND, "p1", "checksum", b"/%d" % number) for number in range(50)]
    with Journal.open(path) as journal:
        for bad in damaged[:30]:
            journal.damaged.keep(bad)
        append(journal, 1)
        for bad in damaged[30:]:
            journal.damaged.keep(bad)
    with Journal.open(path) as journal:
        assert journal.damaged.list_all() == damaged[-20:]


def test_what_was_learnt_about_a_device_is_replaced_by_what_is_learnt_next(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.learnt.put("/dev/serial/by-id/usb-FTDI", {"serial": "2400 8E1"})
        journal.learnt.put("/dev/serial/by-id/usb-FTDI", {"serial": "115200 8N1"})
    with Journal.open(path) as journal:
        assert journal.learnt.get("/dev/serial/by-id/usb-FTDI") == {"serial": "115200 8N1"}
        assert journal.learnt.get("/dev/ttyUSB0") == {}


# a meter's data


def test_forgetting_a_meter_deletes_all_that_is_kept_of_it(journal: Journal) -> None:
    append(journal, 3)
    append(journal, 2, Meter("cabin"))
    journal.records.append_health({"age": 1}, "home", START)
    journal.destinations.confirm(DB, 6)
    set_undecoded(journal, 1, "too short")
    refuse(journal, DB, 2, 2, b"line", "no")
    refuse(journal, DB, 4, 4, b"line", "no")
    assert journal.records.forget("home") == 4
    assert ids(journal.records.read_after(0, 9)) == [4, 5]
    assert journal.undecoded.list_newest() == []
    assert [entry.refusal.first_id for entry in journal.refused.list_newest()] == [4]


def test_forgetting_a_part_leaves_the_rest(journal: Journal) -> None:
    append(journal, 5)
    assert journal.records.forget("home", START + SECOND, START + 3 * SECOND) == 2
    assert ids(journal.records.read_after(0, 9)) == [1, 4, 5]


def test_frames_can_be_given_other_settings(journal: Journal) -> None:
    append(journal, 3)
    append(journal, 1, Meter("cabin"))
    assert journal.records.reconfigure(Meter("home", clock="utc"), START + SECOND) == 2
    assert [record.meter.clock for record in journal.records.read_after(0, 9)] == ["auto", "utc", "utc", "auto"]


def test_an_id_is_never_given_twice(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
        journal.destinations.confirm(DB, 3)
        journal.records.forget("home")
    with Journal.open(path) as journal:
        journal.records.append(entries(9, meter=HOME))
        assert ids(journal.records.read_after(journal.destinations.get_cursor(DB), 9)) == [4]
