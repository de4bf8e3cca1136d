"""Whose a file is: a journal is known, and a path that names anything else is refused with nothing changed."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hanlogger.errors import JournalLocked, JournalUnavailable, NotAJournal
from hanlogger.journal import Journal, schema
from hanlogger.journal.file.identity import APPLICATION_ID, identify
from hanlogger.journal.file.lock import is_marked, lock, read_birth_time
from tests.support.damaged_journals import corrupt
from tests.support.journal_versions import NEXT, made_by, next_version
from tests.support.journals import append, ids
from tests.support.logger import call, command

NOTES = b"Notes of many years.\n" * 100
HOUSE = "CREATE TABLE states (id INTEGER PRIMARY KEY, words TEXT); INSERT INTO states (words) VALUES ('precious');"


def seen(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """All that could have changed in a folder: octets, rights, and when they were written."""
    return {
        file.name: (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns)
        for file in folder.iterdir()
        if file.is_file()
    }


def text(path: Path) -> None:
    path.write_bytes(NOTES)


def one_octet(path: Path) -> None:
    path.write_bytes(b"\0")


def zeros(path: Path) -> None:
    path.write_bytes(bytes(8192))


def half_a_database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(8000))


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(HOUSE)


def database_with_a_log_mode(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA journal_mode = WAL; {HOUSE}")


def database_of_a_known_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA application_id = 1196444487")


def database_with_a_version_of_its_own(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA user_version = 7")


FOREIGN = (
    text,
    one_octet,
    zeros,
    half_a_database,
    database,
    database_with_a_log_mode,
    database_of_a_known_program,
    database_with_a_version_of_its_own,
)
COMMANDS = {
    "run": ("run", "--port", "demo:"),
    "export": ("export",),
    "import": ("import", "capture.p1"),
    "status": ("status",),
    "refused": ("refused",),
    "refused --retry": ("refused", "--retry"),
    "forget": ("forget", "home", "--yes"),
    "capture": ("capture", "--from-journal", "new.txt"),
    "backfill": ("backfill",),
}


@pytest.mark.parametrize("make", FOREIGN)
def test_a_file_of_something_else_is_refused_and_nothing_is_changed(path: Path, make: object) -> None:
    make(path)  # type: ignore[operator]
    before = seen(path.parent)
    for read_only, exclusive in ((True, False), (False, False), (False, True)):
        with pytest.raises(NotAJournal, match="It has not been touched: name another file"):
            Journal.open(path, read_only=read_only, exclusive=exclusive)
    assert seen(path.parent) == before


@pytest.mark.parametrize("make", [text, database])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_refuses_it_in_one_line_with_status_2(tmp_path: Path, name: str, make: object) -> None:
    (tmp_path / "capture.p1").write_bytes(b"/ABC5\\meter\r\n\r\n!0000\r\n")
    path = tmp_path / "notes.db"
    make(path)  # type: ignore[operator]
    before = seen(tmp_path)
    done = call(
        tmp_path, *COMMANDS[name], environ={"HANLOGGER_JOURNAL": str(path), "HANLOGGER_INFLUXDB_URL": "http://[::1]:9"}
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"hanlogger: {path} is no journal of hanlogger's: ")
    assert seen(tmp_path) == before


def test_the_doctor_says_what_the_file_is_not(tmp_path: Path) -> None:
    database(tmp_path / "house.db")
    before = seen(tmp_path)
    arguments = ("--port", "file:/dev/null", "--wait", "0.1", "--listen", "0.1")
    done = call(tmp_path, "doctor", *arguments, environ={"HANLOGGER_JOURNAL": str(tmp_path / "house.db")})
    assert done.returncode == 1
    assert "it is the database of another program" in done.stdout
    assert seen(tmp_path) == before


def test_a_database_that_another_program_is_writing_is_refused_and_left_to_it(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as program:
        program.executescript(f"PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; {HOUSE}")
        assert path.stat().st_size <= 4096, "its table stands in the log alone"
        before = {name: what for name, what in seen(path.parent).items() if not name.endswith("-shm")}
        with pytest.raises(NotAJournal, match="the database of another program"):
            Journal.open(path)
        assert {name: what for name, what in seen(path.parent).items() if not name.endswith("-shm")} == before
        assert program.execute("SELECT words FROM states").fetchall() == [("precious",)]


def test_nothing_large_of_another_program_is_deleted_for_its_size(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(HOUSE)
        connection.execute("INSERT INTO states (words) VALUES (?)", ("x" * 3_000_000,))
        connection.commit()
    before = seen(tmp_path)
    done = call(tmp_path, "run", "--port", "demo:", environ={"HANLOGGER_JOURNAL": str(path)})
    assert done.returncode == 2
    assert seen(tmp_path) == before


# what is a journal


def test_a_new_journal_says_whose_it_is_from_its_first_page(path: Path) -> None:
    with Journal.open(path), closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as alone:
        assert alone.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_commit_returns_when_the_disk_has_it(path: Path) -> None:
    with Journal.open(path) as journal:
        asked = ("synchronous", "journal_mode", "auto_vacuum", "journal_size_limit")
        writing = journal._database._connections._writing
        found = [writing.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
    assert found == [2, "wal", 2, 16 * 1024 * 1024]  # FULL, incremental


def test_one_from_before_that_is_known_by_its_tables_and_says_so_from_then_on(path: Path) -> None:
    made_by(1, path)
    with pytest.raises(JournalUnavailable, match="by an older hanlogger"):
        Journal.open(path, read_only=True)
    with Journal.open(path) as journal:
        assert len(ids(journal.records.read_after(0, 99))) == 6
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


@pytest.mark.parametrize("version", [0, APPLICATION_ID])
def test_one_whose_tables_stand_in_its_log_alone_is_known(path: Path, version: int) -> None:
    script = f"""
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.executescript("PRAGMA application_id = {version}; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
for statement in open(sys.argv[2]).read().split(";\\n"):
    connection.execute(statement)
os._exit(0)
"""
    fixture = Path(__file__).parents[3] / "fixtures" / "journals" / "v1.sql"
    subprocess.run([sys.executable, "-c", script, path, fixture], check=True)
    assert path.stat().st_size == 4096
    with Journal.open(path) as journal:
        assert len(ids(journal.records.read_after(0, 99))) == 6


def test_an_empty_file_and_an_empty_database_become_journals(path: Path, tmp_path: Path) -> None:
    path.touch()
    other = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = WAL")
    for file in (path, other):
        with Journal.open(file) as journal:
            assert append(journal, 2) == [1, 2]


# what was one


@pytest.mark.parametrize("how", [Journal.open, lambda path: Journal.open(path, exclusive=False)])
def test_a_journal_of_which_nothing_can_be_read_is_set_aside(path: Path, how: object) -> None:
    with how(path) as journal:  # type: ignore[operator]
        append(journal, 3)
    path.write_bytes(os.urandom(path.stat().st_size))
    noise = path.read_bytes()
    with Journal.open(path) as journal:
        assert append(journal, 2) == [1, 2]
        assert is_marked(path), "the next noise is known to be a journal too"
    assert corrupt(path).read_bytes() == noise
    assert stat.S_IMODE(corrupt(path).stat().st_mode) == 0o600


def test_another_file_in_the_place_of_a_journal_is_not_set_aside(path: Path) -> None:
    Journal.open(path).close()
    path.rename(path.with_name("elsewhere"))
    text(path)
    before = seen(path.parent)
    with pytest.raises(NotAJournal):
        Journal.open(path)
    assert seen(path.parent) == before


def test_a_file_that_got_the_inode_of_a_deleted_journal_is_not_set_aside(path: Path) -> None:
    Journal.open(path).close()
    if not read_birth_time(path):
        pytest.skip("this file system does not tell when a file was made")
    path.unlink()
    text(path)
    lock_file = Path(f"{path}.lock")
    process, noted, *_ = lock_file.read_text().split("\n")
    lock_file.write_text(f"{process}\n{path.stat().st_ino} {noted.split()[1]}\n")
    before = path.read_bytes()
    with pytest.raises(NotAJournal):
        Journal.open(path)
    assert path.read_bytes() == before


def test_a_mark_of_an_earlier_version_is_the_inode_alone(path: Path) -> None:
    Journal.open(path).close()
    Path(f"{path}.lock").write_text(f"1\n{path.stat().st_ino}\n".ljust(64))
    assert is_marked(path)
    path.write_bytes(os.urandom(8192))
    Journal.open(path).close()
    assert corrupt(path)


def test_the_mark_outlasts_the_lock_of_whoever_comes_after(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
    text(other := path.with_name("notes"))
    other.replace(path)
    for _ in range(2):
        with pytest.raises(NotAJournal):
            Journal.open(path)


def test_who_only_takes_the_lock_leaves_the_mark(path: Path) -> None:
    Journal.open(path).close()
    lock(path).close()
    assert is_marked(path)


def test_a_newer_journal_is_refused_before_anything_is_made_beside_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99")
    before = seen(path.parent)
    for read_only, exclusive in ((True, False), (False, False), (False, True)):
        with pytest.raises(JournalUnavailable, match="written by a newer hanlogger"):
            Journal.open(path, read_only=read_only, exclusive=exclusive)
    assert seen(path.parent) == before


def test_an_empty_file_beside_a_log_with_content_is_a_damaged_journal(path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from hanlogger.journal import Journal
from tests.support.journals import append
append(Journal.open(Path(sys.argv[1])), 50)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, path], check=True, cwd=Path(__file__).parents[4])
    log = path.with_name(f"{path.name}-wal").read_bytes()
    assert log
    os.truncate(path, 0)
    with pytest.raises(JournalUnavailable, match="its write-ahead log is not"):
        Journal.open(path, read_only=True)
    Journal.open(path).close()
    assert Path(f"{corrupt(path)}-wal").read_bytes() == log


# one journal, whatever it is called


@contextmanager
def at(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def test_two_loggers_cannot_have_one_journal_under_two_names(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    path = folder / "journal.sqlite3"
    link.symlink_to(folder)
    (tmp_path / "j.sqlite3").symlink_to(path)
    with Journal.open(path), at(tmp_path):
        for name in ("link/journal.sqlite3", "j.sqlite3", "link/../folder/journal.sqlite3", "folder/./journal.sqlite3"):
            with pytest.raises(JournalLocked):
                Journal.open(Path(name))
            done = command(tmp_path, "run", "--port", "demo:", "--journal", name)
            assert (done.returncode, "another hanlogger records in" in done.stderr) == (2, True), name


def test_a_journal_with_two_names_of_its_own_is_refused(path: Path, tmp_path: Path) -> None:
    Journal.open(path).close()
    (tmp_path / "second").hardlink_to(path)
    for name in (path, tmp_path / "second"):
        with pytest.raises(NotAJournal, match="2 names"):
            Journal.open(name)


def test_a_link_that_leads_nowhere_yet_makes_a_private_journal_where_it_leads(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "disk" / "journal.sqlite3"
    target.parent.mkdir()
    link.symlink_to(target)
    before = os.umask(0o022)
    try:
        Journal.open(link).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert {file.name for file in target.parent.iterdir()} == {"journal.sqlite3", "journal.sqlite3.lock"}
    assert {file.name for file in tmp_path.iterdir()} == {"link", "disk"}


def test_links_in_a_ring_are_one_line_and_status_2(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    done = call(tmp_path, "run", "--port", "demo:", "--journal", "a")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "Too many levels of symbolic links" in line


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP])
def test_a_file_system_without_locks_is_one_line_and_status_2(
    path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    for exclusive in (True, False):
        with pytest.raises(NotAJournal, match=r"its file system has no locks .*name a path on a disk of this computer"):
            Journal.open(path, exclusive=exclusive)
    assert not path.exists()


BACK = "DROP TABLE note; ALTER TABLE record DROP COLUMN quality;"


def bring_forward_and_back(path: Path, until: threading.Event) -> None:
    newest = len(schema.MIGRATIONS)
    while not until.is_set():
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"BEGIN IMMEDIATE; {NEXT} PRAGMA user_version = {newest}; COMMIT;")
            connection.executescript(f"BEGIN IMMEDIATE; {BACK} PRAGMA user_version = {newest - 1}; COMMIT;")


def test_a_journal_is_not_corrupt_while_another_process_brings_it_forward(path: Path) -> None:
    """One question in thirty falls between the tables and the version, unless all are asked of one state."""
    Journal.open(path).close()
    enough = threading.Event()
    with next_version():
        other = threading.Thread(target=bring_forward_and_back, args=(path, enough))
        other.start()
        try:
            for _ in range(300):
                identify(path)
        finally:
            enough.set()
            other.join()


def test_a_journal_is_not_corrupt_while_another_process_makes_it_longer_and_closes_it(path: Path) -> None:
    """One question in some hundred falls between the header and the length of the file, which has grown by then."""
    script = """
import sys
from pathlib import Path
from hanlogger.journal import Journal
from tests.support.journals import append
for _ in range(60):
    with Journal.open(Path(sys.argv[1])) as journal:
        append(journal, 100)
"""
    Journal.open(path).close()
    with subprocess.Popen([sys.executable, "-c", script, path], cwd=Path(__file__).parents[4]) as other:
        while other.poll() is None:
            identify(path)
    assert other.returncode == 0
