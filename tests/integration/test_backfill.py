"""Backfill, forget and the watch over a database, against a real InfluxDB."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from hanlogger.archive.erase import EVER, erase
from hanlogger.cli import app
from hanlogger.errors import WriteUnavailable
from hanlogger.framing import find_all
from hanlogger.influxdb import Influx
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.running.loss_watch import find_loss
from hanlogger.simulate import simulate_telegrams
from tests.support.delivering import delivering, to, until_served
from tests.support.logger import environment, logger
from tests.support.programs import ForkedCommand
from tests.support.servers import ORG, Bucket
from tests.support.waiting import PATIENCE, until

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
HOME = Meter("home")


def frames(dialect: str = "p1-sagemcom", number: int = 12) -> list[Frame]:
    sent = islice(simulate_telegrams(1, START, dialect), number)
    return [event for time, data in sent for event in find_all(data, time) if isinstance(event, Frame)]


def entries(*meters: Meter, dialect: str = "p1-sagemcom", number: int = 12) -> list[Entry]:
    return [Entry(frame, meter) for frame in frames(dialect, number) for meter in meters]


def delivered(folder: Path, bucket: Bucket, appended: list[Entry]) -> None:
    """A journal whose messages are in the bucket."""
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.records.append(appended)
        with delivering(journal, to(bucket)):
            until_served(journal)


def stored(bucket: Bucket) -> dict[tuple[str, ...], Any]:
    """All points of telegrams, not of intervals: measurement, tags and time -> value."""
    names = [row["name"] for row in bucket.query("SHOW MEASUREMENTS") if row["name"] != "energy_interval"]
    rows = [(name, row) for name in names for row in bucket.query(f'SELECT * FROM "{name}"')]
    return {
        (name, *(f"{key}={value}" for key, value in sorted(row.items()) if value is not None and key not in FIELDS)): [
            row.get(field) for field in FIELDS
        ]
        for name, row in rows
    }


FIELDS = ("value", "text")


def settings(bucket: Bucket, **given: str) -> dict[str, str]:
    return {
        "HANLOGGER_PORT": "/dev/none",
        "HANLOGGER_METER": "home",
        "HANLOGGER_INFLUXDB_URL": bucket.server.url,
        "HANLOGGER_INFLUXDB_ORG": ORG,
        "HANLOGGER_INFLUXDB_BUCKET": bucket.name,
        "HANLOGGER_INFLUXDB_TOKEN": bucket.server.admin_token,
        **{f"HANLOGGER_{name}": value for name, value in given.items()},
    }


def run(folder: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, env=environment(folder, environ))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


# --- backfill


def test_a_new_bucket_gets_all_that_the_journal_has(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME, Meter("cabin")))
    new = bucket.server.new_bucket()
    status, said = run(tmp_path, settings(new), "backfill")
    assert (status, said) == (0, "24 telegrams are delivered again to influxdb\n")
    assert stored(new) == stored(bucket)


def test_a_meter_and_a_range_can_be_chosen(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME, Meter("cabin")))
    new = bucket.server.new_bucket()
    span = ("--from", "2026-01-01T12:00:30Z", "--to", "2026-01-01T12:01Z")
    status, said = run(tmp_path, settings(new), "backfill", "--meter", "home", *span)
    assert (status, said) == (0, "3 telegrams are delivered again to influxdb\n")
    rows = new.query("SELECT value FROM active_power WHERE obis = '1-0:1.7.0' GROUP BY meter")
    assert [(row["meter"], row["time"] // 1000 % 60) for row in rows] == [("home", 30), ("home", 40), ("home", 50)]


def test_a_database_that_takes_some_meters_gets_these_alone(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(Meter("cabin"), HOME, number=300))
    new = bucket.server.new_bucket()
    status, said = run(tmp_path, settings(new, INFLUXDB_METERS="cab*"), "backfill")
    assert (status, said) == (0, "300 telegrams are delivered again to influxdb\n")
    assert {row["meter"] for row in new.query("SELECT * FROM active_power")} == {"cabin"}


def test_a_meter_that_no_database_takes_is_not_delivered_again(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME, Meter("cabin")))
    chosen = settings(bucket, INFLUXDB_METERS="cab*")
    status, said = run(tmp_path, chosen, "backfill", "--meter", "home")
    assert (status, said) == (2, "hanlogger: no database takes home: influxdb takes cab* only\n")
    status, said = run(tmp_path, chosen, "backfill", "--as-configured")
    assert (status, said) == (2, "hanlogger: no database takes home: influxdb takes cab* only\n")


def test_a_running_logger_delivers_it(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME))
    new = bucket.server.new_bucket()
    with logger(tmp_path, environ=settings(new)):
        status, said = run(tmp_path, settings(new), "backfill")
    assert status == 0
    assert "a logger is running with this journal: it delivers them" in said
    assert stored(bucket).items() <= stored(new).items()


def test_a_database_that_does_not_take_it_is_named_and_ctrl_c_leaves_it_to_the_logger(
    bucket: Bucket, tmp_path: Path
) -> None:
    delivered(tmp_path, bucket, entries(HOME))
    environ = environment(tmp_path, settings(bucket, INFLUXDB_TOKEN=bucket.token("read")))
    with (tmp_path / "said").open("wb") as said:
        process = ForkedCommand(("backfill",), tmp_path, environ, stderr=said)
    try:
        until(lambda: "influxdb: the token lacks write permission" in (tmp_path / "said").read_text(), "why not")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 3
    finally:
        process.kill()
    assert "stopped: hanlogger run delivers the rest" in (tmp_path / "said").read_text()
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.destinations.count_waiting("influxdb").frames == 12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--meter", "nobody"], "--meter nobody: the journal has no telegram of it; it has: home"),
        (["--from", "2026-02-01"], "the journal has no telegram in that range"),
        (["--destination", "other"], "--destination other: found no such database; configured: influxdb"),
        (["--as-configured", "--meter", "home"], "no settings for home"),
    ],
)
def test_what_cannot_be_sent_again_is_said_in_one_line(
    arguments: list[str], words: str, bucket: Bucket, tmp_path: Path
) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.records.append(entries(HOME, number=1))
    status, said = run(tmp_path, settings(bucket, METER="cabin"), "backfill", *arguments)
    assert status == 2
    assert words in said
    assert len(said.splitlines()) == 1


# --- with today's settings


@pytest.mark.parametrize(
    ("dialect", "wrong"),
    [
        ("p1-sagemcom", Meter("home", tags={"flat": "1203"})),
        ("dsmr5", Meter("home", clock="+03:00")),
        ("kaifa-no", Meter("home", clock="+03:00")),
    ],
)
def test_points_made_with_wrong_settings_are_replaced_by_the_right_ones(
    dialect: str, wrong: Meter, bucket: Bucket, tmp_path: Path
) -> None:
    delivered(tmp_path, bucket, entries(wrong, dialect=dialect))
    right = bucket.server.new_bucket()
    (tmp_path / "right").mkdir()
    delivered(tmp_path / "right", right, entries(HOME, dialect=dialect))
    assert stored(bucket) != stored(right)
    status, said = run(tmp_path, settings(bucket), "backfill", "--as-configured")
    assert (status, said) == (0, "12 telegrams are delivered again to influxdb\n")
    gas = {key for key in stored(bucket) if key[0] in ("gas", "register", "meter_text")}  # at times of their own
    assert {key: value for key, value in stored(bucket).items() if key not in gas} == {
        key: value for key, value in stored(right).items() if key[0] not in ("gas", "register", "meter_text")
    }
    assert {key for key in stored(right) if key[0] == "gas"} <= gas


def test_outside_of_the_range_nothing_changes(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME, Meter("cabin")))
    before = stored(bucket)
    environ = settings(bucket, CLOCK="+02:00")
    status, _ = run(tmp_path, environ, "backfill", "--as-configured", "--from", "2026-01-01T12:01Z")
    assert status == 0
    limit = (START + timedelta(minutes=1)).timestamp() * 1000

    def old(key: tuple[str, ...]) -> bool:
        return "meter=cabin" in key or next(int(part[5:]) for part in key if part.startswith("time=")) < limit - 1

    after = stored(bucket)
    kept = {key: value for key, value in before.items() if old(key)}
    assert kept.items() <= after.items()
    moved = {key: value for key, value in after.items() if key not in kept}
    hour = {next(int(part[5:]) for part in key if part.startswith("time=")) // 3_600_000 for key in moved}
    assert hour == {int(START.timestamp()) // 3600 - 1}
    assert len(moved) == len(before) - len(kept)


def test_what_the_journal_does_not_have_any_more_is_never_deleted(bucket: Bucket, tmp_path: Path) -> None:
    long_ago = int((START - 100 * 24 * HOUR).timestamp() * 1000)
    bucket.write(f"active_power,meter=home,obis=1-0:1.7.0,phase=total value=17 {long_ago}\n".encode())
    delivered(tmp_path, bucket, entries(Meter("home", clock="+03:00")))
    assert run(tmp_path, settings(bucket), "backfill", "--as-configured")[0] == 0
    rows = bucket.query("SELECT value FROM active_power WHERE obis = '1-0:1.7.0'")
    assert [row["time"] for row in rows] == [long_ago] + [
        int((START + 10 * number * SECOND).timestamp() * 1000) for number in range(12)
    ]


def test_a_database_that_does_not_let_delete_changes_nothing(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(Meter("home", clock="+03:00")))
    environ = settings(bucket, INFLUXDB_TOKEN=bucket.token("read"))
    status, said = run(tmp_path, environ, "backfill", "--as-configured")
    assert status == 1
    assert "the token lacks write permission" in said
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert {record.meter.clock for record in journal.records.read_frames()} == {"+03:00"}
        assert not journal.destinations.count_waiting("influxdb").frames


# --- deleting


def test_deleting_takes_both_ends_and_only_the_meter(bucket: Bucket) -> None:
    token = bucket.token("write")
    for meter in ("home", "home2"):
        bucket.write("".join(f"voltage,meter={meter} value={n} {1_767_225_600_000 + n}\n" for n in range(6)).encode())
    first = datetime(2026, 1, 1, 0, 0, 0, 1000, UTC)
    erase(to(bucket, token=SecretStr(token)), "home", first, first + timedelta(milliseconds=2))
    rows = bucket.query("SELECT value FROM voltage GROUP BY meter")
    assert [row["value"] for row in rows if row["meter"] == "home"] == [0, 4, 5]
    assert [row["value"] for row in rows if row["meter"] == "home2"] == [0, 1, 2, 3, 4, 5]


def test_a_database_that_is_away_or_unknown_says_what_to_do(bucket: Bucket) -> None:
    with pytest.raises(WriteUnavailable, match=r"cannot be reached.*nothing is deleted from the journal"):
        erase(to(bucket, url="http://127.0.0.1:1"), "home", *EVER)
    with pytest.raises(WriteUnavailable, match="has no bucket nowhere"):
        erase(to(bucket, bucket="nowhere"), "home", *EVER)


def test_a_meter_is_forgotten_in_the_database_too_where_that_is_asked(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME, Meter("cabin")))
    status, said = run(tmp_path, settings(bucket), "forget", "home", "--database", "--yes")
    assert status == 0
    assert f"12 telegrams of home are deleted, and its points in bucket {bucket.name} at" in said
    assert {part for key in stored(bucket) for part in key if part.startswith("meter=")} == {"meter=cabin"}
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.records.list_meters() == ["cabin"]


# --- the watch over what was delivered


def emptied(bucket: Bucket) -> Bucket:
    """Another bucket under the same name, as after the loss of the database's volume."""
    bucket.server.call("DELETE", f"/api/v2/buckets/{bucket.id}", expect=204)
    return bucket.server.new_bucket(bucket.name)


@pytest.mark.parametrize("retention", [0, 30 * 24 * 3600])
def test_a_bucket_that_was_lost_is_noticed_with_a_token_that_may_only_write(
    retention: int, bucket: Bucket, tmp_path: Path
) -> None:
    bucket = bucket.server.new_bucket(retention_seconds=retention)
    now = datetime.now(UTC).replace(microsecond=0)
    with Journal.open(tmp_path / "journal.sqlite3") as journal:

        def lost(minutes: int, there: Bucket) -> datetime | None:
            influx = Influx(to(there, token=SecretStr(there.token("write"))))
            try:
                return find_loss(journal, "influxdb", influx, "cellar", now + timedelta(minutes=minutes))
            finally:
                influx.close()

        assert lost(0, bucket) is None, "nothing has been delivered"
        journal.destinations.confirm("influxdb", 1)
        assert [lost(minutes, bucket) for minutes in (1, 2, 3)] == [None] * 3
        new = emptied(bucket)
        assert lost(4, new) == now + timedelta(minutes=3)
        assert [lost(minutes, new) for minutes in (5, 6)] == [None] * 2
        newest = emptied(new)
        assert lost(7, newest) == now + timedelta(minutes=6)


def test_a_mark_that_has_outlived_the_retention_is_no_sign_of_loss(bucket: Bucket, tmp_path: Path) -> None:
    bucket = bucket.server.new_bucket(retention_seconds=3600)
    now = datetime.now(UTC)
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.destinations.confirm("influxdb", 1)
        journal.learnt.put("destination influxdb", {"field": "mark_0", "kind": "", "at": (now - 3 * HOUR).isoformat()})
        influx = Influx(to(bucket))
        assert find_loss(journal, "influxdb", influx, "cellar", now) is None
        assert find_loss(journal, "influxdb", influx, "cellar", now + SECOND) is None
        influx.close()


def test_a_logger_says_the_line_that_fills_a_lost_bucket_and_it_does(bucket: Bucket, tmp_path: Path) -> None:
    delivered(tmp_path, bucket, entries(HOME))
    before = stored(bucket)
    environ = settings(bucket, INFLUXDB_TOKEN=bucket.token("write"))
    with (
        Journal.open(tmp_path / "journal.sqlite3", exclusive=False) as journal,
        logger(tmp_path, environ=environ) as first,
    ):
        until(lambda: journal.learnt.get("destination influxdb"), "the mark")
        assert first.stop() == 0
    new = emptied(bucket)
    environ = settings(new, INFLUXDB_TOKEN=new.token("write"))
    with logger(tmp_path, environ=environ) as second:
        line = "to deliver again what the journal has: hanlogger backfill"
        until(lambda: line in second.log, "the line to run")
        command = second.log.partition(line)[0].rpartition("\n")[2]
        assert "influxdb: has lost what was delivered before" in command
        assert run(tmp_path, environ, "backfill")[0] == 0
    after = stored(new)
    assert before.items() <= after.items()
