"""Opening a journal: what is missing, newer, on a disk that cannot be written, or where none can be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from tests.support.journals import append
from tests.support.small_disk import run_with_own_mounts


def test_reading_what_does_not_exist_makes_nothing(path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="there is no journal at"):
        Journal.open(path, read_only=True)
    assert not path.exists()


def test_the_folder_of_a_new_journal_is_made(tmp_path: Path) -> None:
    Journal.open(tmp_path / "home" / "state" / "journal.sqlite3").close()
    assert (tmp_path / "home" / "state" / "journal.sqlite3").exists()


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


READ_ONLY = """
import subprocess, sys
from pathlib import Path
from hanlogger.journal import Journal

path = Path(sys.argv[1])
subprocess.run(["mount", "--bind", path.parent, path.parent], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", path.parent], check=True)
with Journal.open(path, read_only=True) as journal:
    assert len(journal.records.read_after(0, 10)) == 3
"""


def test_a_journal_on_a_disk_that_cannot_be_written_can_be_read(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
    run_with_own_mounts(READ_ONLY, path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalUnavailable, match="no journal can be kept in"):
        Journal.open(tmp_path / "file" / "journal.sqlite3")
