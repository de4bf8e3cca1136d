"""One bit of one cell of a journal is turned, as memory cards do: it costs one record at most, and no wrong value."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.deliver.drafts import Drafter
from hanlogger.journal import Damaged, Journal, NotDecoded, Outcome, Passed, Refusal, Undecoded
from hanlogger.journal.rows import DAMAGE
from hanlogger.journal.sealing import SEALED
from hanlogger.model import Frame, Meter
from tests.delivering import HOME, delivering, sent, to, until_served
from tests.journals import SECOND, START
from tests.scripted_server import ScriptedServer
from tests.telegrams import telegram

CABIN = Meter("cabin", clock="normal-time", tags={"flat": "ö 7"})
DB = "influxdb"
BITS = {"integer": (0, 40, 63), "text": (0, 7), "blob": (3, 40)}
"""By the kind of a cell, the bits that are turned in it."""


def unverified(number: int) -> Frame:
    """A telegram whose end has no checksum: only the journal's own can tell that it is damaged."""
    body = telegram("0-0:1.0.0(260101010000W)", f"1-0:1.8.0({2000 + number:08d}.000*kWh)")
    return Frame("p1", body[: body.rindex(b"!") + 1], START + (100 + number) * SECOND, verified=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with something in every table: twelve records, of which the last ones wait."""
    path = tmp_path_factory.mktemp("whole") / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.append([sent(number) for number in range(4)])
        journal.append([sent(number, CABIN) for number in range(4)])
        journal.append([sent(9)._replace(frame=unverified(number)) for number in range(3)])
        journal.append_health({"age": 1.5}, "home", START)
        journal.count("home", "frames", 7)
        journal.learn("/dev/ttyUSB0", {"serial": "2400 8E1"})
        journal.keep_damaged(Damaged("home", START, "p1", "checksum", b"/damaged"))
        refused = (Refusal(1, 1, b"line", "no"),)
        journal.settle(DB, Outcome(6, refused, (NotDecoded(2, "too short", "v"),), (Passed(1, "home", 5),)))
        journal.send_again(DB, "home", START + 3 * SECOND)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


def turned(value: int | str | bytes, bit: int) -> int | bytes | None:
    """The value with one bit turned; None where it has none such."""
    octets = bytearray(as_octets(value))
    if bit // 8 >= len(octets):
        return None
    octets[bit // 8] ^= 1 << bit % 8
    return int.from_bytes(octets, "little", signed=True) if isinstance(value, int) else bytes(octets)


def as_octets(value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(8, "little", signed=True)
    return value.encode() if isinstance(value, str) else value


def turn(path: Path, table: str, column: str, bit: int, row: int) -> bool:
    """Turn a bit of a cell; False where it has none, or SQLite itself would notice."""
    with closing(sqlite3.connect(path)) as connection:
        key = connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0").fetchone()[0]
        rows = connection.execute(f"SELECT {key}, {column}, typeof({column}) FROM {table} ORDER BY 1").fetchall()
        chosen, value, kind = rows[min(row, len(rows) - 1)]
        new = None if value is None else turned(value, bit)
        if new is None:
            return False
        place = f"UPDATE {table} SET {column} = CAST(? AS {kind}) WHERE {key} = ?"
        try:
            connection.execute(place, (new, chosen))
        except sqlite3.IntegrityError:
            return False
        connection.commit()
        return True


def looked_through(journal: Journal) -> list[Undecoded]:
    """All that is shown of it; what is undecoded."""
    for look in (journal.refused, journal.counters, journal.damaged, journal.totals):
        look()
    for ask in (journal.waiting, journal.again, journal.refused_count, journal.learnt):
        ask(DB)
    for meter in journal.meters():
        journal.last(meter)
    assert len(list(journal.frames())) >= 10
    return journal.undecoded()


def delivered(path: Path, server: ScriptedServer) -> set[bytes]:
    """The lines that a database is given of it."""
    server.requests.clear()
    with Journal.open(path) as journal:
        journal.know([HOME, CABIN])
        with delivering(journal, to(server)):
            until_served(journal)
    return {line + b"\n" for body in server.bodies for line in body.split(b"\n") if line}


def lines_by_record(path: Path) -> dict[int, set[bytes]]:
    """What is right."""
    with Journal.open(path, read_only=True) as journal:
        drafter = Drafter(journal.before, {}, "test")
        return {record.id: {line.data for line in drafter.draft(record).lines} for record in journal.after(0, 99)}


def kind_of(path: Path, table: str, column: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        kinds = {kind for (kind,) in connection.execute(f"SELECT typeof({column}) FROM {table}")} - {"null"}
    return kinds.pop() if kinds else ""


RECORDS = [("record", column) for column in (*SEALED["record"], "crc")]
OTHERS = [(table, column) for table, columns in SEALED.items() if table != "record" for column in (*columns, "crc")]


def flips(whole: Path, folder: Path, table: str, column: str, row: int) -> Iterator[Path]:
    """Copies of the journal, in each of which another bit of the cell is turned."""
    for bit in BITS.get(kind_of(whole, table, column), ()):
        path = folder / f"{bit}.sqlite3"
        shutil.copy(whole, path)
        if turn(path, table, column, bit, row):
            yield path


@pytest.mark.parametrize("row", [7, 8], ids=["checked", "unchecked"])
@pytest.mark.parametrize(("table", "column"), RECORDS)
def test_a_turned_bit_of_a_record_costs_that_record_which_is_listed_and_no_other(
    whole: Path,
    tmp_path: Path,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    table: str,
    column: str,
    row: int,
) -> None:
    right = lines_by_record(whole)
    wanted = delivered(copied(whole, tmp_path), server) - right[row + 1]
    for path in flips(whole, tmp_path, table, column, row):
        with Journal.open(path, read_only=True) as journal:
            looked_through(journal)
        assert delivered(path, server) == wanted, path
        with Journal.open(path) as journal:
            assert [(each.record_id, each.reason) for each in looked_through(journal)] == [(row + 1, DAMAGE)], path
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(("table", "column"), OTHERS)
def test_a_turned_bit_of_another_row_costs_no_record(
    whole: Path, tmp_path: Path, server: ScriptedServer, caplog: pytest.LogCaptureFixture, table: str, column: str
) -> None:
    right = set().union(*lines_by_record(whole).values())
    wanted = delivered(copied(whole, tmp_path), server)
    for path in flips(whole, tmp_path, table, column, 0):
        with Journal.open(path, read_only=True) as journal:
            looked_through(journal)
        assert wanted <= delivered(path, server) <= right, path
        with Journal.open(path) as journal:
            assert DAMAGE not in {each.reason for each in looked_through(journal)}, path
    assert not [record for record in caplog.records if record.exc_info]


def copied(whole: Path, folder: Path) -> Path:
    path = folder / "whole.sqlite3"
    shutil.copy(whole, path)
    return path
