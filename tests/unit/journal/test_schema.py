"""A journal of any earlier version opens with all that is in it; one of the version before is not changed half."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal, schema
from tests.support.journal_versions import NEXT, made_by, next_version
from tests.support.journals import append, ids


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name").fetchall()
    return [(name, " ".join(sql.split())) for name, sql in rows]


@pytest.mark.parametrize("number", range(1, len(schema.MIGRATIONS) + 1))
def test_what_a_version_wrote_is_read_by_this_one(path: Path, number: int) -> None:
    made_by(number, path)
    with Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 99)) == [1, 2, 3, 4, 5, 6]
        assert journal.destinations.get_cursor("influxdb") == 4
        assert [record.meter.clock for record in journal.records.read_frames("home")] == ["auto"] * 4
        assert journal.counters.get_all() == {"home": {"checksum": 3, "frames": 4}}
        assert [entry.refusal.line for entry in journal.refused.list_newest()] == [b"voltage value=1i 5"]
        assert [entry.record_id for entry in journal.undecoded.list_newest()] == [3]
        assert journal.learnt.get("/dev/ttyUSB0") == {"serial": "2400 8E1"}
        assert [int(span.imported or 0) for span in journal.intervals.read_spans("home")] == (
            [250] if number > 2 else []
        )
        assert [str(price.value) for price in journal.prices.read("SE3").values()] == (["0.5312"] if number > 3 else [])
        assert append(journal, 1) == [7]
    assert version(path) == len(schema.MIGRATIONS)


@pytest.mark.parametrize("number", range(1, len(schema.MIGRATIONS) + 1))
def test_it_has_the_tables_of_a_new_one(path: Path, tmp_path: Path, number: int) -> None:
    made_by(number, path)
    Journal.open(path).close()
    Journal.open(tmp_path / "new.sqlite3").close()
    assert tables(path) == tables(tmp_path / "new.sqlite3")


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    with Journal.open(path) as journal:
        assert append(journal, 2) == [1, 2]


def test_the_next_version_takes_over_all_that_is_there(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
        journal.destinations.confirm("influxdb", 2)
    with next_version(), Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 9)) == [1, 2, 3]
        assert journal.destinations.get_cursor("influxdb") == 2
        assert append(journal, 1) == [4]
    assert version(path) == len(schema.MIGRATIONS) + 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM note").fetchone() == (3,)


def test_a_version_that_cannot_be_reached_leaves_the_journal_as_it_was(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
    before = tables(path)
    with next_version(NEXT + "INSERT INTO nowhere VALUES (1);\n"), pytest.raises(JournalUnavailable):
        Journal.open(path)
    assert tables(path) == before
    assert version(path) == len(schema.MIGRATIONS)
    with Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 9)) == [1, 2, 3]


def test_two_processes_that_open_it_at_once_bring_it_forward_once(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
    opened: list[Journal] = []
    with next_version():
        threads = [
            threading.Thread(target=lambda: opened.append(Journal.open(path, exclusive=False))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(opened) == 4
        for journal in opened:
            journal.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM note").fetchone() == (3,)


def test_the_version_before_refuses_what_the_next_one_wrote(path: Path) -> None:
    with next_version(), Journal.open(path) as journal:
        append(journal, 1)
    before = path.read_bytes()
    with pytest.raises(JournalUnavailable, match="written by a newer hanlogger"):
        Journal.open(path)
    assert path.read_bytes() == before
