"""One bit of one cell of a journal is turned, as memory cards do: it costs one record at most, and no wrong value."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hanlogger.archive.captures import read_messages
from hanlogger.deliver.drafts import Drafter
from hanlogger.deliver.lines import separate
from hanlogger.errors import DecodeError, JournalUnavailable
from hanlogger.hostclock import Uptime
from hanlogger.journal import Damaged, Entry, Journal, NotDecoded, Observation, Outcome, Refusal, Undecoded, make_frame
from hanlogger.journal.checksums import CHECKED_COLUMNS, compute_checksum
from hanlogger.journal.mending import mend
from hanlogger.journal.rows import CORRUPT
from hanlogger.model import Frame, Meter
from tests.support.delivering import HOME, delivering, sent, to, until_served
from tests.support.journals import SECOND, START, append, count_steps, get
from tests.support.octets import telegram
from tests.support.scripted_server import ScriptedServer, scripted_server

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
        journal.records.append([sent(number) for number in range(4)])
        journal.records.append([sent(number, CABIN) for number in range(4)])
        journal.records.append([sent(9)._replace(frame=unverified(number)) for number in range(3)])
        journal.records.append_health({"home": {"age": 1.5}}, START)
        journal.counters.count("home", "checksum", 7)
        journal.learnt.put("/dev/ttyUSB0", {"serial": "2400 8E1"})
        journal.damaged.keep(Damaged("home", START, "p1", "checksum", b"/damaged"))
        refused = (Refusal(1, 1, b"line", "no"),)
        journal.destinations.settle(
            DB, Outcome(6, refused, (NotDecoded(2, "too short", "v"),), (Observation(1, "home", 5),))
        )
        journal.redeliveries.request(DB, "home", START + 3 * SECOND)
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
        info = f"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk DESC"
        (key,) = connection.execute(info).fetchone()
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
    for look in (
        journal.refused.list_newest,
        journal.counters.get_all,
        journal.damaged.list_all,
        journal.records.count_frames,
    ):
        look()
    for ask in (
        journal.destinations.count_waiting,
        journal.redeliveries.get_first,
        journal.refused.count,
        journal.learnt.get,
    ):
        ask(DB)
    for meter in journal.records.list_meters():
        journal.records.get_last(meter)
    assert len(list(journal.records.read_frames())) >= 10
    return journal.undecoded.list_newest()


def delivered(path: Path, server: ScriptedServer) -> set[bytes]:
    """The lines that a database is given of it."""
    server.requests.clear()
    with Journal.open(path) as journal:
        journal.records.use_settings([HOME, CABIN])
        with delivering(journal, to(server)):
            until_served(journal)
    return {line + b"\n" for body in server.bodies for line in body.split(b"\n") if line}


@pytest.fixture(scope="module")
def wanted(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> set[bytes]:
    """The lines that a database is given of the whole journal."""
    with scripted_server() as server:
        return delivered(copied(whole, tmp_path_factory.mktemp("wanted")), server)


@pytest.fixture(scope="module")
def right(whole: Path) -> dict[int, set[bytes]]:
    """The lines of each record."""
    with Journal.open(whole, read_only=True) as journal:
        drafter = Drafter(journal.records.get_previous, {}, "test")
        return {
            record.id: {line.data for line in separate(drafter.draft(record).lines)}
            for record in journal.records.read_after(0, 99)
        }


def kind_of(path: Path, table: str, column: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        kinds = {kind for (kind,) in connection.execute(f"SELECT typeof({column}) FROM {table}")} - {"null"}
    return kinds.pop() if kinds else ""


RECORDS = [("record", column) for column in (*CHECKED_COLUMNS["record"], "crc")]
OTHERS = [
    (table, column) for table, columns in CHECKED_COLUMNS.items() if table != "record" for column in (*columns, "crc")
]


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
    wanted: set[bytes],
    right: dict[int, set[bytes]],
    table: str,
    column: str,
    row: int,
) -> None:
    for path in flips(whole, tmp_path, table, column, row):
        with Journal.open(path, read_only=True) as journal:
            looked_through(journal)
        assert delivered(path, server) == wanted - right[row + 1], path
        with Journal.open(path) as journal:
            assert [(each.record_id, each.reason) for each in looked_through(journal)] == [(row + 1, CORRUPT)], path
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(("table", "column"), OTHERS)
def test_a_turned_bit_of_another_row_costs_no_record(
    whole: Path,
    tmp_path: Path,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    wanted: set[bytes],
    right: dict[int, set[bytes]],
    table: str,
    column: str,
) -> None:
    allowed = set().union(*right.values())
    for path in flips(whole, tmp_path, table, column, 0):
        with Journal.open(path, read_only=True) as journal:
            looked_through(journal)
        assert wanted <= delivered(path, server) <= allowed, path
        with Journal.open(path) as journal:
            assert CORRUPT not in {each.reason for each in looked_through(journal)}, path
    assert not [record for record in caplog.records if record.exc_info]


def copied(whole: Path, folder: Path) -> Path:
    path = folder / "whole.sqlite3"
    shutil.copy(whole, path)
    return path


# rows of version 1, ids


def whole_frame(number: int) -> Frame:
    """As a port gives it: without the line end."""
    found = sent(number).frame
    return found._replace(data=found.data.rstrip())


def made_by_version_1(path: Path, *frames: Frame, settings: str | None = None) -> None:
    with Journal.open(path) as journal:
        journal.records.append([Entry(each, HOME) for each in frames])
        journal.destinations.confirm(DB, 1)
    with closing(sqlite3.connect(path)) as connection:
        if settings:
            connection.execute("UPDATE settings SET json = ?", (settings,))
        for table in CHECKED_COLUMNS:
            connection.execute(f"UPDATE {table} SET crc = NULL")
        connection.commit()


def unsealed(path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, crc FROM record WHERE crc IS NULL OR crc < 0 ORDER BY id").fetchall()


def test_a_frame_of_version_1_is_believed_unless_its_own_checksum_is_wrong(tmp_path: Path) -> None:
    path, good = tmp_path / "journal.sqlite3", whole_frame(1)
    bad = good._replace(data=good.data.replace(b"230.1", b"230.5"), received_at=START)
    plain, bare = unverified(1), Frame("dlms", b"without a checksum", START + 200 * SECOND, verified=False)
    made_by_version_1(path, good, bad, plain, bare)
    for _ in range(2):
        with Journal.open(path) as journal:
            assert [record.corruption for record in journal.records.read_after(0, 9)] == ["", CORRUPT, "", ""]
            journal.retention.clean(timedelta(days=90), 10**9, [])
    assert unsealed(path) == [(2, -1)]


def test_many_frames_of_version_1_get_their_checksums_in_one_look(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    made_by_version_1(path, *(unverified(number) for number in range(1100)))
    with Journal.open(path) as journal:
        journal.retention.clean(timedelta(days=90), 10**9, [])
    assert unsealed(path) == []


def test_rows_beside_the_records_get_theirs_at_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    made_by_version_1(path, whole_frame(1))
    with Journal.open(path) as journal:
        assert journal.destinations.get_cursor(DB) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT crc FROM destination").fetchone()[0] > 0
        assert connection.execute("SELECT crc FROM settings").fetchone()[0] > 0


UNREADABLE = (
    *("{", "[]", '{"scale":{"ratio":"x"}}', '{"scale":{},"clock":"Auto"}', '{"scale":{},"cl0ck":"utc"}'),
    *('{"scale":{},"zone":"Europe/Osl0"}', '{"scale":{},"zone":"../x"}', '{"scale":{},"zone":7}', '{"name":"home"}'),
)


@pytest.mark.parametrize("json", UNREADABLE)
def test_settings_of_version_1_that_do_not_read_fall_back_and_are_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, json: str
) -> None:
    path = tmp_path / "journal.sqlite3"
    made_by_version_1(path, whole_frame(1), whole_frame(2), settings=json)
    with Journal.open(path) as journal:
        assert [record.meter for record in journal.records.read_after(0, 9)] == [Meter("home")] * 2
        journal.records.use_settings([HOME])
        assert [record.meter for record in journal.records.read_after(0, 9)] == [HOME] * 2
    told = [record.message for record in caplog.records if "settings" in record.message]
    assert len(told) == 1


def test_damaged_settings_fall_back_to_the_newest_of_that_meter_that_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    settings = [replace(HOME, clock=clock) for clock in ("normal-time", "utc", "local", "receive")]
    settings.append(replace(CABIN, clock="flag"))
    with Journal.open(path) as journal:
        journal.records.append([sent(number, meter) for number, meter in enumerate(settings)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE settings SET json = replace(json, 'Oslo', 'Os1o') WHERE id IN (1, 4)")
        connection.commit()
    with Journal.open(path) as journal:
        assert [record.meter.clock for record in journal.records.read_after(0, 9)] == [
            "local",
            "utc",
            "local",
            "local",
            "flag",
        ]
        journal.records.append([sent(9, HOME)])  # the same text is new: the damaged row is another
        assert [record.meter.clock for record in journal.records.read_after(5, 9)] == ["normal-time"]


def test_settings_that_are_other_good_ones_by_a_turned_bit_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.records.append([sent(1, replace(HOME, clock="+02:00"))])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("UPDATE settings SET json = replace(json, '+02:00', '+03:00')").rowcount == 1
        connection.commit()
    with Journal.open(path) as journal:
        journal.records.use_settings([HOME])
        assert [record.meter for record in journal.records.read_after(0, 1)] == [HOME]


def test_settings_of_which_only_the_name_is_damaged_are_mended_when_they_come_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.records.append([sent(1, CABIN)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE settings SET meter = 'cabio'")
        connection.commit()
    with Journal.open(path) as journal:
        journal.records.append([sent(2, CABIN)])
        assert [record.meter for record in journal.records.read_after(0, 9)] == [CABIN, CABIN]


@pytest.mark.parametrize("wrong", [-7, 0, 2**60 + 1])
def test_an_id_out_of_reach_is_given_anew(tmp_path: Path, wrong: int) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.records.append([sent(number) for number in range(3)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE record SET id = ? WHERE id = 2", (wrong,))
        connection.commit()
    with Journal.open(path) as journal:
        assert [(record.id, record.corruption) for record in journal.records.read_after(0, 9)] == [
            (1, ""),
            (3, ""),
            (4, ""),
        ]
        journal.records.append([sent(9)])
        assert journal.newest == 5


@pytest.mark.parametrize("wrong", [2**63 - 1, -1, "x", 1, None])
def test_no_id_is_given_that_a_cursor_has_passed_or_that_is_the_last_there_is(tmp_path: Path, wrong: object) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.records.append([sent(number) for number in range(3)])
        journal.redeliveries.request(DB)
        journal.destinations.confirm(DB, 3)
        journal.records.forget("home")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ?", (wrong,))
        connection.commit()
    with Journal.open(path) as journal:
        journal.records.append([sent(9)])
        assert journal.newest == 4
        assert [record.id for record in journal.records.read_after(journal.destinations.get_cursor(DB), 9)] == [4]


@pytest.mark.parametrize("table", ["again", "refused", "undecoded"])
def test_where_a_list_is_damaged_all_is_sent_again_to_every_destination(
    whole: Path, tmp_path: Path, table: str
) -> None:
    path = copied(whole, tmp_path)
    with Journal.open(path) as journal:
        journal.destinations.confirm("second", 4)
    turn(path, table, "crc", 3, 0)
    with Journal.open(path) as journal:
        wanted = [journal.redeliveries.get_first(name) for name in (DB, "second")]
    assert [each and each[1:] for each in wanted] == [(1, 6, None), (1, 4, None)]


def test_what_is_mended_at_an_opening_is_found_without_a_look_at_every_record(journal: Journal) -> None:
    """It is a transaction, also of each command beside a logger, whose appends wait for it."""
    append(journal, 3000)

    def work(connection: sqlite3.Connection) -> None:
        with count_steps(connection) as steps:
            mend(connection)
        assert steps() < 3000

    journal._database.write(work)


def test_what_is_lost_is_told_of(whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = copied(whole, tmp_path)
    Journal.open(path).close()
    assert not caplog.records
    turn(path, "counter", "value", 3, 0)
    turn(path, "learnt", "json", 3, 0)
    with Journal.open(path) as journal:
        assert "checksum" not in journal.counters.get_all().get("home", {})
        assert journal.learnt.get("/dev/ttyUSB0") == {}
    assert "2 corrupt rows (counter, learnt)" in caplog.text


def test_a_damaged_record_is_not_changed_into_a_good_one(whole: Path, tmp_path: Path) -> None:
    path = copied(whole, tmp_path)
    with Journal.open(path) as journal:
        journal.records.append(
            [sent(number)._replace(uptime=Uptime(boot, 5.0)) for number, boot in ((20, "a"), (21, "b"))]
        )
    for row in (0, 12, 13):
        turn(path, "record", "data", 40, row)
    with Journal.open(path) as journal:
        journal.arrival_times.correct("a", START)
        journal.arrival_times.leave()
        journal.records.reconfigure(replace(HOME, clock="utc"))
        assert [record.id for record in journal.records.read_after(0, 99) if record.corruption] == [1, 13, 14]
        assert journal.counters.get_all()["home"]["checksum"] == 7


def test_damaged_records_are_counted_and_left_out_of_a_capture_with_a_word(
    whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    path = copied(whole, tmp_path)
    turn(path, "record", "data", 40, 8)
    delivered(path, server)
    with Journal.open(path) as journal:
        assert journal.counters.get_all()["home"]["damaged_in_journal"] == 1
        reads = list(read_messages(journal, "home"))
        assert [read.remark for read in reads if not read.data] == [CORRUPT]
        damaged = get(journal, 9)
        assert damaged is not None
        with pytest.raises(DecodeError, match="corrupt"):
            make_frame(damaged)


def test_an_older_journal_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((Path(__file__).parents[2] / "fixtures" / "journals" / "v1.sql").read_text())
    with pytest.raises(JournalUnavailable, match="start or restart your logger"):
        Journal.open(path, read_only=True)


def test_the_checksum_tells_rows_apart_that_have_the_same_octets() -> None:
    rows = [(b"ab", b"c"), (b"a", b"bc"), (None, b"abc"), (b"", b"abc"), (b"abc", b""), (b"abc", None), (b"abc",)]
    assert len({compute_checksum(*row) for row in rows}) == len(rows)
    assert compute_checksum(b"frame", None, b"12") == 0xD52AF585


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"age": "x"}'])
def test_a_fault_in_each_of_many_records_is_told_of_once_and_costs_no_other(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    for number in range(3):
        journal.records.append_health({"home": {"age": 1}}, START + number * SECOND)
    with closing(sqlite3.connect(journal.path)) as connection:
        connection.execute("UPDATE record SET data = ?, crc = NULL", (data,))
        connection.commit()
    journal.records.append([sent(5)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert len(journal.undecoded.list_newest()) == 3
    assert len([record for record in caplog.records if record.exc_info]) == 1
    assert len(b"".join(server.bodies).split(b"\n")) == 4


# the definitions of the tables


@pytest.mark.parametrize(
    ("table", "was", "turned_into"),
    [
        ("learnt", b"CREATE TABLE learnt", b"CREATE TABLE\xa0learnt"),  # quoted in SQLite's words
        ("counter", b"CREATE", b"CREATD"),
        ("record", b"received_at", b"receivee_at"),
        ("again", b"first_id", b"firsu_id"),
    ],
)
def test_a_turned_bit_in_the_definition_of_a_table_costs_no_record(
    whole: Path, tmp_path: Path, table: str, was: bytes, turned_into: bytes
) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.records.append([sent(number) for number in range(12)])
    octets = path.read_bytes()
    at = octets.index(b"CREATE TABLE %b" % (table.encode() if table != "again" else b'"again"'))
    at = octets.index(was, at)
    with path.open("r+b") as file:  # in place: it is the same file, and has been a journal
        file.seek(at)
        file.write(turned_into)
    with Journal.open(path) as journal:
        assert [record.corruption for record in journal.records.read_after(0, 99)] == [""] * 12
        journal.records.append([sent(20)])
        assert journal.newest == 13


def test_the_last_frame_of_a_meter_is_the_newest_that_is_sound_also_without_checksums(journal: Journal) -> None:
    frames = [sent(number).frame for number in range(4)]
    frames = [frame._replace(data=frame.data.rstrip()) for frame in frames]  # as it is found on the wire
    journal.records.append([Entry(frame, HOME) for frame in frames])
    with closing(sqlite3.connect(journal.path)) as connection, connection:
        connection.execute("UPDATE record SET crc = NULL")
        connection.execute("UPDATE record SET data = CAST('/no telegram' AS BLOB) WHERE id IN (3, 4)")
    last = journal.records.get_last("home")
    assert last is not None
    assert (last.id, make_frame(last)) == (2, frames[1])
    with closing(sqlite3.connect(journal.path)) as connection, connection:
        connection.execute("UPDATE record SET data = CAST('/no telegram' AS BLOB)")
    assert journal.records.get_last("home") is None
