"""One bit of a record's id is turned, which no checksum covers: nothing is passed over, held up or sent twice."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal, Range, Record
from hanlogger.journal.salvage.id_order import put_in_order
from tests.support.delivering import delivering, record, to, until_served
from tests.support.scripted_server import ScriptedServer

NUMBER = 400
BITS = [(octet, bit) for octet in range(2) for bit in range(7)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "journal.sqlite3"
    with Journal.open(path) as journal:
        record(journal, *range(1, NUMBER + 1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


def turned(whole: Path, folder: Path, record_id: int, octet: int, bit: int) -> Path:
    """A copy in which one bit of the id of a record is another: its varint of two octets, before the record's header.

    https://sqlite.org/fileformat2.html, 1.6 and 2.1; the column `id` itself is stored as NULL.
    """
    path = folder / "journal.sqlite3"
    shutil.copy(whole, path)
    octets = bytearray(path.read_bytes())
    id_octets = bytes((record_id >> 7 | 0x80, record_id & 0x7F))
    places = [found.start() for found in re.finditer(re.escape(id_octets) + rb"[\x0d-\x11]\x00", octets)]
    assert len(places) == 1
    octets[places[0] + octet] ^= 1 << bit
    path.write_bytes(octets)
    return path


def first_of_a_page(whole: Path) -> int:
    """The id of a record with which a page begins."""
    octets = whole.read_bytes()
    for page in range(4096, len(octets), 4096):
        if octets[page] == 0x0D:  # a leaf of a table
            cell = octets[page + int.from_bytes(octets[page + 8 : page + 10], "big") :]
            after_length = cell[1:] if cell[0] < 0x80 else cell[2:]
            number = (after_length[0] & 0x7F) << 7 | after_length[1]
            if after_length[0] & 0x80 and 200 < number < 300 and after_length[3] == 0:
                return number
    raise AssertionError


def read_through(journal: Journal, step: int) -> list[Record]:
    records: list[Record] = []
    while found := journal.records.read_after(records[-1].id if records else 0, step):
        records += found
    return records


@pytest.mark.parametrize("step", [1, 7, 500])
@pytest.mark.parametrize("where", ["within a page", "first of a page"])
def test_every_record_is_read_once_under_its_own_id_whichever_bit_of_one_id_is_turned(
    where: str, step: int, whole: Path, tmp_path: Path
) -> None:
    record_id = first_of_a_page(whole) + (0 if where == "first of a page" else 3)
    with Journal.open(whole, read_only=True) as journal:
        expected = [(each.id, each.data) for each in read_through(journal, 500)]
    for number, (octet, bit) in enumerate(BITS):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Journal.open(turned(whole, folder, record_id, octet, bit)) as journal:
            assert [(each.id, each.data) for each in read_through(journal, step)] == expected, (octet, bit)


@pytest.mark.parametrize(("octet", "bit"), [(0, 0), (0, 2), (0, 6), (1, 0)])
def test_all_is_delivered_in_spite_of_it(
    octet: int, bit: int, whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    with Journal.open(turned(whole, tmp_path, 300, octet, bit)) as journal, delivering(journal, to(server)):
        until_served(journal)
    lines = {line for body in server.bodies for line in body.splitlines() if line.startswith(b"active_energy,")}
    assert {float(line.split(b"value=")[1].split()[0]) for line in lines} == {
        1_000_000 + number for number in range(1, NUMBER + 1)
    }


def test_a_range_to_be_sent_again_is_read_likewise(whole: Path, tmp_path: Path) -> None:
    with Journal.open(turned(whole, tmp_path, 300, 0, 2)) as journal:
        found = journal.records.read_range(Range(1, 290, 310, None), 500)
    assert [each.id for each in found] == list(range(290, 311))


def test_a_request_that_does_not_find_its_record_by_its_id_is_made_once_that_is_right(
    whole: Path, tmp_path: Path
) -> None:
    record_id = first_of_a_page(whole)
    with Journal.open(whole, read_only=True) as journal:
        [expected] = journal.records.read_after(record_id - 1, 1)
    with Journal.open(turned(whole, tmp_path, record_id, 1, 0)) as journal:
        with journal.destinations.announce_request({record_id: expected.crc}):
            pass
        assert journal.records.read_after(record_id - 1, 1) == [expected]


def test_a_command_that_may_not_repair_it_says_that_the_journal_is_corrupt(whole: Path, tmp_path: Path) -> None:
    path = turned(whole, tmp_path, 300, 0, 2)
    with Journal.open(path, read_only=True) as journal, pytest.raises(JournalUnavailable, match="corrupt"):
        read_through(journal, 500)


def test_a_gap_that_a_forgotten_meter_leaves_is_no_damage(journal: Journal) -> None:
    record(journal, *range(9))
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM record WHERE id IN (1, 2, 5)")
    assert [each.id for each in read_through(journal, 1)] == [3, 4, 6, 7, 8, 9]
    assert not list(journal.path.parent.glob("*.corrupt-*"))


@pytest.mark.parametrize(
    ("ids", "right"),
    [
        ([], []),
        ([5, 9, 11], [5, 9, 11]),
        ([298, 299, 812, 301], [298, 299, 300, 301]),
        ([298, 299, 44, 301], [298, 299, 300, 301]),
        ([298, 299, 44], [298, 299, 300]),
        ([8492, 2, 3], [1, 2, 3]),
        ([205, 206, 206, 208], [205, 206, 207, 208]),
        ([205, 207, 207, 208], [205, 206, 207, 208]),
        ([2, 3, 1, 4], [2, 3, None, 4]),
        ([2, 3, 9, 4], [2, 3, None, 4]),
    ],
)
def test_an_id_that_does_not_fit_between_its_neighbours_is_put_right_where_only_one_does(
    ids: list[int], right: list[int | None]
) -> None:
    assert list(put_in_order(ids)) == right
