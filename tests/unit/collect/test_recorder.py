"""The recorder: what the journal cannot take waits in memory, and what it can never take is counted and said."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.collect import Recorder
from hanlogger.collect import recorder as recorder_module
from hanlogger.collect.recorder import FEW_METERS, MOST_HELD
from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Entry, Journal
from hanlogger.journal.connections import WRITE_WAIT_MS
from hanlogger.journal.database import begin
from hanlogger.model import Frame, Meter
from tests.support.damaged_journals import corrupt, fill, spoil
from tests.support.journals import HOME, START, entries
from tests.support.small_disk import run, run_with_own_mounts
from tests.support.waiting import PATIENCE, until


def test_what_is_recorded_is_in_the_journal_when_the_recorder_has_closed(journal: Journal) -> None:
    recorder = Recorder(journal)
    for number in range(0, 3000, 3):
        recorder.record(entries(number, number + 1, number + 2))
    recorder.close(PATIENCE)
    assert recorder.held == 0
    assert len(journal.records.read_after(0, 5000)) == 3000


def test_frames_of_many_meters_are_gathered_for_one_append(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "GATHERED_SECONDS", PATIENCE)
    appended: list[int] = []
    recorder = Recorder(journal, on_recorded=lambda entries: appended.append(len(entries)))
    recorder.record([entry for number in range(FEW_METERS + 1) for entry in entries(0, meter=Meter(f"flat{number}"))])
    recorder.record(entries(1, 2))
    recorder.close(PATIENCE)
    assert appended == [FEW_METERS + 3]


def test_frames_of_few_meters_are_appended_at_once(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "GATHERED_SECONDS", 1e6)
    recorder = Recorder(journal)
    recorder.record([entry for number in range(FEW_METERS) for entry in entries(0, meter=Meter(f"flat{number}"))])
    until(lambda: not recorder.held, "all is recorded")
    recorder.close(PATIENCE)


def test_a_frame_that_cannot_be_recorded_is_left_out_counted_and_said(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(journal)
    wrong = Entry(Frame("p1", object(), START), HOME)  # type: ignore[arg-type]
    recorder.record([*entries(1, 2), wrong, *entries(3)])
    recorder.close(PATIENCE)
    assert len(journal.records.read_after(0, 9)) == 3
    assert journal.counters.get_all() == {"home": {"frames": 3, "dropped": 1}}
    assert "cannot be recorded" in caplog.text


def test_while_another_process_holds_the_journal_frames_wait_in_memory(
    journal: Journal, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal._database._patience = 0.0
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    recorder = Recorder(journal, retry_seconds=0.02)
    recorder.record(entries(1, 2, 3))
    until(lambda: "another process holds it" in caplog.text, what="the trouble is said")
    assert recorder.held == 3
    assert "frames" not in journal.counters.get_all().get("home", {})  # they are counted once they are kept
    holder.execute("ROLLBACK")
    until(lambda: recorder.held == 0, what="all is recorded")
    recorder.close(PATIENCE)
    holder.close()
    assert journal.counters.get_all() == {"home": {"frames": 3}}
    assert len(journal.records.read_after(0, 9)) == 3
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]


def test_what_waits_for_another_process_waits_no_longer_once_it_is_hurried(journal: Journal, path: Path) -> None:
    journal._database._patience = 1e9
    with closing(sqlite3.connect(path, isolation_level=None)) as holder, ThreadPoolExecutor() as threads:
        holder.execute("BEGIN IMMEDIATE")
        appending = threads.submit(journal.records.append, entries(1))
        assert not wait([appending], 0.5).done  # longer than SQLite waits by itself
        journal.hurry()
        with pytest.raises(JournalUnavailable, match="another process holds it"):
            appending.result(PATIENCE)
    journal.records.append(entries(2))
    assert len(journal.records.read_after(0, 9)) == 1


def test_how_long_another_process_is_waited_for_is_asked_in_steps(journal: Journal, path: Path) -> None:
    patience = iter((1e9, 1e9, 0.0))
    writing = journal._database._connections._writing
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            begin(writing, lambda: next(patience))
    assert not list(patience)
    assert writing.execute("PRAGMA busy_timeout").fetchone() == (WRITE_WAIT_MS,)


def test_beyond_what_is_held_new_frames_are_dropped_counted_and_said_once(
    journal: Journal, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal._database._patience = 0.0
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    recorder = Recorder(journal, retry_seconds=0.02)
    recorder.record(entries(*range(MOST_HELD - 5)))
    recorder.record(entries(*range(MOST_HELD - 5, MOST_HELD + 2)))
    recorder.record(entries(MOST_HELD + 2, meter=Meter("cabin")))
    assert recorder.held == MOST_HELD
    holder.execute("ROLLBACK")
    recorder.close(PATIENCE)
    holder.close()
    assert len(list(journal.records.read_frames("home"))) == MOST_HELD - 1
    assert len(list(journal.records.read_frames("cabin"))) == 1
    assert journal.counters.get_all() == {"home": {"frames": MOST_HELD - 1, "dropped": 3}, "cabin": {"frames": 1}}
    assert caplog.text.count("home: 10000 telegrams are held and the journal does not take them") == 1
    assert "cabin" not in caplog.text


def test_what_cannot_be_recorded_before_the_end_is_said(
    journal: Journal, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal._database._patience = 0.0
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    recorder = Recorder(journal, retry_seconds=0.02)
    recorder.record(entries(1, 2))
    recorder.close(0.1)
    holder.close()
    recorder.join(PATIENCE)
    assert "2 telegrams could not be recorded before the end" in caplog.text


LIMITED = """
import resource, sys
from pathlib import Path
from hanlogger.errors import JournalUnavailable
from hanlogger.collect import Recorder
from hanlogger.journal import Journal
from tests.support.journals import append, entries
from tests.support.waiting import PATIENCE, until

journal = Journal.open(Path(sys.argv[1]))
append(journal, 100, size=1000)
resource.setrlimit(resource.RLIMIT_FSIZE, (3 * journal.size, resource.RLIM_INFINITY))
try:
    while True:
        append(journal, 10, size=1000)
except JournalUnavailable as error:
    assert error.full, error
stored = journal.newest
assert len(journal.records.read_after(0, 10_000)) == stored
recorder = Recorder(journal, retry_seconds=0.02)
recorder.record(entries(*range(500)))
until(lambda: recorder._state == "holding")
assert recorder.held == 500
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
recorder.close(PATIENCE)
assert recorder.held == 0
assert len(journal.records.read_after(0, 10_000)) == stored + 500
journal.close()
"""


def test_nothing_is_lost_when_the_file_cannot_grow_for_a_while(path: Path) -> None:
    run(LIMITED, path)
    with Journal.open(path) as journal:
        assert len(journal.records.read_after(0, 10_000)) > 600


FULL_DISK = """
import shutil, subprocess, sys
from datetime import timedelta
from pathlib import Path
from hanlogger.collect import Recorder
from hanlogger.journal import Journal
from tests.support.journals import append, entries, frame
from tests.support.waiting import PATIENCE, until
from hanlogger.journal import Entry

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", folder], check=True)
path = folder / "journal.sqlite3"
journal = Journal.open(path)
append(journal, 4000, size=900)
journal.destinations.confirm("influxdb", 4000)
journal.retention.clean(timedelta(days=99_999), 10**9, ["influxdb"])
with (folder / "filler").open("wb", buffering=0) as filler:
    try:
        while True:
            filler.write(bytes(65536))
    except OSError:
        pass
assert shutil.disk_usage(folder).free == 0
recorder = Recorder(journal, ["influxdb"], retry_seconds=0.02)

def record(number):
    for start in range(0, number, 100):
        recorder.record([Entry(frame(n, b"%0900d" % n), frame_meter) for n in range(start, start + 100)])
        until(lambda: recorder.held < 2000, "what is held gets less")
    until(lambda: recorder.held == 0, "all is recorded")

from tests.support.journals import HOME as frame_meter
for _ in range(3):
    before = journal.newest
    record(3000)
    assert journal.newest == before + 3000
    assert [r.id for r in journal.records.read_after(before, 9000)] == list(range(before + 1, before + 3001))
    journal.destinations.confirm("influxdb", journal.newest)
assert recorder._state == "full"
assert "dropped" not in journal.counters.get_all().get("home", {})
recorder.close(PATIENCE)
journal.close()

journal = Journal.open(path)
recorder = Recorder(journal, ["influxdb"], retry_seconds=0.02)
before = journal.newest
record(1500)
assert journal.newest == before + 1500
(folder / "filler").unlink()
record(4500)
assert recorder._state == "well", recorder._state
assert journal.size > 5_000_000
recorder.close(PATIENCE)
journal.close()
"""


def test_on_a_full_disk_what_is_delivered_makes_room_for_what_is_new(tmp_path: Path) -> None:
    run_with_own_mounts(FULL_DISK, tmp_path)


def test_a_file_that_gets_damaged_while_recording_costs_nothing_that_is_recorded_after(path: Path) -> None:
    fill(path)
    with Journal.open(path) as journal:
        journal._database._connections._reading.execute("PRAGMA cache_size = 1")
        journal._database._connections._writing.execute("PRAGMA cache_size = 1")
        spoil(path, *(place / 100 for place in range(2, 100, 2)))
        recorder = Recorder(journal)
        for number in range(0, 300, 10):
            recorder.record(entries(*range(number, number + 10), meter=Meter("after")))
        recorder.close(PATIENCE)
        assert recorder.held == 0
        assert len(list(journal.records.read_frames("after"))) == 300
    assert corrupt(path).exists()


def test_while_a_damaged_file_cannot_be_replaced_frames_wait_in_memory(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(path, 300)
    with Journal.open(path) as journal:
        journal._database._connections._reading.execute("PRAGMA cache_size = 1")
        journal._database._connections._writing.execute("PRAGMA cache_size = 1")
        spoil(path, *(place / 100 for place in range(1, 100)))
        in_the_way = Path(f"{path}.part")  # where a salvage fills the new file
        in_the_way.mkdir()
        recorder = Recorder(journal, retry_seconds=0.02)
        recorder.record(entries(1, 2, 3, meter=Meter("after")))
        until(lambda: "telegrams are held in memory" in caplog.text, what="the trouble is said")
        assert recorder.held == 3
        assert not any(".corrupt-" in file.name for file in path.parent.iterdir())
        in_the_way.rmdir()
        recorder.close(PATIENCE)
        assert recorder.held == 0
        assert len(list(journal.records.read_frames("after"))) == 3
