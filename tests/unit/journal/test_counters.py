"""What is counted of each meter, the last damaged octets, and what is learnt of devices: nothing of it is lost."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from hanlogger.journal import Damaged, Entry, Journal, Observation, Outcome
from hanlogger.journal.counters import Pending
from hanlogger.model import Frame
from tests.support.journals import HOME, SECOND, START, append, entries, get_counts
from tests.support.waiting import until

DB = "influxdb"


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
    assert get_counts(journal) == {"home": {"superseded": 2}}


def test_what_is_noticed_in_a_frame_is_counted_as_often_as_it_stands(journal: Journal) -> None:
    append(journal, 1)
    journal.destinations.settle(
        DB, Outcome(1, observations=(Observation(1, "home", None, ("unread", "unread", "clock_limit")),))
    )
    assert get_counts(journal) == {"home": {"unread": 2, "clock_limit": 1}}


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
    with pending.settle():
        pass
    assert pending.get_counts() == {}
    assert not pending


def test_counts_outlive_a_transaction_that_fails(journal: Journal) -> None:
    for number in range(1, 6):
        journal.counters.count("home", "checksum", number)
        journal.damaged.keep(Damaged("home", START, "p1", "checksum", b"/%d" % number))
        with pytest.raises(sqlite3.Error):
            journal.records.append([Entry(Frame("p1", object(), START), HOME)])  # type: ignore[arg-type]
    assert get_counts(journal) == {"home": {"checksum": 15}}
    append(journal, 1)
    assert get_counts(journal) == {"home": {"checksum": 15}}
    assert [damaged.data for damaged in journal.damaged.list_all()] == [b"/%d" % number for number in range(1, 6)]


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
