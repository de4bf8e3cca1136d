"""The repair of a damaged journal and the migration of an old one, cut off at every step: nothing is ever missing."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable, NotAJournal
from hanlogger.journal import Journal, schema
from hanlogger.journal.file.lock import lock, mark_salvaged
from hanlogger.journal.file.sqlite import JournalCorrupt
from hanlogger.journal.salvage.carrying import carry_over
from hanlogger.journal.salvage.exchange import clear_part, put_in_place
from hanlogger.journal.salvage.reading import read_by_rowid
from hanlogger.journal.salvage.replacement import _lock_others_out, salvage
from tests.support.damaged_journals import NAME, NOISE, RECORDS, call, copied, corrupt, forking
from tests.support.journal_versions import NEXT, made_by, next_version
from tests.support.journals import SECOND, START, append, entries, ids
from tests.support.logger import logger
from tests.support.sending import SOAK
from tests.support.waiting import until

OPEN = """
import os, signal, sys
from pathlib import Path
from hanlogger.journal import Journal
from tests.support.journal_versions import next_version

path, last, steps = Path(sys.argv[1]), int(sys.argv[2]), 0

def watch(event, arguments):
    global steps
    if event in ("open", "sqlite3.connect") or event.startswith("os."):
        if any(str(path.parent) in str(one) for one in arguments):
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
"""
REPAIR = f"""{OPEN}
with Journal.open(path) as journal:
    journal.refused.list_newest()
print(steps)
"""
MIGRATE = f"""{OPEN}
with next_version():
    Journal.open(path).close()
print(steps)
"""
REPAIR_ALONE = """
import sys
from pathlib import Path
from hanlogger.journal.file.sqlite import JournalCorrupt
from hanlogger.journal.salvage import salvage

salvage(Path(sys.argv[1]), JournalCorrupt("it is corrupt"))
"""
MIGRATE_ALONE = """
import sys
from pathlib import Path
from hanlogger.journal.file.opening import open_writable
from tests.support.journal_versions import next_version

with next_version():
    open_writable(Path(sys.argv[1])).close()
"""
"""In one thread: system calls are counted by thread."""

CALLS = ("openat", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "fchmod")
"""What changes a file."""


def check(path: Path, *, repaired: bool) -> None:
    """Whoever comes next finds all, or is told; a logger finds all."""
    for read_only in (True, False):
        try:
            with Journal.open(path, read_only=read_only, exclusive=False) as journal:
                assert ids(journal.records.read_after(0, 99)) == list(range(1, RECORDS + 1))
        except JournalUnavailable as error:
            assert not isinstance(error, NotAJournal)
            assert re.search("hanlogger run finishes it|is corrupt|by an older hanlogger", str(error))
    with Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 99)) == list(range(1, RECORDS + 1))
        journal.refused.list_newest()
        assert append(journal, 1) == [RECORDS + 1]
        assert ids(journal.records.read_after(RECORDS, 9)) == [RECORDS + 1]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not list(path.parent.glob("*.new*")) + list(path.parent.glob("*.part*"))
    assert len([file for file in path.parent.glob("*.corrupt-*") if not file.name.endswith("-wal")]) == repaired


def steps(script: str, folder: Path, to: Path) -> int:
    done = call(script, copied(folder, to), "-1")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_repair_that_is_killed_at_any_of_its_steps_loses_nothing(damaged: Path, tmp_path: Path) -> None:
    number = steps(REPAIR, damaged, tmp_path / "whole")
    check(tmp_path / "whole" / NAME, repaired=True)
    assert number > 12
    with forking(REPAIR) as run:
        for last in range(1, number + 1):
            path = copied(damaged, tmp_path / str(last))
            assert run(path, last) == -signal.SIGKILL
            check(path, repaired=True)
            assert NOISE in corrupt(path).read_bytes()


def test_a_repair_that_is_killed_again_and_again_loses_nothing(damaged: Path, tmp_path: Path) -> None:
    path, last = copied(damaged, tmp_path / "again"), 3
    with forking(REPAIR) as run:
        while (status := run(path, last)) == -signal.SIGKILL:
            last += 1
            assert last < 100
    assert status == 0
    check(path, repaired=True)


def test_a_migration_that_is_killed_at_any_of_its_steps_loses_nothing(old: Path, tmp_path: Path) -> None:
    number = steps(MIGRATE, old, tmp_path / "whole")
    with forking(MIGRATE) as run:
        for last in range(1, number + 1):
            path = copied(old, tmp_path / str(last))
            assert run(path, last) == -signal.SIGKILL
            with next_version():
                check(path, repaired=False)


def killed_at(name: str, number: int) -> list[str]:
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={name}:signal=KILL:when={number}"]


@pytest.fixture(scope="module")
def strace(tmp_path_factory: pytest.TempPathFactory) -> None:
    if not shutil.which("strace"):
        pytest.skip("no strace: nothing can be killed at a system call")
    done = subprocess.run([*killed_at("getcwd", 1), "pwd"], capture_output=True, check=False)
    if done.returncode != -signal.SIGKILL:
        pytest.skip("nothing may be traced here")


def system_calls(script: str, path: Path) -> Counter[str]:
    """How often each is made, from the first on that names the journal's folder."""
    log = path.parent.with_suffix(".strace")
    traced = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
    assert call(script, path, "-1", before=traced).returncode == 0
    return Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))


@pytest.mark.usefixtures("strace")
@pytest.mark.timeout(3600 if SOAK else 900)
@pytest.mark.parametrize("what", ["repair", "migration"])
def test_neither_loses_anything_when_it_is_killed_at_a_system_call(
    damaged: Path, old: Path, tmp_path: Path, what: str
) -> None:
    script, folder = (REPAIR_ALONE, damaged) if what == "repair" else (MIGRATE_ALONE, old)
    made = system_calls(script, copied(folder, tmp_path / "whole"))
    before = system_calls("pass", copied(folder, tmp_path / "none"))  # the interpreter's own
    some = random.Random(1).sample if not SOAK else lambda moments, _: moments
    moments = [(name, number) for name in made for number in range(before[name] + 1, made[name] + 1)]
    assert len(moments) > 100
    for name, number in some(moments, 6):
        path = copied(folder, tmp_path / f"{name}-{number}")
        done = call(script, path, "-1", before=killed_at(name, number))
        assert done.returncode == -signal.SIGKILL, (name, number, done)
        if what == "repair":
            repaired(path)
            check(path, repaired=True)
        else:
            with next_version():
                check(path, repaired=False)
        shutil.rmtree(path.parent)


def repaired(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.refused.list_newest()


def test_two_readers_that_find_the_same_damage_have_it_repaired_once(tmp_path: Path) -> None:
    with Journal.open(tmp_path / NAME) as journal:
        append(journal, 5)
        before = journal._database._connections.generation
        for _ in range(2):
            journal._database.write(lambda _: journal._database._condemn(before))
        assert ids(journal.records.read_after(0, 9)) == [1, 2, 3, 4, 5]
    assert corrupt(tmp_path / NAME)


# what another has left


def test_a_whole_new_journal_is_put_in_place_and_the_old_log_is_not_replayed_into_it(
    damaged: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = copied(damaged, tmp_path / "folder")
    with Journal.open(tmp_path / "other.sqlite3") as journal:
        append(journal, 7)
    (tmp_path / "other.sqlite3").rename(f"{path}.new")
    os.utime(f"{path}.new", (1_700_000_000, 1_700_000_000))
    mark_salvaged(path, Path(f"{path}.new"))
    with pytest.raises(JournalUnavailable, match=r"a salvage .* was cut off .*hanlogger run finishes it"):
        Journal.open(path, exclusive=False)
    with Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 99)) == list(range(1, 8))
    assert Path(f"{corrupt(path)}-wal").read_bytes() == (damaged / f"{NAME}-wal").read_bytes()
    assert corrupt(path).name == f"{NAME}.corrupt-20231114T221320.000000Z", "its name does not depend on the day"
    assert "was cut off and is finished now" in caplog.text


@pytest.mark.parametrize(
    "leave", [lambda path: path.rename(f"{path}.new"), lambda path: path.rename(f"{path}.corrupt-1")]
)
def test_a_journal_that_is_missing_beside_what_a_repair_left_is_finished_never_begun_anew(
    tmp_path: Path, leave: Callable[[Path], Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        append(journal, 5)
        journal.destinations.confirm("influxdb", 4)
    leave(path)
    for read_only in (True, False):
        with pytest.raises(JournalUnavailable, match=r"a salvage .* was cut off"):
            Journal.open(path, read_only=read_only, exclusive=False)
    assert not path.exists()
    with Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 9)) == [1, 2, 3, 4, 5]
        assert journal.destinations.get_cursor("influxdb") == 4
    assert caplog.text
    assert not list(tmp_path.glob("*.new*")) + list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("content", [b"", b"half a page"])
def test_what_is_no_whole_journal_never_replaces_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        append(journal, 5)
    Path(f"{path}.new").write_bytes(content)
    Path(f"{path}.part").write_bytes(content)
    for exclusive in (False, True):
        with Journal.open(path, exclusive=exclusive) as journal:
            assert ids(journal.records.read_after(0, 9)) == [1, 2, 3, 4, 5]
    assert not Path(f"{path}.part").exists()


def test_a_copy_that_a_user_calls_new_never_replaces_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        journal.records.append(entries(*range(10)))
        journal._database.read(lambda connection: connection.execute(f"VACUUM INTO '{path}.new'"))
        journal.records.append(entries(*range(10, 50)))
    copy = Path(f"{path}.new").read_bytes()
    for exclusive in (False, True):
        with Journal.open(path, exclusive=exclusive) as journal:
            assert len(journal.records.read_after(0, 99)) == 50
    assert Path(f"{path}.new").read_bytes() == copy
    assert "is left alone" in caplog.text
    with lock(path):
        salvage(path, JournalCorrupt("corrupt"))
    with Journal.open(path) as journal:
        assert len(journal.records.read_after(0, 99)) == 50
    (kept,) = path.parent.glob("*.new-*")
    assert kept.read_bytes() == copy


def test_of_several_that_were_set_aside_the_last_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / NAME
    for number, name in ((2, "20250101T000000Z"), (4, "20260101T000000.000000Z")):
        with Journal.open(path) as journal:
            append(journal, number)
        path.rename(f"{path}.corrupt-{name}")
        Path(f"{path}.corrupt-{name}-wal").touch()
        Path(f"{path}.lock").unlink()
        Path(f"{path}.reserve").unlink(missing_ok=True)
        if number == 2:
            shutil.move(f"{path}.corrupt-{name}", tmp_path / "kept")
    shutil.move(tmp_path / "kept", f"{path}.corrupt-20250101T000000Z")
    with Journal.open(path) as journal:
        assert len(ids(journal.records.read_after(0, 9))) == 4


def test_a_log_whose_journal_is_gone_is_kept_beside(old: Path, tmp_path: Path) -> None:
    path = copied(old, tmp_path / "folder")
    log = path.with_name(f"{NAME}-wal").read_bytes()
    path.unlink()
    with Journal.open(path) as journal:
        assert append(journal, 1) == [1]
    (aside,) = path.parent.glob("*.corrupt-*-wal")
    assert aside.read_bytes() == log


def test_a_journal_of_a_version_before_that_is_damaged_is_carried_over_and_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        append(journal, 300, size=900)
    with path.open("r+b") as file:
        file.seek(4096 * 30)
        file.write(os.urandom(4096))
    reads_all = NEXT + "UPDATE record SET quality = length(data);\n"
    with next_version(reads_all), Journal.open(path) as journal:
        assert append(journal, 1) == [301]
        assert len(list(journal.records.read_frames())) > 290
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS) + 1,)
        assert connection.execute("SELECT count(*) FROM note").fetchone()[0] > 290


def test_no_id_that_was_ever_given_is_given_again_after_a_repair(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        append(journal, 9)
        journal.redeliveries.request("influxdb", None, None, None)
        journal.records.forget("home")
    with closing(sqlite3.connect(path)) as connection:
        before = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    with lock(path):
        salvage(path, JournalCorrupt("damaged"))
    with closing(sqlite3.connect(path)) as connection:
        assert dict(connection.execute("SELECT name, seq FROM sqlite_sequence")) == before
    with Journal.open(path) as journal:
        append(journal, 1)
        assert journal.newest == 10


def test_a_repair_of_a_sound_journal_gives_the_same_rows_in_every_table(tmp_path: Path) -> None:
    path = tmp_path / NAME
    made_by(1, path)
    Journal.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO passed (meter, record, time) VALUES ('home', 4, 5)")
        connection.execute("INSERT INTO sqlite_sequence VALUES ('nothing_yet', 7)")
        rows = [("home", 0, number, 0, 1, "900000 5", 0) for number in range(2500)]
        connection.executemany("INSERT INTO energy VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        prices = [("SE3", number, "0.5312", "SEK", 1, 0) for number in range(2500)]
        connection.executemany("INSERT INTO price VALUES (?, ?, ?, ?, ?, ?)", prices)
    before = rows_of(path)
    assert all(before.values()), "a table without rows shows nothing"
    with lock(path):
        salvage(path, JournalCorrupt("damaged"))
    assert rows_of(path) == before


def rows_of(path: Path) -> dict[str, list[object]]:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for (name,) in names}


def test_a_number_that_is_far_too_high_does_not_keep_a_repair_from_ending(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        append(journal, 1500)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE sqlite_sequence SET seq = seq + (1 << 50) WHERE name = 'record'")
    with lock(path):
        salvage(path, JournalCorrupt("damaged"))
    with Journal.open(path) as journal:
        assert len(list(journal.records.read_frames())) == 1500


def test_every_row_of_a_sound_table_is_read(tmp_path: Path) -> None:
    with Journal.open(tmp_path / NAME) as journal:
        append(journal, 2500)
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        rows = [row for chunk in read_by_rowid(connection, "record", 0, 2500) for row in chunk]
    assert [row[0] for row in rows] == list(range(1, 2501))


def test_what_is_put_in_place_has_no_log_of_its_own(old: Path, tmp_path: Path) -> None:
    path = copied(old, tmp_path / "folder")
    carry_over(path, clear_part(path))
    part = path.with_name(f"{NAME}.part")
    assert part.read_bytes()[18:20] == b"\1\1", "everything is in the file itself"
    before = path.read_bytes()
    part.with_name(f"{part.name}-wal").touch()
    with pytest.raises(OSError, match="is still in use"):
        put_in_place(path)
    assert path.read_bytes() == before
    part.with_name(f"{part.name}-wal").unlink()
    assert put_in_place(path).read_bytes() == before


# while others have it open


def test_nobody_writes_into_a_journal_while_it_is_carried_over(old: Path, tmp_path: Path) -> None:
    path = copied(old, tmp_path / "folder")
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        with _lock_others_out(path), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


def test_what_a_command_beside_would_write_into_the_old_file_is_refused(damaged: Path, tmp_path: Path) -> None:
    path = copied(damaged, tmp_path / "folder")
    with Journal.open(path, exclusive=False) as beside:
        append(beside, 1)
        shared = path.with_name(f"{NAME}-shm").stat().st_ino
        with Journal.open(path) as journal:
            journal.refused.list_newest()
            assert path.with_name(f"{NAME}-shm").stat().st_ino != shared, "two files would share one index"
            with pytest.raises(JournalUnavailable, match="has been moved, deleted or replaced: give the command again"):
                append(beside, 1)
            assert len(ids(journal.records.read_after(0, 99))) == RECORDS + 1
            assert append(journal, 1) == [RECORDS + 2]
    with Journal.open(path) as journal:
        assert len(ids(journal.records.read_after(0, 99))) == RECORDS + 2


def test_a_logger_whose_journal_is_moved_away_begins_another_and_says_so(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / NAME, tmp_path / "elsewhere.sqlite3"
    with Journal.open(path) as journal:
        append(journal, 3)
        path.rename(elsewhere)
        assert append(journal, 2) == [1, 2] or ids(journal.records.read_after(0, 9)) == [1, 2]
        assert ids(journal.records.read_after(0, 9)) == [1, 2]
    for file, number in ((path, 2), (elsewhere, 3)):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            assert connection.execute("SELECT count(*) FROM record").fetchone() == (number,)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_logger_whose_journal_is_replaced_goes_on_in_the_new_one(tmp_path: Path) -> None:
    path, backup = tmp_path / NAME, tmp_path / "backup.sqlite3"
    with Journal.open(backup) as journal:
        append(journal, 30, size=900)
    with Journal.open(path) as journal:
        append(journal, 3)
        backup.replace(path)
        journal.records.append([])
        append(journal, 1)
    with Journal.open(path) as journal:
        assert len(ids(journal.records.read_after(0, 99))) == 31
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_real_logger_finishes_a_repair_and_says_so(damaged: Path, tmp_path: Path) -> None:
    path = copied(damaged, tmp_path / "folder")
    repaired(path)
    path.rename(f"{path}.new")
    with logger(path.parent, "--port", "demo:") as running:
        until(lambda: "was cut off and is finished now" in running.log)
        running.stop()
    with Journal.open(path, read_only=True) as journal:
        assert len(ids(journal.records.read_after(0, RECORDS))) == RECORDS


def test_a_telegram_that_cannot_be_read_is_listed_as_corrupt_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / NAME
    with Journal.open(path) as journal:
        append(journal, 300, size=900)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with path.open("r+b") as file:
        file.seek(path.read_bytes().index(b"%0900d" % 150) // 4096 * 4096)
        file.write(bytes(4096))
    with Journal.open(path) as journal:
        records = list(journal.records.read_after(0, 999))
    assert ids(records) == list(range(1, 301))
    unreadable = [record for record in records if record.corruption]
    assert 1 <= len(unreadable) <= 5
    assert {record.data for record in unreadable} == {b""}
    assert [record.received_at for record in records] == [START + number * SECOND for number in range(300)]
    assert "telegrams of the journal could not be read" in caplog.text
