"""Where the state of a logger is: in its runtime folder, where it has one, and always found beside the journal."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.status.state import JournalState, State
from hanlogger.status.state_file import StateFile, find_state_path, read_state, write_state


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    (tmp_path / "journals").mkdir()
    return tmp_path / "journals" / "home.sqlite3"


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    (tmp_path / "runtime").mkdir()
    return tmp_path / "runtime"


def made(logger: str) -> State:
    now = datetime.now(UTC)
    return State("1", 1, logger, now, now, JournalState("/j"))


def told(journal: Path) -> str:
    """The name of the logger whose state is found."""
    found = read_state(find_state_path(journal))
    return found.logger if found else ""


def test_a_state_in_the_runtime_folder_takes_the_place_of_an_old_one_beside_the_journal(
    journal: Path, runtime: Path
) -> None:
    write_state(made("old"), find_state_path(journal))
    file = StateFile(journal, runtime)
    for name in ("new", "newer"):
        file.write(made(name))
        assert told(journal) == name
    (kept,) = runtime.iterdir()
    assert find_state_path(journal).readlink() == kept
    assert kept.stat().st_mode & 0o777 == 0o644
    file.remove()
    assert [*runtime.iterdir(), *journal.parent.iterdir()] == []


def test_the_link_is_made_once(journal: Path, runtime: Path) -> None:
    file = StateFile(journal, runtime)
    file.write(made("first"))
    before = find_state_path(journal).lstat()
    file.write(made("second"))
    assert find_state_path(journal).lstat() == before


def test_a_state_in_memory_that_is_gone_is_no_state(journal: Path, runtime: Path) -> None:
    StateFile(journal, runtime).write(made("killed"))
    for file in runtime.iterdir():
        file.unlink()
    assert told(journal) == ""
    (journal.parent / "runtime").mkdir()
    StateFile(journal, journal.parent / "runtime").write(made("in another folder"))
    assert told(journal) == "in another folder"
    StateFile(journal, None).write(made("next"))  # started by hand
    assert told(journal) == "next"
    assert not find_state_path(journal).is_symlink()


def test_without_its_runtime_folder_a_logger_goes_on_beside_the_journal_and_back(journal: Path, runtime: Path) -> None:
    file = StateFile(journal, runtime)
    file.write(made("first"))
    away = runtime.rename(runtime.with_name("away"))
    file.write(made("second"))
    assert told(journal) == "second"
    away.rename(runtime)
    file.write(made("third"))
    assert told(journal) == "third"
    assert find_state_path(journal).is_symlink()


def test_a_link_that_cannot_be_made_leaves_no_older_state_in_its_place(journal: Path, runtime: Path) -> None:
    write_state(made("old"), find_state_path(journal))
    find_state_path(journal).with_suffix(".new").mkdir()  # in the place of the link, as on a disk without room
    StateFile(journal, runtime).write(made("new"))
    assert told(journal) == "new"


def test_journals_of_one_name_share_a_runtime_folder(journal: Path, tmp_path: Path, runtime: Path) -> None:
    StateFile(journal, runtime).write(made("one"))
    StateFile(tmp_path / "home.sqlite3", runtime).write(made("two"))
    assert [told(journal), told(tmp_path / "home.sqlite3")] == ["one", "two"]


def test_a_link_that_others_have_put_into_the_runtime_folder_is_not_followed(
    journal: Path, runtime: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    file = StateFile(journal, runtime)
    file.write(made("first"))
    (kept,) = runtime.iterdir()
    kept.unlink()
    for planted in (kept, kept.with_suffix(".new")):
        planted.symlink_to(precious)
    file.write(made("second"))
    assert told(journal) == "second"
    assert precious.read_text() == "precious"


def test_where_no_new_file_can_be_made_a_link_that_others_have_put_there_is_not_followed(
    journal: Path, tmp_path: Path
) -> None:
    precious, path = tmp_path / "precious", find_state_path(journal)
    precious.write_bytes(bytes(65536))
    path.symlink_to(precious)
    path.with_suffix(".new").mkdir()  # as on a disk without room
    with pytest.raises(OSError):
        write_state(made("new"), path)
    assert precious.read_bytes() == bytes(65536)


def test_a_journal_whose_name_is_no_utf_8_has_a_state(journal: Path, runtime: Path) -> None:
    odd = journal.with_name(os.fsdecode(b"\xff.sqlite3"))
    StateFile(odd, runtime).write(made("odd"))
    assert told(odd) == "odd"
