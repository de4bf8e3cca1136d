"""From and to the journal: export, import, forget."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanlogger.archive.captures import read_messages_and_damage
from hanlogger.cli import app
from hanlogger.deliver.drafts import Drafter
from hanlogger.deliver.lines import separate
from hanlogger.deliver.series_limit import make_series_key
from hanlogger.framing import find_all
from hanlogger.journal import Damaged, Entry, Journal
from hanlogger.model import Chunk, Frame, Meter
from hanlogger.recordings.capture import Writer
from hanlogger.simulate import DIALECTS, simulate_telegrams
from tests.support.autumn import TIMES, from_file
from tests.support.logger import command, environment
from tests.support.octets import telegram

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOME = Meter("home")


def run(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments, env=environment(folder, environ))
    return done.exit_code, done.stdout, done.stderr


def frames(dialect: str, number: int, start: datetime = START) -> list[Frame]:
    sent = islice(simulate_telegrams(1, start, dialect), number)
    return [event for time, data in sent for event in find_all(data, time) if isinstance(event, Frame)]


def recorded(folder: Path, entries: Sequence[Entry]) -> None:
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.records.append(entries)


def home(dialect: str = "p1-sagemcom", number: int = 6) -> list[Entry]:
    return [Entry(frame, HOME) for frame in frames(dialect, number)]


# --- export


@pytest.mark.parametrize("command", ["export", "refused", "bill", "capture", "conformance"])
def test_a_path_that_cannot_be_looked_for_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    path = str(tmp_path / ("x" * 300))
    given = {"bill": ["2026-11", "--journal", path], "capture": ["demo:", path], "conformance": [path]}
    code, _, words = run(tmp_path, command, *given.get(command, ["--journal", path]))
    *_, told = words.splitlines()  # from Python 3.14 on some find it out when they open it
    assert (code, path in told, "ile name too long" in told) == (2, True, True)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("dialect", ["p1-sagemcom", "dsmr5", "kaifa-no", "kamstrup"])
def test_line_protocol_is_octet_for_octet_what_is_delivered(dialect: str, live: bool, tmp_path: Path) -> None:
    autumn = datetime(2025, 10, 26, 0, 59, 30, tzinfo=UTC)
    recorded(tmp_path, [Entry(frame, HOME, live=live) for frame in frames(dialect, 12, autumn)])
    status, out, _ = run(tmp_path, "export", "--format", "lines")
    assert status == 0
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        drafter = Drafter(journal.records.get_previous, {}, "test")
        delivered = b"".join(
            line.data for record in journal.records.read_frames() for line in separate(drafter.draft(record).lines)
        )
    assert out.encode() == delivered
    assert len(delivered.splitlines()) >= 12


def test_each_of_the_two_hours_of_an_autumn_night_is_exported_at_its_own_times(tmp_path: Path) -> None:
    recorded(tmp_path, [from_file(number, time) for number, time in enumerate(TIMES)])
    status, out, _ = run(tmp_path, "export", "--format", "csv")
    rows = [row for row in csv.DictReader(io.StringIO(out)) if row["measurement"] == "voltage"]
    assert status == 0
    assert [datetime.fromisoformat(row["time"]) for row in rows] == TIMES
    _, out, _ = run(tmp_path, "export", "--format", "lines")
    stamps = [int(line.rsplit(" ", 1)[1]) for line in out.splitlines() if line.startswith("voltage")]
    assert [datetime.fromtimestamp(stamp / 1000, UTC) for stamp in stamps] == TIMES


def test_a_range_leaves_out_what_came_outside_it_in_whatever_order_it_was_imported(tmp_path: Path) -> None:
    minutes = (60, 120, 90, 119, 61, 180, 59)
    times = [START + timedelta(minutes=number) for number in minutes]
    recorded(tmp_path, [Entry(frames("p1-sagemcom", 1, time)[0], HOME) for time in times])
    noon, before = START + timedelta(hours=2), START + timedelta(hours=1)

    def received(start: datetime | None, end: datetime | None) -> list[int]:
        with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
            return [
                (record.received_at - START) // timedelta(minutes=1)
                for record in journal.records.read_frames("home", start, end)
            ]

    assert received(None, None) == list(minutes)
    assert received(None, noon) == [60, 90, 119, 61, 59]
    assert received(before, None) == [60, 120, 90, 119, 61, 180]
    assert received(before, noon) == [60, 90, 119, 61]
    span = ("--from", before.isoformat(), "--to", noon.isoformat())
    _, out, _ = run(tmp_path, "export", *span)
    exported = {row["time"] for row in csv.DictReader(io.StringIO(out)) if row["obis"] == "1-0:1.8.0"}
    assert len(exported) == 4
    assert "2026-01-01T14:00:00.000Z" not in exported


def test_a_table_has_a_row_a_value_with_its_unit(tmp_path: Path) -> None:
    recorded(tmp_path, home("dsmr5", 1))
    status, _, _ = run(tmp_path, "export", str(tmp_path / "house.csv"))
    assert status == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "house.csv").read_text())))
    table = {row["obis"]: row for row in rows}
    energy = table["1-0:1.8.1"]
    assert int(energy.pop("value")) > 0
    assert energy == dict.fromkeys(energy, "") | {
        "time": "2026-01-01T12:00:00.000Z",
        "measurement": "active_energy_tariff",
        "meter": "home",
        "obis": "1-0:1.8.1",
        "direction": "import",
        "tariff": "1",
        "unit": "Wh",
    }
    assert (table["0-1:24.2.1"]["measurement"], table["0-1:24.2.1"]["channel"]) == ("gas", "1")
    assert table["0-1:24.2.1"]["unit"] == "m3"
    assert table["0-0:96.1.1"]["value"] == b"E0000000000000001".hex().upper()
    assert {row["unit"] for row in rows if row["measurement"] == "voltage"} == {"V"}
    assert {row["unit"] for row in rows if row["measurement"] == "clock_offset"} == {"s"}


def read_wide(folder: Path, *options: str, delimiter: str = ",") -> list[dict[str, str]]:
    status, text, said = run(folder, "export", "--format", "wide", *options)
    assert status == 0, said
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.parametrize("dialect", ["p1-sagemcom", "dsmr5", "kaifa-no"])
def test_a_wide_table_has_a_row_a_telegram_and_every_value_of_the_long_one(dialect: str, tmp_path: Path) -> None:
    recorded(tmp_path, home(dialect))
    rows = read_wide(tmp_path)
    long = list(csv.DictReader(io.StringIO(run(tmp_path, "export")[1])))
    assert len(rows) == 6 or dialect != "p1-sagemcom"
    found = [(row["time"], value) for row in rows for name, value in row.items() if name not in ("time", "meter")]
    assert sorted(each for each in found if each[1]) == sorted(
        (row["time"], row["value"]) for row in long if row["value"]
    )
    assert {row["meter"] for row in rows} == {"home"}


def test_a_register_that_only_some_telegrams_have_is_empty_in_the_others(tmp_path: Path) -> None:
    said = ["1-0:1.7.0(0001.234*kW)", "1-0:2.7.0(0000.500*kW)"]
    at = [Frame("p1", telegram(row), START + timedelta(seconds=10 * n), verified=True) for n, row in enumerate(said)]
    recorded(tmp_path, [Entry(frame, HOME) for frame in at])
    names = ("active_power import total 1-0:1.7.0 [W]", "active_power export total 1-0:2.7.0 [W]")
    assert [[row[name] for name in names] for row in read_wide(tmp_path)] == [["1234", ""], ["", "500"]]


def test_a_wide_table_is_written_as_nordic_spreadsheets_expect_it(tmp_path: Path) -> None:
    recorded(tmp_path, [Entry(Frame("p1", telegram("1-0:32.7.0(230.1*V)"), START, verified=True), HOME)])
    (row,) = read_wide(tmp_path, "--separator", ";", "--decimal", ",", delimiter=";")
    assert row["voltage L1 1-0:32.7.0 [V]"] == "230,1"
    assert run(tmp_path, "export", "--format", "wide", "--separator", ",", "--decimal", ",")[0] == 2


def test_a_long_table_has_the_signs_of_a_spreadsheet_too(tmp_path: Path) -> None:
    recorded(tmp_path, home(number=1))
    _, plain, _ = run(tmp_path, "export")
    _, out, _ = run(tmp_path, "export", "--separator", ";", "--decimal", ",")
    found = list(csv.DictReader(io.StringIO(out), delimiter=";"))
    wanted = list(csv.DictReader(io.StringIO(plain)))
    assert [row["value"] for row in found] == [
        row["value"] if row["measurement"] == "meter_text" else row["value"].replace(".", ",") for row in wanted
    ]
    assert any("," in row["value"] for row in found)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--by", "day", "--format", "wide"], "--by writes a table of its own"),
        (["--format", "lines", "--decimal", ",", "--separator", ";"], "lines has no columns"),
        (["x.capture", "--separator", "tab"], "capture has no columns"),
        (["--zone", "Europe/Helsinki"], "it is for --by"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(tmp_path: Path, arguments: list[str], words: str) -> None:
    recorded(tmp_path, home(number=1))
    status, _, said = run(tmp_path, "export", *arguments)
    assert status == 2
    assert words in said


def test_by_the_name_of_the_file_a_capture_is_written_that_reads_back(tmp_path: Path) -> None:
    recorded(tmp_path, home())
    assert run(tmp_path, "export", str(tmp_path / "house.capture"))[0] == 0
    (tmp_path / "again").mkdir()
    assert run(tmp_path / "again", "import", str(tmp_path / "house.capture"))[0] == 0
    assert run(tmp_path / "again", "export", "--format", "lines") == run(tmp_path, "export", "--format", "lines")


def test_a_range_and_a_meter_are_exported_beside_a_logger_that_runs(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.records.append([*home(), *(Entry(frame, Meter("cabin")) for frame in frames("p1-kaifa", 3))])
        status, _, said = run(tmp_path, "export")
        assert (status, "has 2 meters (cabin, home): choose one by --meter" in said) == (2, True)
        span = ("--from", "2026-01-01T12:00:10Z", "--to", "2026-01-01T12:00:30Z")
        status, out, _ = run(tmp_path, "export", "--meter", "home", *span)
    assert status == 0
    times = {row["time"] for row in csv.DictReader(io.StringIO(out))}
    assert times == {"2026-01-01T12:00:10.000Z", "2026-01-01T12:00:20.000Z"}


def test_what_cannot_be_decoded_is_left_out_and_said_unless_there_is_a_key(tmp_path: Path) -> None:
    recorded(tmp_path, home("kamstrup-dk", 2))
    status, out, said = run(tmp_path, "export")
    assert status == 1
    assert len(out.splitlines()) == 1
    assert "2 of 2 telegrams cannot be decoded and are left out" in said
    key = DIALECTS["kamstrup-dk"].key
    keys = ":".join(part.hex() for part in key or () if part)
    status, out, said = run(tmp_path, "export", HANLOGGER_KEYS=keys)
    assert (status, said) == (0, "")
    assert len(out.splitlines()) > 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "--format", "csv"), "1 of 6 telegrams cannot be decoded and is left out: hanlogger refused"),
        (("export", "--format", "lines"), "1 of 6 telegrams cannot be decoded and is left out: hanlogger refused"),
        (("export", "--format", "capture"), "1 telegram is left out: the journal's record is corrupt"),
        (("capture", "--from-journal", "-"), "1 telegram is left out: the journal's record is corrupt"),
        (("capture", "--from-journal", "-", "--redact"), "1 telegram is left out: the journal's record is corrupt"),
    ],
)
def test_a_telegram_whose_record_is_corrupt_is_left_out_said_and_status_1(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    recorded(tmp_path, home())
    whole = run(tmp_path, *arguments)
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as connection, connection:
        connection.execute("UPDATE record SET data = replace(data, '1', '2') WHERE id = 3")
    status, out, said = run(tmp_path, *arguments)
    assert whole[0] == 0
    assert status == 1
    assert words in said
    assert 0 < len(out) < len(whole[1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export"], "there is no journal"),
        (["forget", "home"], "there is no journal"),
        (["import", "none"], "none cannot be read: No such file"),
        (
            ["import", "none", "--meter", "Farfars hus"],
            "--meter Farfars hus: allowed are letters A-Z a-z, digits, _ and -; try Farfars-hus",
        ),
        (["backfill"], "no database"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    status, _, error = run(tmp_path, *arguments)
    assert status == 2
    (line,) = [line for line in error.splitlines() if line.strip()]
    assert words in line


# --- import


def test_a_capture_is_taken_in_once_at_its_own_times(tmp_path: Path) -> None:
    recorded(tmp_path, home())
    assert run(tmp_path, "export", str(tmp_path / "house.capture"))[0] == 0
    (tmp_path / "new").mkdir()
    status, _, said = run(tmp_path / "new", "import", str(tmp_path / "house.capture"))
    assert (status, "6 telegrams of home taken in" in said) == (0, True)
    assert "some are older than keep (90 d)" in said
    status, _, said = run(tmp_path / "new", "import", str(tmp_path / "house.capture"))
    assert (status, "0 telegrams of home taken in, 6 were there already" in said) == (0, True)
    with Journal.open(tmp_path / "new" / "journal.sqlite3", read_only=True) as journal:
        assert [record.received_at for record in journal.records.read_frames()] == [
            START + number * timedelta(seconds=10) for number in range(6)
        ]
        assert journal.counters.get_all()["home"]["frames"] == 6


def test_damage_in_a_capture_is_counted_and_kept_for_reports(tmp_path: Path) -> None:
    status, out, _ = run(tmp_path, "simulate", "--file", "-", "--seconds", "600", "--fault", "bit-errors=0.0002")
    (tmp_path / "house.capture").write_text(out)
    status, _, said = run(tmp_path, "import", str(tmp_path / "house.capture"))
    assert status == 0
    assert "are damaged" in said
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.counters.get_all()["home"]["checksum"] == len(journal.damaged.list_all()) > 0


def test_a_long_file_is_taken_in_to_the_last_message_in_its_order_and_counted(tmp_path: Path) -> None:
    octets = [telegram(f"1-0:1.8.0({number:08d}*Wh)") for number in range(1001)]
    (tmp_path / "long").write_bytes(b"".join(octets))
    assert run(tmp_path, "import", str(tmp_path / "long"))[2] == "1 001 telegrams of home taken in\n"
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert [record.data for record in journal.records.read_frames("home")] == [
            one.rstrip(b"\r\n") for one in octets
        ]
        assert journal.counters.get_all()["home"]["frames"] == 1001


def test_a_message_counts_as_known_at_its_time_alone(tmp_path: Path) -> None:
    same = telegram("1-0:1.8.0(00000001*Wh)")
    for seconds, said in ((0, "1 telegram of home"), (0, "0 telegrams of home"), (1, "1 telegram of home")):
        with (tmp_path / "one.capture").open("w") as file:
            Writer(file, {}).write(Chunk(same, START + timedelta(seconds=seconds, microseconds=123_456)))
        assert run(tmp_path, "import", str(tmp_path / "one.capture"))[2].startswith(said)


def test_damage_is_captured_from_the_beginning_of_a_range_up_to_before_its_end(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        for second in range(5):
            at = START + timedelta(seconds=second)
            journal.damaged.keep(Damaged("home", at, "p1", "checksum", b"/%d" % second))
        journal.damaged.keep(Damaged("cabin", START + timedelta(seconds=2), "p1", "checksum", b"/9"))
        journal.records.append(home(number=1))  # which writes down what is kept of damage
        read = list(
            read_messages_and_damage(journal, "home", START + timedelta(seconds=1), START + timedelta(seconds=3))
        )
        assert [one.data for one in read] == [b"/1", b"/2"]
        assert len(list(read_messages_and_damage(journal, "home"))) == 6


def test_a_file_without_times_counts_by_the_clocks_in_it(tmp_path: Path) -> None:
    (tmp_path / "telegrams").write_bytes(b"".join(frame.data + b"\r\n" for frame in frames("p1-sagemcom", 3)))
    assert run(tmp_path, "import", str(tmp_path / "telegrams"), "--meter", "cabin")[0] == 0
    _, out, _ = run(tmp_path, "export")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["time"] for row in rows} == {f"2026-01-01T12:00:{second}0.000Z" for second in (0, 1, 2)}
    assert {row["meter"] for row in rows} == {"cabin"}
    assert "clock_offset" not in {row["measurement"] for row in rows}


def test_imported_messages_get_the_settings_of_the_configured_meter(tmp_path: Path) -> None:
    (tmp_path / "hanlogger.toml").write_text('[[meter]]\nname = "cabin"\nport = "/dev/none"\nclock = "+02:00"\n')
    (tmp_path / "telegrams").write_bytes(frames("p1-sagemcom", 1)[0].data)
    config = str(tmp_path / "hanlogger.toml")
    assert run(tmp_path, "import", str(tmp_path / "telegrams"), "--config", config)[0] == 0
    _, out, _ = run(tmp_path, "export")
    assert {row["time"] for row in csv.DictReader(io.StringIO(out))} == {"2026-01-01T11:00:00.000Z"}


# --- forget


def test_a_meter_is_forgotten_only_when_that_is_said(tmp_path: Path) -> None:
    recorded(tmp_path, [*home(), *(Entry(frame, Meter("cabin")) for frame in frames("p1-kaifa", 3))])
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.learnt.put(make_series_key("home"), {"known": "voltage"})
        journal.learnt.put(make_series_key("cabin"), {"known": "current"})
    status, _, said = run(tmp_path, "forget", "home")
    assert status == 2
    assert "Delete 6 telegrams of home in" in said
    assert "confirm by --yes" in said
    status, _, said = run(tmp_path, "forget", "home", "--to", "2026-01-01T12:00:20Z", "--yes")
    assert (status, said) == (0, "2 telegrams of home are deleted\n")
    status, _, said = run(tmp_path, "forget", "home", "--yes")
    assert (status, said) == (0, "4 telegrams of home are deleted\n")
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.records.list_meters() == ["cabin"]
        assert journal.learnt.get(make_series_key("home")) == {}
        assert journal.learnt.get(make_series_key("cabin")) == {"known": "current"}
    status, _, said = run(tmp_path, "forget", "home", "--yes")
    assert (status, "has nothing of home in that range; it has telegrams of: cabin" in said) == (2, True)


def test_a_database_is_not_forgotten_where_none_is_configured(tmp_path: Path) -> None:
    recorded(tmp_path, home())
    status, _, said = run(tmp_path, "forget", "home", "--database", "--yes")
    assert (status, "--database: no database is configured" in said) == (2, True)
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.records.list_meters() == ["home"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "-", "--format", "csv"],
        ["import", "again.capture"],
        ["capture", "--from-journal", "-"],
        ["forget", "home", "--yes"],
        ["refused"],
        ["backfill", "--as-configured"],
    ],
)
def test_what_works_from_the_journal_needs_no_port(arguments: list[str], tmp_path: Path) -> None:
    recorded(tmp_path, home())
    environ = {
        "HANLOGGER_METER": "home",
        "HANLOGGER_KEYS": "00112233445566778899AABBCCDDEEFF",
        "HANLOGGER_INFLUXDB_URL": "http://127.0.0.1:9",
        "HANLOGGER_INFLUXDB_TOKEN": "none",
    }
    if arguments[0] == "import":
        arguments = ["import", str(tmp_path / "again.capture")]
        assert run(tmp_path, "export", arguments[1])[0] == 0
    status, _, said = run(tmp_path, *arguments, **environ)
    assert "port is missing" not in said
    assert status == (1 if arguments[0] == "backfill" else 0), said  # nothing answers there


def test_the_commands_work_as_processes_too(tmp_path: Path) -> None:
    recorded(tmp_path, home())
    done = command(tmp_path, "export", "--format", "lines")
    assert done.returncode == 0
    assert done.stdout == run(tmp_path, "export", "--format", "lines")[1]
