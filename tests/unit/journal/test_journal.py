"""The journal on real files, with real processes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.journal import Entry, Journal, frame_of
from hanlogger.model import Frame, Meter, Scale
from tests.support.journals import HOME, SECOND, START, append, entries, frame, ids


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite3"


# what goes in comes out


def test_a_frame_comes_back_as_it_was_appended(path: Path) -> None:
    meter = Meter("cabin", clock="+02:00", clock_limit=None, scale=Scale(energy=Decimal(10)), tags={"flat": "ö 7"})
    sent = Frame("hdlc", bytes(range(256)), datetime(2026, 3, 29, 1, 2, 3, 456_789, UTC), verified=False)
    with Journal.open(path) as journal:
        journal.records.append([Entry(sent, meter, live=False, judged=False)])
        (record,) = journal.records.read_after(0, 10)
    assert frame_of(record) == sent._replace(received_at=datetime(2026, 3, 29, 1, 2, 3, 456_000, UTC))
    assert (record.id, record.kind, record.meter) == (1, "frame", meter)
    assert (record.live, record.judged, record.verified) == (False, False, False)


def test_each_frame_keeps_the_settings_that_were_in_force(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append([Entry(frame(1), Meter("home")), Entry(frame(2), Meter("home", clock="utc"))])
    with Journal.open(path) as journal:
        journal.records.append([Entry(frame(3), Meter("home"))])
        assert [record.meter.clock for record in journal.records.read_after(0, 10)] == ["auto", "utc", "auto"]


def test_records_are_read_on_from_a_cursor_in_order(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 5)
        assert ids(journal.records.read_after(0, 2)) == [1, 2]
        assert ids(journal.records.read_after(2, 10)) == [3, 4, 5]
        assert journal.records.read_after(5, 10) == []


def test_a_minute_of_health_is_a_record_of_its_own_kind(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append_health({"telegrams": 6, "age": 0.5}, "home", START)
        journal.records.append_health({"waiting": 0}, None, START)
        about_meter, about_logger = journal.records.read_after(0, 10)
    assert (about_meter.kind, about_meter.meter.name, about_logger.meter.name) == ("health", "home", "")
    assert about_meter.data == b'{"age": 0.5, "telegrams": 6}'


def test_times_of_receipt_are_unique_within_a_meter(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append(entries(7, 7, 7))
        journal.records.append([*entries(7), *entries(7, meter=Meter("cabin"))])
        offsets = [
            (record.received_at - frame(7).received_at) // timedelta(milliseconds=1)
            for record in journal.records.read_after(0, 9)
        ]
    assert offsets == [0, 1, 2, 3, 0]


def test_a_burst_of_one_time_of_receipt_is_appended_in_no_time(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append(entries(*[7] * 5000))
        assert len({record.received_at for record in journal.records.read_after(0, 6000)}) == 5000


def test_the_last_frame_of_a_meter_is_the_one_received_last(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append(entries(1, 9, 5))
        journal.records.append_health({"age": 1}, "home", START + 60 * SECOND)
        last = journal.records.get_last("home")
        assert last is not None
        assert last.id == 2
        assert journal.records.get_last("cabin") is None


def test_frames_are_found_by_meter_and_time_over_many_pages(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 1200)
        append(journal, 3, Meter("cabin"))
        journal.records.append_health({"age": 1}, "home", START)
        assert len(list(journal.records.read_frames())) == 1203
        some = journal.records.read_frames("home", START + 100 * SECOND, START + 1100 * SECOND)
        assert ids(some) == list(range(101, 1101))
        assert journal.records.list_meters() == ["cabin", "home"]


def test_the_frame_before_is_the_one_of_the_same_meter(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append([*entries(1), *entries(1, meter=Meter("cabin")), *entries(2)])
        first, _, last = journal.records.read_after(0, 9)
        assert journal.records.get_previous(last) == first
        assert journal.records.get_previous(first) is None


# durable when append returns

WRITER = """
import sys
from pathlib import Path
from hanlogger.journal import Journal
from tests.support.journals import append
journal = Journal.open(Path(sys.argv[1]))
while True:
    append(journal, 7)
    journal.counters.count("home", "checksum")
    print(journal.newest, flush=True)
"""


def writer(path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )


def test_what_append_returned_for_is_there_after_kill_9(path: Path) -> None:
    promised = 0
    for _ in range(3):
        with writer(path) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(20)]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
        promised = int([line for line in lines if line.endswith(b"\n")][-1])
        with Journal.open(path) as journal:
            kept = ids(journal.records.read_after(0, 100_000))
            assert kept == list(range(1, len(kept) + 1))
            assert len(kept) >= promised
    assert promised >= 3 * 20 * 7


def test_append_waits_for_the_disk(path: Path) -> None:
    """What a loss of power would show: each commit is on the disk, not only on its way to it."""
    with Journal.open(path) as journal:
        connection = journal._database._connections._writing
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_appends_of_many_threads_are_all_there(path: Path) -> None:
    meters = [Meter(f"meter{number}") for number in range(20)]
    with Journal.open(path) as journal:
        threads = [threading.Thread(target=append, args=(journal, 50, meter)) for meter in meters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(list(journal.records.read_frames(meter.name))) for meter in meters] == [50] * 20


def test_a_second_run_is_told_who_has_the_journal(path: Path) -> None:
    with writer(path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(JournalLocked, match=rf"process {process.pid}\)"):
            Journal.open(path)
        process.send_signal(signal.SIGKILL)
    Journal.open(path).close()


def test_other_processes_read_while_one_records(path: Path) -> None:
    with writer(path) as process:
        assert process.stdout is not None
        newest = int(process.stdout.readline())
        with Journal.open(path, read_only=True) as journal:
            assert len(journal.records.read_after(0, newest)) == newest
            assert len(journal.records.read_after(0, 10**6)) >= newest
            with pytest.raises(JournalUnavailable, match="reading only"):
                journal.records.append(entries(1))
        process.send_signal(signal.SIGKILL)


def test_a_command_may_put_something_to_be_sent_again_beside_run(path: Path) -> None:
    with Journal.open(path) as run, Journal.open(path, exclusive=False) as command:
        append(run, 5)
        run.destinations.confirm("influxdb", 5)
        assert command.redeliveries.request("influxdb", "home", START + 2 * SECOND) == 3
        again = run.redeliveries.get_first("influxdb")
        assert again is not None
        assert ids(run.records.read_range(again, 10)) == [3, 4, 5]


def test_reading_what_does_not_exist_makes_nothing(path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="there is no journal at"):
        Journal.open(path, read_only=True)
    assert not path.exists()


def test_whoever_waits_is_told_of_the_next_frame(path: Path) -> None:
    with Journal.open(path) as journal:
        assert not journal.wait(0, 0)
        thread = threading.Timer(0.05, append, (journal, 1))
        thread.start()
        assert journal.wait(0, 10)
        thread.join()
        assert not journal.wait(1, 0)


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = Journal.open(path)
    journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        journal.records.append(entries(1))
    with pytest.raises(JournalUnavailable):
        journal.records.read_after(0, 1)


def test_one_append_that_fails_does_not_take_the_others_with_it(path: Path) -> None:
    wrong = [Entry(Frame("p1", object(), START), HOME)]  # type: ignore[arg-type]
    with Journal.open(path) as journal:
        together = threading.Barrier(11)

        def work(number: int) -> None:
            together.wait()
            journal.records.append(entries(number))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        together.wait()
        with pytest.raises(sqlite3.Error):
            journal.records.append(wrong)
        for thread in threads:
            thread.join()
        assert len(journal.records.read_after(0, 99)) == 10


# versions


def test_a_journal_of_a_newer_version_is_refused_untouched(path: Path) -> None:
    Journal.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.executescript("PRAGMA user_version = 99; CREATE TABLE newer (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(JournalUnavailable, match="written by a newer hanlogger"):
            Journal.open(path, read_only=read_only)
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} <= {path.name, f"{path.name}.lock", f"{path.name}.reserve"}
