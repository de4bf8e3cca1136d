"""Pages of a journal are noise: all that can be read is carried over, and only by the logger."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from tests.support.damaged_journals import corrupt, fill, spoil
from tests.support.journals import append, get_counts, ids

DB = "influxdb"


def test_of_a_damaged_file_all_that_can_be_read_is_carried_over(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(path)
    spoil(path, 0.3, 0.5, 0.7)
    size = path.stat().st_size
    with Journal.open(path) as journal:
        found: list[int] = []
        sound: list[int] = []
        for _ in range(20):
            records = journal.records.read_after(found[-1] if found else 0, 500)
            found += ids(records)
            sound += [record.id for record in records if not record.corruption]
        new = append(journal, 1)
        assert 2900 < len(sound) < len(found) <= 3005
        assert found == sorted(set(found))
        assert new == [3006]
        assert journal.destinations.get_cursor(DB) == 2000
        assert get_counts(journal) == {"home": {"checksum": 7}}
        assert [entry.record_id for entry in journal.undecoded.list_newest()] == [2]
        assert journal.learnt.get("/dev/ttyUSB0") == {"serial": "2400 8E1"}
        cabin = journal.records.get_last("cabin")
        assert cabin is not None
        assert cabin.meter.clock == "utc"
    assert corrupt(path).stat().st_size == size
    assert "is corrupt" in caplog.text
    assert "carried over" in caplog.text


def test_only_run_sets_a_damaged_file_aside(path: Path) -> None:
    fill(path)
    spoil(path, 0.0)
    spoiled = path.read_bytes()
    with pytest.raises(JournalUnavailable, match="is corrupt"):
        Journal.open(path, exclusive=False)
    with pytest.raises(JournalUnavailable, match="is corrupt"):
        Journal.open(path, read_only=True)
    assert path.read_bytes() == spoiled


def test_no_other_trouble_makes_a_journal_be_set_aside(path: Path, journal: Journal) -> None:
    append(journal, 10)
    journal._database._connections._writing.execute("PRAGMA max_page_count = 1")
    with pytest.raises(JournalUnavailable, match="the disk is full"):
        append(journal, 1000)
    assert len(journal.records.read_after(0, 2000)) == 10
    assert not any(".corrupt-" in file.name for file in path.parent.iterdir())
