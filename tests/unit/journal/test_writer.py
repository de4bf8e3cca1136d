"""What `append` has returned for is on the disk, whoever is killed then and however many write."""

from __future__ import annotations

import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from hanlogger.journal import Entry, Journal, Outcome, RecordsChanged
from hanlogger.journal import writer as journal_writer
from hanlogger.model import Frame, Meter
from tests.support.journal_writer import writer
from tests.support.journals import HOME, START, append, entries, ids
from tests.support.waiting import PATIENCE


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


DB = "influxdb"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late work waits for other work for ever."""
    monkeypatch.setattr(journal_writer, "LATE_SECONDS", 1e6)


@pytest.mark.usefixtures("patient")
def test_what_may_be_late_is_written_with_the_next_append(journal: Journal) -> None:
    append(journal, 2)
    settling = [
        journal.destinations.begin_settle(DB, Outcome(number), journal.destinations.edition) for number in (1, 2)
    ]
    assert journal.destinations.get_cursor(DB) == 0
    append(journal, 1)
    assert [each.done() for each in settling] == [True, True]
    assert journal.destinations.get_cursor(DB) == 2


@pytest.mark.usefixtures("patient")
def test_what_may_be_late_is_written_before_the_end(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 1)
        journal.destinations.begin_settle(DB, Outcome(1), journal.destinations.edition)
    with Journal.open(path, read_only=True) as journal:
        assert journal.destinations.get_cursor(DB) == 1


def test_what_may_be_late_is_written_though_nothing_else_comes(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_writer, "LATE_SECONDS", 0.01)
    monkeypatch.setattr(journal_writer, "QUIET_SECONDS", 0.01)
    append(journal, 1)
    journal.destinations.begin_settle(DB, Outcome(1), journal.destinations.edition).result(PATIENCE)
    assert journal.destinations.get_cursor(DB) == 1


@pytest.mark.usefixtures("patient")
def test_what_was_late_is_not_written_where_another_process_has_written_before(journal: Journal, path: Path) -> None:
    append(journal, 2)
    settling = journal.destinations.begin_settle(DB, Outcome(2), journal.destinations.edition)
    with Journal.open(path, exclusive=False) as command:
        command.redeliveries.request(DB)
    append(journal, 1)
    with pytest.raises(RecordsChanged):
        settling.result(PATIENCE)
    assert journal.destinations.get_cursor(DB) == 0
    assert len(journal.records.read_after(0, 99)) == 3
    begun = journal.destinations.begin_settle(DB, Outcome(3), journal.destinations.edition)
    journal.destinations.settle_begun()
    assert (begun.result(PATIENCE), journal.destinations.get_cursor(DB)) == (None, 3)


@pytest.mark.usefixtures("patient")
def test_late_work_that_fails_takes_no_append_with_it(journal: Journal) -> None:
    append(journal, 1)
    wrong = Outcome(1, refused=(object(),))  # type: ignore[arg-type]
    settling = journal.destinations.begin_settle(DB, wrong, journal.destinations.edition)
    append(journal, 1)
    assert isinstance(settling.exception(PATIENCE), Exception)
    assert len(journal.records.read_after(0, 99)) == 2


@pytest.mark.usefixtures("patient")
def test_what_was_late_is_not_written_into_another_file_that_takes_the_place_of_the_journal(
    journal: Journal, path: Path
) -> None:
    append(journal, 2)
    settling = journal.destinations.begin_settle(DB, Outcome(2), journal.destinations.edition)
    path.rename(path.with_name("moved.sqlite3"))
    append(journal, 1)
    with pytest.raises(RecordsChanged):
        settling.result(PATIENCE)
    assert journal.destinations.get_cursor(DB) == 0
