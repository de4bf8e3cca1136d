"""What waits for the journal: by meter, within a bound, and no meter's flood costs another a frame."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from hanlogger.collect import Recorder
from hanlogger.collect.held import LEAST_SHARE, UNIT, Held
from hanlogger.collect.recorder import MOST_HELD, MOST_WAITING
from hanlogger.journal import Damaged, Entry, Journal
from hanlogger.model import Meter
from tests.support.journals import entries, frame
from tests.support.waiting import PATIENCE, until


@contextmanager
def taken_by_another(journal: Journal) -> Iterator[None]:
    """While another process writes it."""
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def test_a_meter_that_floods_costs_no_other_meter_a_frame(journal: Journal) -> None:
    journal._database._patience = 0.0
    with taken_by_another(journal):
        recorder = Recorder(journal, retry_seconds=0.02)
        for number in range(39):
            recorder.record(entries(*range(1000 * number, 1000 * (number + 1)), meter=Meter("flood")))
            recorder.record(entries(number))
    recorder.close(100)
    assert [record.data for record in journal.records.read_frames("home")] == [
        frame(number).data for number in range(39)
    ]
    assert len(list(journal.records.read_frames("flood"))) == MOST_HELD - 39
    assert journal.counters.get_all()["flood"]["dropped"] == 39_000 - (MOST_HELD - 39)


def test_a_port_that_is_full_is_not_read_until_there_is_room_and_another_is(journal: Journal) -> None:
    with taken_by_another(journal):
        recorder = Recorder(journal, retry_seconds=0.02)
        recorder.record(entries(0))
        until(lambda: not recorder._held.count_waiting("home"), what="it waits for the other process with one frame")
        recorder.record(entries(*range(1, MOST_WAITING)))
        assert recorder.has_room("home", 0)
        recorder.record(entries(MOST_WAITING))
        assert not recorder.has_room("home", 0)
        assert recorder.has_room("cabin", 0)
    assert recorder.has_room("home", 20)
    recorder.close(100)
    assert len(list(journal.records.read_frames())) == MOST_WAITING + 1


def test_every_port_is_read_while_the_journal_cannot_be_written(journal: Journal) -> None:
    journal._database._patience = 0.0
    with taken_by_another(journal):
        recorder = Recorder(journal, retry_seconds=0.02)
        recorder.record(entries(*range(3 * MOST_WAITING)))
        until(lambda: recorder.stuck, what="frames are held")
        assert recorder.has_room("home", 0)
    recorder.close(100)
    assert len(list(journal.records.read_frames())) == 3 * MOST_WAITING


# what is held


def numbers(held: Iterable[Entry]) -> list[tuple[str, bytes]]:
    return [(entry.meter.name, entry.frame.data) for entry in held]


def test_meters_take_turns_and_each_keeps_its_order() -> None:
    held, cabin = Held(100), Meter("cabin")
    assert not held.add([*entries(*range(10)), *entries(90, 91, meter=cabin)])
    first = [*entries(0), *entries(90, meter=cabin), *entries(1), *entries(91, meter=cabin), *entries(2)]
    assert held.take(5) == first
    held.put_back()
    assert len(held) == 12
    assert sorted(numbers(held.take(5))) == sorted(numbers(first))
    held.settle()
    assert held.take(99) == entries(*range(3, 10))
    assert len(held) == 7
    held.settle()
    assert (len(held), held.list_all()) == (0, [])


def test_what_is_taken_is_held_until_it_is_settled() -> None:
    held = Held(3)
    held.add(entries(1, 2, 3))
    assert held.take(2) == entries(1, 2)
    assert held.count_waiting("home") == 1
    assert held.add(entries(4)) == entries(4)
    held.put_back()
    assert held.add(entries(4)) == entries(4)
    assert held.take(2) == entries(1, 2)
    held.settle()
    assert not held.add(entries(4, 5))
    assert held.list_all() == entries(3, 4, 5)
    assert held.add(entries(6)) == entries(6)


def test_a_large_frame_takes_the_room_of_several() -> None:
    held = Held(40)
    large = [Entry(frame(number, bytes(10 * UNIT)), Meter("large")) for number in range(9)]
    assert not held.add(entries(*range(5)))
    assert held.add(large) == large[3:]
    assert (held.count_waiting("large"), held.count_waiting("home")) == (3, 5)


# damaged octets


def test_a_meter_that_sends_damage_alone_costs_no_other_the_octets_that_are_kept_for_reports(journal: Journal) -> None:
    def keep(meter: str, number: int) -> None:
        journal.damaged.keep(Damaged(meter, frame(number).received_at, "p1", "checksum", b"%d" % number))

    for number in range(3):
        keep("home", number)
    for number in range(100):
        keep("flood", number)
    until(lambda: len(journal.damaged.list_all()) == 23, what="they are on the disk")
    for number in range(100, 200):
        keep("flood", number)
    until(lambda: journal.damaged.list_all()[-1].data == b"199", what="those too")
    kept = [(bad.meter, int(bad.data)) for bad in journal.damaged.list_all()]
    assert kept == [*(("home", number) for number in range(3)), *(("flood", number) for number in range(180, 200))]


def test_a_flood_has_its_share_of_an_append_and_no_more() -> None:
    held = Held(MOST_HELD)
    names = [f"flat{number}" for number in range(10)]
    for name in names:
        held.add(entries(0, meter=Meter(name)))
    held.add(entries(*range(1, 900), meter=Meter("flat0")))
    taken = held.take(500)
    assert [entry.meter.name for entry in taken[:10]] == names
    assert len(taken) == 9 + 500 // 10
    held.settle()
    assert len(held.take(500)) == 500 // 10


def test_among_very_many_meters_a_share_is_still_some_frames() -> None:
    held = Held(MOST_HELD)
    for number in range(100):
        held.add(entries(*range(30 if number == 7 else 1), meter=Meter(f"flat{number}")))
    assert sum(entry.meter.name == "flat7" for entry in held.take(500)) == LEAST_SHARE


def test_a_meter_that_is_alone_fills_an_append() -> None:
    held = Held(MOST_HELD)
    held.add(entries(*range(700)))
    assert len(held.take(500)) == 500


def test_what_is_held_is_counted_while_other_threads_record_and_append(journal: Journal) -> None:
    recorder = Recorder(journal)
    sent = [entries(number, meter=Meter(f"flat{number % 50}")) for number in range(6000)]

    def record_all() -> None:
        for one in sent:
            recorder.record(one)

    recording = threading.Thread(target=record_all)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns at every step
    try:
        recording.start()
        while recording.is_alive():
            assert recorder.held <= len(sent)
    finally:
        sys.setswitchinterval(interval)
    recorder.close(PATIENCE)
    assert recorder.held == 0
