"""One bit of the first page of a journal is turned, which SQLite may take for no database: no telegram is lost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable, NotAJournal
from hanlogger.journal import Journal
from hanlogger.journal.file.opening import open_writable
from hanlogger.journal.file.paths import make
from hanlogger.journal.schema import MIGRATIONS, define, select_definitions
from tests.support.damaged_journals import WRITE_AND_DIE, call, corrupt
from tests.support.journals import append, ids

FIELDS = {
    "magic": (5, 0),
    "size of a page": (16, 4),
    "version of writing": (18, 0),
    "version of reading": (19, 0),
    "space left in a page": (20, 3),
    "share of a page": (21, 6),
    "number of pages": (31, 3),
    "format of the definitions": (47, 1),
    "encoding": (59, 1),
    "version": (63, 0),
    "no version": (63, 1),
    "application": (71, 0),
    "kind of the page": (100, 3),
}
"""By what stands there, an octet and the bit of it that is turned."""


def turn(path: Path, octet: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(octet)
        (value,) = file.read(1)
        file.seek(octet)
        file.write(bytes([value ^ 1 << bit]))


def in_definition(path: Path, words: bytes) -> int:
    return path.read_bytes()[:4096].index(words)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        append(journal, 40, size=500)
        journal.destinations.confirm("influxdb", 10)
    return path


def check_nothing_is_lost(path: Path) -> None:
    with Journal.open(path) as journal:
        records = journal.records.read_after(0, 99)
        assert ids(records) == list(range(1, 41))
        assert {record.corruption for record in records} == {""}
        assert journal.destinations.get_cursor("influxdb") == 10
        assert journal.counters.get_all() == {"home": {"frames": 40}}
        assert append(journal, 1) == [41]


@pytest.mark.parametrize("field", FIELDS)
def test_a_turned_bit_of_the_header_costs_nothing(path: Path, field: str) -> None:
    turn(path, *FIELDS[field])
    check_nothing_is_lost(path)
    assert not list(path.parent.glob("*.part*"))


@pytest.mark.parametrize("words", [b"CREATE TABLE record", b"kind INTEGER NOT NULL", b"settings INTEGER REFERENCES"])
@pytest.mark.parametrize("bit", [0, 7])
def test_a_turned_bit_of_the_definition_of_the_records_costs_nothing(path: Path, words: bytes, bit: int) -> None:
    turn(path, in_definition(path, words), bit)
    check_nothing_is_lost(path)


def test_the_first_page_is_noise_and_every_record_is_carried_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(4096))
    check_nothing_is_lost(path)
    assert corrupt(path)


def test_what_stands_in_the_log_is_carried_over_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    assert call(WRITE_AND_DIE, path).returncode == 0
    turn(path, *FIELDS["magic"])
    with Journal.open(path) as journal:
        assert ids(journal.records.read_after(0, 99)) == list(range(1, 41))


def test_a_header_that_names_another_program_is_believed_of_what_has_never_been_a_journal_here(path: Path) -> None:
    turn(path, *FIELDS["application"])
    Path(f"{path}.lock").unlink()
    with pytest.raises(NotAJournal):
        Journal.open(path)


def test_a_version_is_newer_where_its_tables_are_others(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE newer (id INTEGER)")
    turn(path, FIELDS["version"][0], 3)
    with pytest.raises(JournalUnavailable, match="written by a newer hanlogger"):
        Journal.open(path)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_the_tables_of_a_journal_that_was_brought_forward_stand_where_those_of_a_new_one_do(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "journal.sqlite3"
    make(path)
    with closing(open_writable(path, version)) as connection:
        for number in range(300):
            row = ("home", number, "p1", b"x" * 900)
            connection.execute(
                "INSERT INTO record (kind, meter, received_at, format, live, verified, judged, data) "
                "VALUES (0, ?, ?, ?, 1, 1, 1, ?)", row
            )  # fmt: skip
            connection.execute("INSERT INTO settings (meter, json) VALUES ('home', ?)", (f"{number:900}",))
    Journal.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert select_definitions(connection) == define(len(MIGRATIONS))
