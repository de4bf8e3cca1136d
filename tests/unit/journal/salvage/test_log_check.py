"""One bit of the write-ahead log is turned: all that stands in it is read all the same, or it is said what is not."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.journal import Journal
from hanlogger.journal.salvage.log_check import examine
from tests.support.damaged_journals import NAME, RECORDS, copied
from tests.support.journals import ids

FRAME, LATER = 32, 32 + 5 * 4120


def turned(log: bytes, place: int, bit: int) -> bytes:
    return log[:place] + bytes([log[place] ^ 1 << bit]) + log[place + 1 :]


def corrected(log: bytes) -> bytes:
    found, octets = examine(log), bytearray(log)
    assert found.lost == 0
    for at, right in found.corrections.items():
        octets[at : at + len(right)] = right
    return bytes(octets)


@pytest.mark.parametrize("places", [range(32), range(FRAME + 8, FRAME + 24), range(LATER + 8, LATER + 24)])
def test_every_turned_bit_of_a_header_is_turned_back(old: Path, places: range) -> None:
    log = (old / f"{NAME}-wal").read_bytes()
    assert examine(log) == ({}, 0)
    for place in places:
        for bit in range(8):
            assert corrected(turned(log, place, bit)) == log, (place, bit)


@pytest.mark.parametrize("start", [FRAME + 24, LATER + 24])
def test_a_turned_bit_of_a_page_is_turned_back_or_is_all_that_is_wrong_with_the_log(old: Path, start: int) -> None:
    log = (old / f"{NAME}-wal").read_bytes()
    draw = random.Random(1)
    right = told = 0
    for place in range(start, start + 4096, 41):
        wrong = turned(log, place, draw.randrange(8))
        found = examine(wrong)
        if found.lost:
            told += 1
            continue
        after = corrected(wrong)
        assert examine(after) == ({}, 0)
        right += after == log
        pages = [octets[32 + n * 4120 + 24 : 32 + (n + 1) * 4120] for octets in (log, after) for n in range(9)]
        assert sum((one != other) for one, other in zip(pages[:9], pages[9:], strict=True)) <= 1
    assert right > 60
    assert told < 20


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_turned_bit_of_the_log_costs_no_record_and_is_told(
    old: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, exclusive: bool
) -> None:
    path = copied(old, tmp_path / "folder")
    log = path.with_name(f"{NAME}-wal")
    octets = bytearray(log.read_bytes())
    octets[32 + 4120 * 3 + 2000] ^= 4
    log.write_bytes(octets)
    with Journal.open(path, exclusive=exclusive) as journal:
        assert ids(journal.records.read_after(0, 99)) == list(range(1, RECORDS + 1))
    assert "a bit of the write-ahead log of the journal" in caplog.text
    (aside,) = path.parent.glob("*.corrupt-*-wal")
    assert aside.read_bytes() == octets


def noise(log: bytearray) -> None:
    log[32 + 4120 * 3 + 1000 : 32 + 4120 * 3 + 1512] = random.Random(1).randbytes(512)


def noise_over_salts(log: bytearray) -> None:
    log[32 + 4120 * 3 : 32 + 4120 * 3 + 512] = random.Random(1).randbytes(512)


@pytest.mark.parametrize("damage", [noise, noise_over_salts])
def test_what_cannot_be_put_right_is_told_and_kept(
    old: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[bytearray], None]
) -> None:
    path = copied(old, tmp_path / "folder")
    log = path.with_name(f"{NAME}-wal")
    octets = bytearray(log.read_bytes())
    damage(octets)
    log.write_bytes(octets)
    Journal.open(path).close()
    assert "of its pages cannot be read; it is kept as" in caplog.text
    (aside,) = path.parent.glob("*.corrupt-*-wal")
    assert aside.read_bytes() == octets


@pytest.mark.parametrize("log", [b"", bytes(10), bytes(32), bytes(9000), b"no log at all" * 900])
def test_what_is_no_log_is_left_alone(log: bytes) -> None:
    assert examine(log) == ({}, 0)


def test_frames_of_an_earlier_round_and_of_no_transaction_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 1; PRAGMA cache_spill = 1;"
            "CREATE TABLE t (data BLOB); INSERT INTO t VALUES (zeroblob(90000)); PRAGMA wal_checkpoint(FULL);"
            "INSERT INTO t VALUES (1);"
            "BEGIN; INSERT INTO t VALUES (zeroblob(200000)); ROLLBACK; INSERT INTO t VALUES (2);"
        )
        assert examine(path.with_name("j.sqlite3-wal").read_bytes()) == ({}, 0)
