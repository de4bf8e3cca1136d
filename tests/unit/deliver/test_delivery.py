"""From the journal to the database, whatever it answers."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from tenacity import Future, RetryCallState, Retrying

from hanlogger.deliver import Pace, late_settling, requests
from hanlogger.deliver import delivery as delivery_module
from hanlogger.errors import JournalUnavailable, WriteUnavailable
from hanlogger.journal import Entry, Journal, Outcome, destinations, writer
from hanlogger.journal.file.sqlite import connect
from hanlogger.journal.outcomes import insert_outcome, insert_passed_redelivery
from hanlogger.model import Frame, Meter
from hanlogger.running.health import make_meter_fields
from hanlogger.status.state import MeterState
from tests.support.costing import COSTS, FEE
from tests.support.delivering import HOME, LINES, delivering, energies, record, sent, to, until_served
from tests.support.journals import START, get_counts
from tests.support.octets import telegram
from tests.support.scripted_server import (
    CLOSE,
    DRIP,
    HANG,
    NO_CONTENT,
    RESET,
    Misbehave,
    Reply,
    Request,
    ScriptedServer,
    influxdb_says,
)
from tests.support.servers import Bucket, Influxdb
from tests.support.vectors import octets
from tests.support.waiting import PATIENCE, until


def lines_of(server: ScriptedServer) -> list[bytes]:
    return b"".join(server.bodies).splitlines()


# what is recorded is delivered


def test_every_telegram_is_in_the_database_with_every_register(journal: Journal, bucket: Bucket) -> None:
    record(journal, *range(2000))
    with delivering(journal, to(bucket)) as delivery:
        until_served(journal)
        assert delivery.answer.ok
        assert delivery.answer.words == "all is well"
    assert energies(bucket) == list(range(2000))
    assert bucket.count("voltage") == bucket.count("clock_offset") == 2000
    (first, *_) = bucket.query('SELECT * FROM "active_energy" LIMIT 1')
    assert first == {
        "time": 1767225600000,
        "direction": "import",
        "meter": "home",
        "obis": "1-0:1.8.0",
        "phase": "total",
        "value": 1_000_000,
    }


def test_a_gas_meters_time_to_come_is_left_out_counted_and_said_once(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    rows = ("0-0:1.0.0(260101010000W)", "1-0:1.7.0(0001.000*kW)", "0-1:24.2.1(500101000000W)(00001.000*m3)")
    for second in range(2):
        journal.records.append([Entry(Frame("p1", telegram(*rows), START + timedelta(seconds=second)), HOME)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert {line.split(b",")[0] for line in lines_of(server)} == {b"active_power", b"clock_offset"}
    assert get_counts(journal) == {"home": {"untimed": 2, "superseded": 1}}
    assert caplog.text.count("meter home: a row, as of a gas or water meter, has a time of its own") == 1


def test_a_telegram_goes_at_once_and_what_waits_goes_together(journal: Journal, server: ScriptedServer) -> None:
    record(journal, *range(4000))
    with delivering(journal, to(server)):
        until_served(journal)
        batches = [body.count(b"\n") for body in server.bodies]
        for number in range(4000, 4010):
            record(journal, number)
            until(lambda: journal.destinations.get_cursor("influxdb") == journal.newest)
    assert max(batches) <= 5000
    assert sum(batches) == 4000 * LINES
    assert [body.count(b"\n") for body in server.bodies[len(batches) :]] == [LINES] * 10


def test_each_destination_gets_everything_and_none_waits_for_another(
    journal: Journal, influxdb: Influxdb, server: ScriptedServer
) -> None:
    one, two = influxdb.new_bucket(), influxdb.new_bucket()
    server.say(Reply(503))
    record(journal, *range(50))
    with (
        delivering(journal, to(one, name="one")),
        delivering(journal, to(server, name="down")),
        delivering(journal, to(two, name="two")),
    ):
        until_served(journal, "one")
        until_served(journal, "two")
        assert journal.destinations.get_cursor("down") == 0
    assert energies(one) == energies(two) == list(range(50))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is settled late waits for something else to be written, for ever."""
    monkeypatch.setattr(writer, "LATE_SECONDS", 1e6)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is settled late is due at once, and written with the next append."""
    monkeypatch.setattr(late_settling, "GATHERED_SECONDS", 0.0)


@pytest.mark.usefixtures("patient", "hasty")
def test_what_is_delivered_may_be_settled_by_the_next_append(tmp_path: Path, server: ScriptedServer) -> None:
    with (
        Journal.open(tmp_path / "journal.sqlite3") as journal,
        delivering(journal, to(server), settles_late=True) as delivery,
    ):
        for number in range(1, 4):
            record(journal, number)
            until(lambda: delivery.cursor == journal.newest, "it is delivered")
            assert journal.destinations.get_cursor("influxdb") == number - 1
            assert journal.destinations.count_waiting("influxdb", delivery.cursor).frames == 0
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        assert journal.destinations.get_cursor("influxdb") == 3
    assert len(lines_of(server)) == 3 * LINES


@pytest.mark.usefixtures("patient")
def test_what_is_delivered_within_a_minute_is_settled_together(tmp_path: Path, server: ScriptedServer) -> None:
    with (
        Journal.open(tmp_path / "journal.sqlite3") as journal,
        delivering(journal, to(server), settles_late=True) as delivery,
    ):
        for number in (1, 2, 2):
            record(journal, number)
            until(lambda: delivery.cursor == journal.newest, "it is delivered")
        assert journal.destinations.get_cursor("influxdb") == 0
        assert get_counts(journal) == {}
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        assert journal.destinations.get_cursor("influxdb") == 3
        assert get_counts(journal) == {"home": {"superseded": 1}}
    assert len(lines_of(server)) == 3 * LINES


def test_what_is_delivered_is_settled_though_nothing_more_comes(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((late_settling, "GATHERED_SECONDS"), (writer, "LATE_SECONDS"), (writer, "QUIET_SECONDS")):
        monkeypatch.setattr(module, name, 0.01)
    record(journal, 1)
    with delivering(journal, to(server), settles_late=True):
        until(lambda: journal.destinations.get_cursor("influxdb") == 1, "it is settled")


@pytest.mark.usefixtures("patient")
def test_what_is_not_settled_yet_is_settled_before_later_records_are_set_aside(
    journal: Journal, server: ScriptedServer
) -> None:
    with delivering(journal, to(server), settles_late=True) as delivery:
        record(journal, 1, 1)
        until(lambda: delivery.cursor == 2, "it is delivered")
        server.say(influxdb_says(422), NO_CONTENT)
        record(journal, 2)
        until_served(journal)
    assert get_counts(journal) == {"home": {"superseded": 1}}


@pytest.mark.usefixtures("patient")
def test_a_backlog_is_settled_on_the_way(journal: Journal, server: ScriptedServer) -> None:
    record(journal, *range(1200))
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1200, "all is delivered")
        assert 0 < journal.destinations.get_cursor("influxdb") < 1200
    assert len(lines_of(server)) == 1200 * LINES


@pytest.mark.usefixtures("patient")
def test_what_waits_to_be_settled_is_sent_once_more_where_a_command_has_written(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, 1)
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1, "it is delivered")
        with Journal.open(journal.path, exclusive=False) as command:
            command.records.reconfigure(Meter("home", clock="normal-time", tags={"flat": "7"}))
        record(journal, 2)
        until(lambda: delivery.cursor == 2, "the next is delivered")
    first = b"1000001 1767225601000"
    assert [b"flat=7" in line for line in lines_of(server) if line.endswith(first)] == [False, True]


@pytest.mark.usefixtures("patient")
def test_what_another_process_appends_is_sent_when_the_last_batch_is_settled(
    journal: Journal, server: ScriptedServer
) -> None:
    asked, appended = threading.Event(), threading.Event()

    def answer(_: Request) -> Reply | Misbehave:
        asked.set()
        return NO_CONTENT if appended.wait(PATIENCE) else RESET

    server.answer = answer
    journal.records.append([Entry(Frame("hdlc", octets("v20-hdlc"), START), HOME)])  # enciphered: it is listed
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1, "it is passed")
        with Journal.open(journal.path, exclusive=False) as command:
            record(command, 2)
        assert asked.wait(PATIENCE), "a request is in flight"
        record(journal, 3)
        appended.set()
        until(lambda: delivery.cursor == 3, "all is delivered")
    assert [entry.record_id for entry in journal.undecoded.list_newest()] == [1]


@pytest.mark.usefixtures("patient")
def test_no_more_than_a_telegram_is_sent_again_however_often_another_process_writes(
    journal: Journal, server: ScriptedServer
) -> None:
    with (
        Journal.open(journal.path, exclusive=False) as command,
        delivering(journal, to(server), settles_late=True) as delivery,
    ):
        for number in range(1, 11):
            record(journal, number)
            until(lambda: delivery.cursor == journal.newest, "it is delivered")
            command.learnt.put("device", {"time": str(number)})
    assert len(lines_of(server)) < 2 * 10 * LINES


@pytest.mark.usefixtures("patient")
def test_all_that_another_process_saw_when_it_wrote_is_settled_without_delay(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanlogger.deliver.delivery.FEWEST_LINES", 5000)  # each telegram is a request
    with (
        Journal.open(journal.path, exclusive=False) as command,
        delivering(journal, to(server), settles_late=True) as delivery,
    ):
        record(journal, 1, 2)
        until(lambda: delivery.cursor == 2, "they are delivered")
        command.learnt.put("device", {"time": "1"})
        record(journal, 3)
        until(lambda: journal.destinations.get_cursor("influxdb") == 3, "all are settled")


@pytest.mark.usefixtures("patient")
def test_what_is_not_settled_yet_is_settled_before_what_comes_during_a_search(
    journal: Journal, server: ScriptedServer
) -> None:
    asked = threading.Event()

    def answer(_: Request) -> Reply | Misbehave:
        if asked.is_set():
            return NO_CONTENT
        asked.set()
        record(journal, 2)
        return influxdb_says(422)

    with delivering(journal, to(server), settles_late=True) as delivery:
        record(journal, 1, 1)
        until(lambda: delivery.cursor == 2, "they are delivered")
        server.answer = answer
        journal.redeliveries.request("influxdb", passed_only=False)
        until_served(journal)
    assert get_counts(journal) == {"home": {"superseded": 1}}


@pytest.mark.usefixtures("patient")
def test_a_search_for_refused_lines_does_not_begin_anew_where_another_process_writes(
    journal: Journal, server: ScriptedServer
) -> None:
    whole = []

    with Journal.open(journal.path, exclusive=False) as command:

        def answer(request: Request) -> Reply | Misbehave:
            if b"value=1000009 " in request.body:
                command.learnt.put("device", {"time": "1"})
                return NO_CONTENT
            whole.append(request.body.count(b"\n") == 2 * LINES)
            if len(whole) == 2:
                record(journal, 9)
            return influxdb_says(422) if b"value=1000001 " in request.body else NO_CONTENT

        record(journal, 1, 2)
        server.answer = answer
        with delivering(journal, to(server), settles_late=True):
            until_served(journal)
    assert sum(whole) == 2, "new, and in the search"


@pytest.mark.usefixtures("patient", "hasty")
def test_what_could_not_be_settled_late_is_sent_again_where_a_backfill_was_asked_for_meanwhile(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, 1)
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1, "it is delivered")
        record(journal, 2)
        until(lambda: delivery.cursor == 2, "it is delivered")
        assert journal.destinations.get_cursor("influxdb") == 1
        journal._database._patience = 0.0
        with closing(connect(journal.path, "mode=rw")) as backfill:
            backfill.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalUnavailable):
                record(journal, 3)
            insert_passed_redelivery(backfill, "influxdb", 1, 2, None)
            backfill.execute("COMMIT")
        until_served(journal)
    sent_twice = [line for line in lines_of(server) if line.startswith(b"active_energy")]
    assert sorted(line.partition(b" ")[2] for line in sent_twice) == [
        *[b"value=1000001 1767225601000"] * 2,
        *[b"value=1000002 1767225602000"] * 2,
    ]


@pytest.mark.usefixtures("patient", "hasty")
def test_what_could_not_be_settled_late_is_settled_alone_and_not_sent_again(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, 1)
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1, "it is delivered")
        journal._database._patience = 0.0
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalUnavailable):
                record(journal, 2)
        until(lambda: journal.destinations.get_cursor("influxdb") == 1, "it is settled")
    assert len(lines_of(server)) == LINES


@pytest.mark.usefixtures("patient", "hasty")
def test_what_could_not_be_settled_late_for_a_fault_of_ours_is_sent_again(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, faults = insert_outcome, [ValueError("with the append"), ValueError("alone")]

    def insert_or_fail(connection: sqlite3.Connection, name: str, outcome: Outcome) -> None:
        if faults:
            raise faults.pop()
        insert(connection, name, outcome)

    monkeypatch.setattr(destinations, "insert_outcome", insert_or_fail)
    monkeypatch.setattr(delivery_module, "FAULT_SECONDS", 0.01)
    record(journal, 1)
    with delivering(journal, to(server), settles_late=True) as delivery:
        until(lambda: delivery.cursor == 1, "it is delivered")
        record(journal, 2)
        until_served(journal)
    assert len([line for line in lines_of(server) if line.endswith(b"value=1000001 1767225601000")]) == 2


def test_delivery_goes_on_where_it_was(tmp_path: Path, server: ScriptedServer) -> None:
    for first in (0, 10):
        with Journal.open(tmp_path / "journal.sqlite3") as journal:
            record(journal, *range(first, first + 10))
            with delivering(journal, to(server)):
                until_served(journal)
    assert len(lines_of(server)) == 20 * LINES


def test_points_are_made_with_the_settings_in_force_at_receipt(journal: Journal, server: ScriptedServer) -> None:
    record(journal, 1, meter=Meter("home", clock="normal-time", tags={"flat": "12"}))
    record(journal, 1, meter=Meter("home", clock="utc", clock_limit=None))
    with delivering(journal, to(server)):
        until_served(journal)
    energy = [line for line in lines_of(server) if line.startswith(b"active_energy")]
    assert energy == [
        b"active_energy,direction=import,flat=12,meter=home,obis=1-0:1.8.0,phase=total value=1000001 1767225601000",
        b"active_energy,direction=import,meter=home,obis=1-0:1.8.0,phase=total value=1000001 1767229201000",
    ]


def test_the_loggers_health_is_delivered_too(journal: Journal, server: ScriptedServer) -> None:
    journal.records.append_health({"home": {"telegrams": 6.0}}, START)
    journal.records.append_health({"": {"waiting": 0.0}}, START)
    with delivering(journal, to(server)):
        until_served(journal)
    assert lines_of(server) == [
        b"hanlogger,logger=test,meter=home telegrams=6 1767225600000",
        b"hanlogger,logger=test waiting=0 1767225600000",
    ]


def test_the_hour_that_runs_is_delivered_with_the_minute_of_health_that_has_it(
    journal: Journal, server: ScriptedServer
) -> None:
    state = MeterState(
        "home", "/dev/home", "open", costs=replace(COSTS, fees=(FEE, replace(FEE, line="B", running=None)))
    )
    journal.records.append_health({"home": make_meter_fields(state, START)}, START)
    with delivering(journal, to(server)):
        until_served(journal)
    assert lines_of(server)[1:] == [
        b"running_hour,line=Power\\ fee,meter=home "
        b"allowed=3933,extra=13.5,forecast=5100,least=1250,limit=4200,so_far=1250 1767225600000",
        b"running_hour,line=B,meter=home extra=0 1767225600000",
    ]


def test_readings_of_the_same_second_are_counted(journal: Journal, server: ScriptedServer) -> None:
    record(journal, 1, 2, 2, 2, 3)
    with delivering(journal, to(server, name="one")), delivering(journal, to(server, name="two")):
        until_served(journal, "one")
        until_served(journal, "two")
    assert get_counts(journal) == {"home": {"superseded": 2}}


def test_a_clock_that_is_far_off_is_counted_and_said_once(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    old = [
        sent(number)._replace(frame=sent(number).frame._replace(received_at=START + timedelta(days=3)))
        for number in range(3)
    ]
    journal.records.append(old)
    with delivering(journal, to(server)):
        until_served(journal)
    assert get_counts(journal) == {"home": {"clock_limit": 3}}
    assert caplog.text.count("further off than clock_limit") == 1
    assert b" 1767484800000" in lines_of(server)[0]


def test_rows_that_give_no_point_are_counted_by_their_reason(journal: Journal, server: ScriptedServer) -> None:
    block = ("0-0:98.1.0", "(", "0-0:1.0.0(220201000000T)", "1-0:1.7.0(9*kW)", ")")
    gas = "0-1:24.2.1(632525252525W)(0*m3)"
    data = telegram("0-0:1.0.0(260101010000W)", "1-0:1.7.0(1*kW)", "*kW)", gas, *block)
    journal.records.append([Entry(Frame("p1", data, START), HOME)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert get_counts(journal) == {"home": {"unread": 1, "untimed": 1, "closed": 4}}
    assert [line.partition(b",")[0] for line in lines_of(server)] == [b"active_power", b"clock_offset"]


def test_a_frame_from_a_file_keeps_its_time_however_old(journal: Journal, server: ScriptedServer) -> None:
    now = datetime.now(UTC)
    journal.records.append([Entry(sent(5).frame._replace(received_at=now), HOME, live=False)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert {line.rpartition(b" ")[2] for line in lines_of(server)} == {b"1767225605000"}


# later


@pytest.mark.parametrize(
    "trouble",
    [Reply(503), Reply(429), Reply(500, b"{}"), Reply(408), Reply(200, b"<html>"), Reply(302), RESET, CLOSE],
)
def test_the_same_bytes_are_sent_until_they_are_taken(
    journal: Journal, server: ScriptedServer, trouble: Reply | Misbehave
) -> None:
    server.say(trouble, trouble, NO_CONTENT)
    record(journal, 1, 2)
    with delivering(journal, to(server)):
        until_served(journal)
    assert len(server.bodies) == 3
    assert len(set(server.bodies)) == 1


def test_no_answer_in_time_is_no_success(journal: Journal, server: ScriptedServer) -> None:
    server.say(HANG, NO_CONTENT)
    record(journal, 1)
    with delivering(journal, to(server, read_timeout=0.05)) as delivery:
        until_served(journal)
        assert delivery.answer.ok
    assert len(server.bodies) == 2


def test_an_answer_that_never_ends_is_left_alone(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MARGIN_SECONDS", 0.1)
    server.say(DRIP, NO_CONTENT)
    record(journal, 1)
    with delivering(journal, to(server, connect_timeout=0.1, read_timeout=0.1)):
        until_served(journal)
    assert len(server.bodies) == 2


def test_retry_after_is_respected(journal: Journal, server: ScriptedServer) -> None:
    times: list[float] = []

    def answer(_: Request) -> Reply:
        times.append(time.monotonic())
        return NO_CONTENT if len(times) > 1 else Reply(503, b"", {"Retry-After": "0.4"})

    server.answer = answer
    record(journal, 1)
    with delivering(journal, to(server)):
        until_served(journal)
    assert 0.4 <= times[1] - times[0] < 3


def test_an_outage_is_said_once_and_its_end(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.say(*[influxdb_says(503)] * 5, NO_CONTENT)
    record(journal, 1)
    with delivering(journal, to(server)) as delivery:
        until(lambda: not delivery.answer.ok)
        assert delivery.answer.words == "InfluxDB answers 503: busy"
        until_served(journal)
    assert [(entry.levelname, entry.message) for entry in caplog.records if entry.name.startswith("hanlogger")] == [
        ("WARNING", "influxdb: InfluxDB answers 503: busy; telegrams are kept and will be sent"),
        ("INFO", "influxdb: it takes telegrams again"),
    ]
    assert delivery.retries == 5


def test_an_outage_that_comes_again_is_said_again(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with delivering(journal, to(server)):
        for number in range(2):
            server.say(influxdb_says(503), influxdb_says(503), NO_CONTENT)
            record(journal, number)
            until_served(journal)
    said = [entry.levelname for entry in caplog.records if entry.name.startswith("hanlogger")]
    assert said == ["WARNING", "INFO", "WARNING", "INFO"]


def waits(error: WriteUnavailable) -> list[float]:
    state = RetryCallState(Retrying(), None, (), {})
    found = []
    for attempt in range(1, 11):
        state.attempt_number = attempt
        state.outcome = Future(attempt)
        state.outcome.set_exception(error)
        found.append(Pace()(state))
    return found


def test_waits_grow_to_a_bound_and_for_the_user_they_are_slow() -> None:
    plain = waits(WriteUnavailable("later"))
    assert all(2**n <= wait <= min(2**n + 1, 60) for n, wait in enumerate(plain[:6]))
    assert plain[6:] == [60] * 4
    assert waits(WriteUnavailable("asked", retry_after=300)) == [300] * 10
    assert waits(WriteUnavailable("fix it", needs_user=True)) == [60] * 10


def test_a_token_that_is_made_after_the_start_is_found_soon(
    journal: Journal, bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = tmp_path / "token"
    record(journal, 1)
    with delivering(journal, to(bucket, token_file=token), pace=Pace(first=0.02, longest=0.1, slow=3600)) as delivery:
        until(lambda: "is not there: make it" in delivery.answer.words)
        token.touch()
        until(lambda: "is empty" in delivery.answer.words)
        token.write_text(bucket.server.admin_token)
        until_served(journal)
    assert energies(bucket) == [1]
    assert {entry.levelname for entry in caplog.records} == {"WARNING"}


def test_a_token_put_right_is_used_without_a_restart(journal: Journal, bucket: Bucket, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("wrong")
    record(journal, 1, 2, 3)
    with delivering(journal, to(bucket, token_file=token)) as delivery:
        until(lambda: "does not know the token" in delivery.answer.words)
        token.write_text(bucket.server.admin_token)
        until_served(journal)
    assert energies(bucket) == [1, 2, 3]


def test_a_bucket_made_later_gets_all(journal: Journal, influxdb: Influxdb) -> None:
    name = "made-later"
    destination = to(Bucket(influxdb, name, ""))
    record(journal, 1, 2, 3)
    with delivering(journal, destination) as delivery:
        until(lambda: f"has no bucket {name}" in delivery.answer.words)
        bucket = influxdb.new_bucket(name)
        until_served(journal)
    assert energies(bucket) == [1, 2, 3]
    assert journal.refused.list_newest() == []


def test_what_is_wrong_is_known_before_there_is_something_to_send(journal: Journal, bucket: Bucket) -> None:
    with delivering(journal, to(bucket, token=SecretStr("wrong"))) as delivery:
        until(lambda: "does not know the token" in delivery.answer.words)
    with delivering(journal, to(bucket)) as delivery:
        until(lambda: delivery.answer.at is not None and delivery.answer.ok)


@pytest.mark.parametrize("trouble", [HANG, Reply(503), Reply(503, b"", {"Retry-After": "600"}), Reply(401)])
def test_stop_does_not_wait_for_the_database(
    journal: Journal, server: ScriptedServer, trouble: Reply | Misbehave
) -> None:
    server.say(trouble)
    record(journal, 1)
    with delivering(journal, to(server), pace=Pace()):
        until(lambda: server.requests)
        before = time.monotonic()
    assert time.monotonic() - before < 5  # a database has 20 s to answer
    assert journal.destinations.get_cursor("influxdb") == 0
