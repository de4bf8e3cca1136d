"""Rows of days in the journal, and those of quarters of an hour that an earlier version wrote."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from hanlogger.intervals.levels import Level, choose_levels, is_near_border, number_quarter
from hanlogger.journal import Journal
from hanlogger.journal.checksums import compute_checksum, make_insert_sql
from hanlogger.journal.model import IMPORT
from tests.support.energy import HOME
from tests.support.levels import draw_levels


def write_quarters(path: Path, levels: list[Level]) -> None:
    """Write levels as versions 3 and 4 did: a row for each quarter and device."""
    rows: defaultdict[tuple[int, int], list[Level]] = defaultdict(list)
    for level in levels:
        rows[number_quarter(level.at), level.device].append(level)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("checksum", -1, compute_checksum)
        for (quarter, device), each in rows.items():
            chosen = choose_levels(each)
            text = ";".join(f"{level.at - quarter * 900_000} {level.value:f}" for level in chosen)
            known = int(is_near_border(chosen[-1].at))
            connection.execute(make_insert_sql("energy"), (HOME.name, IMPORT, quarter, device, known, text))


def list_quarters(path: Path) -> list[int]:
    """The quarters at which rows begin."""
    with closing(sqlite3.connect(path)) as connection:
        return [quarter for (quarter,) in connection.execute("SELECT quarter FROM energy ORDER BY quarter")]


def test_rows_of_quarters_are_read_like_days_and_become_days_bit_by_bit(tmp_path: Path) -> None:
    chance = random.Random(8)
    old, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    for number in range(4):
        levels = draw_levels(chance)
        early, late = levels[::2], levels[1::2]
        for path in (old, new):
            path.unlink(missing_ok=True)
            Journal.open(path).close()
        write_quarters(old, early)
        with Journal.open(old) as one, Journal.open(new) as other:
            other.intervals.merge([(HOME, {IMPORT: early})])
            assert one.intervals.read_spans("home") == other.intervals.read_spans("home"), number
            assert one.intervals.get_ends("home") == other.intervals.get_ends("home")
            for journal in (one, other):
                journal.intervals.merge([(HOME, {IMPORT: late[: len(late) // 3]})])
            assert one.intervals.read_spans("home") == other.intervals.read_spans("home")
            while one.intervals.join_quarters():
                pass
            for journal in (one, other):
                journal.intervals.merge([(HOME, {IMPORT: late})])
            assert one.intervals.read_spans("home") == other.intervals.read_spans("home")
        assert list_quarters(old) == list_quarters(new)
        assert all(quarter % 96 == 0 for quarter in list_quarters(old))
