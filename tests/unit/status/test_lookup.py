"""A logger whose disk is full, that hangs or was killed: what it says, and what others see of it."""

from __future__ import annotations

import os
import resource
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger.journal import Journal, get_holder
from hanlogger.journal.file.lock import lock
from hanlogger.status import state_file
from hanlogger.status.lookup import look_up
from hanlogger.status.state import JournalState, State
from tests.support.logger import Logger, call, command, logger
from tests.support.ports import plugged_in, telegram
from tests.support.waiting import until

ROOM_FOR_THE_STATE = 32 * 1024  # octets: less than the write-ahead log has


def fill(running: Logger) -> None:
    """No file of the process may grow beyond that; a write that would is refused by the kernel."""
    _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (ROOM_FOR_THE_STATE, hard))


def held(running: Logger) -> int:
    return running.state.journal.held if running.state else 0


def test_telegrams_that_the_disk_never_took_are_told_at_the_end_and_by_the_status(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with plugged_in(path) as line, logger(tmp_path, "--port", str(path)) as running:
        until(lambda: running.state and running.state.meters[0].state == "open")
        for number in range(12):
            line.send(telegram(number))
        until(lambda: running.frames("home") == 12)
        fill(running)
        for number in range(12, 15):
            line.send(telegram(number))
        until(lambda: held(running) == 3)
        assert running.stop() == 1
        last = running.log.splitlines()[-1]
        assert last.startswith("hanlogger: has ended; 3 telegrams are lost: ")
        assert "everything is in" not in running.log


def test_the_state_is_told_though_no_file_can_be_made(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with plugged_in(path) as line, logger(tmp_path, "--port", str(path)) as running:
        until(lambda: running.state and running.state.meters[0].state == "open")
        (tmp_path / "journal.state.new").mkdir()  # in the place of the next state
        line.send(telegram(0))
        until(lambda: running.frames("home") == 1)
        assert "cannot be written" not in running.log


def test_what_waits_in_memory_is_told_with_the_reason_while_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with plugged_in(path) as line, logger(tmp_path, "--port", str(path)) as running:
        until(lambda: running.state and running.state.meters[0].state == "open")
        for number in range(12):
            line.send(telegram(number))
        until(lambda: running.frames("home") == 12)
        fill(running)
        line.send(telegram(12))
        until(lambda: held(running) == 1)
        told = command(tmp_path, "status")
        assert told.returncode == 0
        assert ", 1 telegram held in memory\n" in told.stdout
        assert "the disk does not take more: telegrams are held in memory, up to 10000" in told.stdout


def test_no_reader_ever_sees_half_a_state(tmp_path: Path) -> None:
    path, now = tmp_path / "journal.state.json", datetime(2026, 1, 1, tzinfo=UTC)
    told = [State("1", 1, letter * length, now, now, JournalState("/j")) for letter, length in (("a", 9), ("b", 3000))]
    state_file.write_state(told[0], path)
    (tmp_path / "journal.state.new").mkdir()
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            for one in told:
                state_file.write_state(one, path)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = [state_file.read_state(path) for _ in range(2000)]
    finally:
        done.set()
        writer.join()
    assert all(one in told for one in seen)


def test_half_a_state_is_no_state(tmp_path: Path) -> None:
    path, now = tmp_path / "journal.state.json", datetime(2026, 1, 1, tzinfo=UTC)
    state_file.write_state(State("1", 1, "cellar", now, now, JournalState("/j")), path)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"cellar", b"attics"))
    assert state_file.read_state(path) is None


def test_a_state_that_has_outgrown_its_place_is_an_error_and_leaves_the_old_one(tmp_path: Path) -> None:
    path, now = tmp_path / "journal.state.json", datetime(2026, 1, 1, tzinfo=UTC)
    old = State("1", 1, "cellar", now, now, JournalState("/j"))
    state_file.write_state(old, path)
    (tmp_path / "journal.state.new").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        state_file.write_state(replace(old, logger="x" * 20_000), path)
    assert state_file.read_state(path) == old


def test_a_logger_that_was_killed_is_known_to_be_gone_at_once(tmp_path: Path) -> None:
    with logger(tmp_path, "--port", "demo:") as running:
        assert command(tmp_path, "status", "--quiet").returncode == 0
        running.stop(signal.SIGKILL)
        assert running.state is not None
        told = command(tmp_path, "status")
    assert told.returncode == 1
    assert "no logger runs with the journal" in told.stdout


def test_a_logger_that_hangs_is_not_taken_for_one_that_has_ended(tmp_path: Path) -> None:
    path, journal = tmp_path / "journal.sqlite3", JournalState("/j")
    old = datetime.now(UTC) - timedelta(minutes=1)
    with Journal.open(path):
        assert look_up(path) == ("mute", None)
        assert "nothing is said of it" in command(tmp_path, "status").stdout
        state_file.find_state_path(path).symlink_to("/run/of-another-container/state")
        assert "in /run/of-another-container/state, which is not there" in call(tmp_path, "status").stdout
        state_file.write_state(State("1", os.getpid(), "cellar", old, old, journal), state_file.find_state_path(path))
        assert look_up(path).life == "mute"
        assert "it hangs, or its disk takes nothing" in command(tmp_path, "status").stdout
        state_file.write_state(
            State("1", 1, "cellar", datetime.now(UTC), datetime.now(UTC), journal), state_file.find_state_path(path)
        )
        assert look_up(path).life == "gone"  # another process has the journal now
    assert look_up(path).running is None


def test_asking_who_runs_never_keeps_a_logger_from_starting(tmp_path: Path) -> None:
    path, done = tmp_path / "journal.sqlite3", threading.Event()
    Journal.open(path).close()

    answers: set[str | None] = set()

    def ask() -> None:
        while not done.is_set():
            answers.add(get_holder(path))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        until(lambda: None in answers, what="nobody has it")
        for _ in range(50):
            lock(path).close()
        with lock(path):
            until(lambda: str(os.getpid()) in answers, what="this process has it")
    finally:
        done.set()
        asking.join()


def test_journals_of_one_stem_in_one_folder_have_states_of_their_own(tmp_path: Path) -> None:
    names = ("home.sqlite3", "home.db", "home", "home.sqlite", "home.2.db")
    paths = {state_file.find_state_path(tmp_path / name) for name in names}
    assert len(paths) == len(names)
    assert tmp_path / "home.state.json" in paths, "the default journal's keeps its name"
    assert len({path.with_suffix(".new") for path in paths}) == len(names)
