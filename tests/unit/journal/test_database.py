"""One journal, one logger that records, and others that read or ask for something beside it."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from hanlogger.errors import JournalLocked, JournalUnavailable
from hanlogger.journal import Journal
from tests.support.journal_writer import writer
from tests.support.journals import SECOND, START, append, entries, ids
from tests.support.waiting import PATIENCE


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


def test_whoever_waits_is_told_of_the_next_frame(path: Path) -> None:
    with Journal.open(path) as journal:
        assert not journal.wait(0, 0)
        thread = threading.Timer(0.05, append, (journal, 1))
        thread.start()
        assert journal.wait(0, PATIENCE)
        thread.join()
        assert not journal.wait(1, 0)


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = Journal.open(path)
    journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        journal.records.append(entries(1))
    with pytest.raises(JournalUnavailable):
        journal.records.read_after(0, 1)


def test_who_waits_for_records_is_woken_at_the_end(path: Path) -> None:
    with Journal.open(path) as journal:
        waiting = threading.Thread(target=journal.wait, args=(0, 2 * PATIENCE))
        waiting.start()
        journal.hurry()
        waiting.join(PATIENCE)
        assert not waiting.is_alive()
