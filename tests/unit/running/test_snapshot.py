"""The state of a running logger is written when it changes, and not each second."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

from hanlogger import config
from hanlogger.collect import Recorder
from hanlogger.journal import Journal
from hanlogger.running.snapshot import Reporter, find_runtime_folder
from hanlogger.status import state, state_file


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[state.State]:
    """The states that are written to the disk, as they are."""
    states: list[state.State] = []
    write = state_file.write_state

    def note(now: state.State, path: Path) -> None:
        states.append(now)
        write(now, path)

    monkeypatch.setattr(state_file, "write_state", note)
    return states


def reporter(path: Path, journal: Journal) -> Reporter:
    settings = config.load(None, {"HANLOGGER_PORT": "demo:", "HANLOGGER_JOURNAL": str(path)})
    return Reporter(settings, journal, Recorder(journal, ()))


def test_a_state_that_does_not_change_is_written_once(tmp_path: Path, written: list[Any]) -> None:
    path = tmp_path / "home.sqlite3"
    with Journal.open(path) as journal:
        reports = reporter(path, journal)
        first = reports.report((), ())
        for _ in range(3):
            assert reports.report((), ()).at > first.at
        assert written == [first]
        assert state_file.read_state(state_file.find_state_path(path)) == first


def test_a_state_is_written_again_when_it_is_to_be_refreshed(
    tmp_path: Path, written: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "home.sqlite3"
    with Journal.open(path) as journal:
        reports = reporter(path, journal)
        reports.report((), ())
        later = time.monotonic() + state.REFRESH.total_seconds() + 1
        monkeypatch.setattr("time.monotonic", lambda: later)
        reports.report((), ())
        assert len(written) == 2
        reports.report((), ())
        assert len(written) == 2


@pytest.mark.parametrize("hours", [-8760, 26])
def test_the_start_moves_with_a_clock_that_is_set(hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nothing is live after it was set back, and devices seem to have been gone for a day after it was set."""
    clock_set = timedelta(hours=hours)

    class Clock(datetime):
        @classmethod
        def now(cls, zone: tzinfo | None = None) -> Clock:
            return super().now(zone) + clock_set

    with Journal.open(tmp_path / "home.sqlite3") as journal:
        reports = reporter(tmp_path / "home.sqlite3", journal)
        first = reports.report((), ())
        monkeypatch.setattr("hanlogger.running.snapshot.datetime", Clock)
        later = reports.report((), ())
    assert first.at - first.started < timedelta(minutes=10)
    assert timedelta() <= later.at - later.started < timedelta(minutes=10)


def test_a_logger_that_only_refreshes_its_state_counts_as_running() -> None:
    assert 2 * state.REFRESH < state.STALE


def test_the_state_of_a_service_is_in_its_runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{folder}:{tmp_path}/another")
    with Journal.open(tmp_path / "home.sqlite3") as journal:
        reports = reporter(journal.path, journal)
        reports.report((), ())
        assert state_file.find_state_path(journal.path).readlink().parent == folder
        reports.close()
    assert list(folder.iterdir()) == []


def test_a_logger_that_is_no_service_has_no_runtime_folder() -> None:
    assert find_runtime_folder({}) is None
    assert find_runtime_folder({"RUNTIME_DIRECTORY": ""}) is None


def test_a_relative_runtime_folder_is_that_of_the_working_directory() -> None:
    assert find_runtime_folder({"RUNTIME_DIRECTORY": "memory"}) == Path.cwd() / "memory"


def test_a_journal_whose_name_is_no_utf_8_is_reported(tmp_path: Path) -> None:
    with Journal.open(tmp_path / os.fsdecode(b"\xff.sqlite3")) as journal:
        reporter(journal.path, journal).report((), ())
        found = state_file.read_state(state_file.find_state_path(journal.path))
    assert found is not None
    assert found.journal.path == f"{tmp_path}/\ufffd.sqlite3"
