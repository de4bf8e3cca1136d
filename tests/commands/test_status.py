"""`status`, `refused`, `config`, and what a running logger writes of itself."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hanlogger.cli import app
from hanlogger.collect import Recorder
from hanlogger.config import load
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.running.health import make_logger_fields, make_meter_fields
from hanlogger.running.snapshot import Reporter
from hanlogger.status import state_file
from hanlogger.status.state import (
    AnswerState,
    DestinationState,
    HomeAssistantState,
    JournalState,
    MeterState,
    RegisterState,
    RelayState,
    State,
)
from tests.support import octets
from tests.support.delivering import delivering, record, to, until_served
from tests.support.journals import refuse, set_undecoded
from tests.support.ports import telegram
from tests.support.scripted_server import NO_CONTENT, Reply, scripted_server
from tests.support.waiting import PATIENCE

METER = MeterState(
    "home",
    "/dev/ttyUSB0",
    "open",
    interval=10.0,
    clock_offset=0.4,
    counts={"frames": 1234, "checksum": 2, "noise": 17},
    registers={"1-0:1.7.0": RegisterState("1727", "W", datetime(2026, 1, 1, tzinfo=UTC))},
)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def written(journal: Path, *meters: MeterState, age: float = 0.5, **changes: Any) -> State:
    """As a logger that runs, or ran `age` seconds ago, leaves it."""
    now = datetime.now(UTC) - timedelta(seconds=age)
    heard = (replace(meter, last=meter.last or now - timedelta(seconds=3)) for meter in meters)
    written = State("0.1.0", 1, "cellar", now - timedelta(hours=2), now, JournalState(str(journal), 12_000_000))
    written = replace(written, meters=tuple(heard), **changes)
    state_file.write_state(written, state_file.find_state_path(journal))
    return written


def hanlogger(*arguments: str) -> Result:
    return CliRunner(env={name: "" for name in os.environ if name.startswith("HANLOGGER_")}).invoke(
        app, list(arguments)
    )


def status(journal: Path, *arguments: str) -> Result:
    return hanlogger("status", "--journal", str(journal), *arguments)


def test_a_state_is_read_as_it_was_written(journal: Path) -> None:
    assert state_file.read_state(state_file.find_state_path(journal)) is None
    now = written(journal, METER)
    assert state_file.read_state(state_file.find_state_path(journal)) == now
    assert stat.S_IMODE(state_file.find_state_path(journal).stat().st_mode) == 0o644
    assert sorted(file.name for file in journal.parent.iterdir()) == ["journal.state.json"]


def test_a_state_of_another_version_is_no_state(journal: Path) -> None:
    state_file.find_state_path(journal).write_text('{"version": "99"}')
    assert state_file.read_state(state_file.find_state_path(journal)) is None


def test_the_status_of_a_logger_that_is_well(journal: Path) -> None:
    answer = AnswerState(datetime.now(UTC) - timedelta(seconds=4), True, "all is well")
    to = DestinationState("influxdb", "http://localhost:8086", answer=answer)
    unneeded = replace(METER, counts={**METER.counts, "unverified": 0})
    written(journal, unneeded, destinations=(to,), page="http://127.0.0.1:8088/")
    done = status(journal)
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "hanlogger 0.1.0 on cellar, running for 2 h",
        "home: last telegram 4 s ago, every 10 s (/dev/ttyUSB0)",
        "  import 1 727 W",
        "  1 234 telegrams; damaged: 2 checksum; noise: 17; clock right",
        f"journal: {journal}, 12.0 MB",
        "influxdb: http://localhost:8086, 0 telegrams wait",
        "  all is well (4 s ago)",
        "page: http://127.0.0.1:8088/",
    ]


def test_power_has_its_direction_and_today_its_energies(journal: Path) -> None:
    now = datetime.now(UTC)
    exporting = {
        **METER.registers,
        "1-0:1.7.0": RegisterState("0", "W", now),
        "1-0:2.7.0": RegisterState("1560", "W", now),
    }
    with Journal.open(journal) as opened:
        for energy, ago in ((1000.0, 10), (1000.42, 1)):
            counted = octets.telegram(f"1-0:1.8.0({energy:012.3f}*kWh)", "1-0:2.8.0(00000001.000*kWh)")
            opened.records.append(
                [Entry(Frame("p1", counted, now - timedelta(seconds=ago), verified=True), Meter("home"))]
            )
        written(journal, replace(METER, registers=exporting), pid=os.getpid())
        shown = status(journal).output
    told = re.search(r"^  export 1 560 W; today at least 0.(\d+) kWh imported, 0.00 kWh exported", shown, re.MULTILINE)
    assert told, shown


def test_a_scale_that_is_probably_wrong_is_told(journal: Path) -> None:
    written(journal, replace(METER, doubts={"scale.energy": "0.1", "scale.current": "100", "clock": "-1"}))
    done = status(journal)
    assert done.exit_code == 0
    told = "  probably a wrong scale, {}: hanlogger doctor tells what to set\n"
    assert told.format("energy 10 times too large") + told.format("current 100 times too small") in done.output


def test_a_databases_words_are_shown_in_a_line_without_control_characters(journal: Path) -> None:
    answer = AnswerState(datetime.now(UTC), False, "\x1b]0;owned\x07\r\nforged\u2028\u202e")
    written(journal, METER, destinations=(DestinationState("influxdb", "http://h", answer=answer),))
    assert status(journal).output.splitlines()[-1] == "  ]0;owned forged (0 s ago)"


def test_a_database_that_is_away_does_not_count(journal: Path) -> None:
    now = datetime.now(UTC)
    away = AnswerState(now, False, "connection refused: is it running?")
    to = DestinationState("influxdb", "http://h", 4321, now - timedelta(days=3), 7, away)
    written(journal, METER, destinations=(to,))
    done = status(journal)
    assert done.exit_code == 0
    assert "4 321 telegrams wait, the oldest for 3 d" in done.output
    assert "connection refused: is it running?" in done.output
    assert "7 refused: hanlogger refused" in done.output


def test_a_database_that_takes_some_meters_only_says_which(journal: Path) -> None:
    written(journal, METER, destinations=(DestinationState("tenant", "http://h", meters=("flat-1*", "laundry")),))
    assert "tenant: http://h, of flat-1*, laundry only, 0 telegrams wait" in status(journal).output


def test_a_port_that_is_waited_for_is_well(journal: Path) -> None:
    written(journal, METER, replace(METER, name="barn", state="waiting", words="/dev/ttyUSB1 is not there"))
    done = status(journal)
    assert done.exit_code == 0
    assert "barn: waiting: /dev/ttyUSB1 is not there; last telegram" in done.output


def test_a_silent_meter_is_not(journal: Path) -> None:
    written(journal, METER, replace(METER, name="barn", state="silent", words="/dev/ttyUSB1 gives no telegram"))
    done = status(journal)
    assert done.exit_code == 1
    assert "barn: SILENT: /dev/ttyUSB1 gives no telegram" in done.output


def test_a_logger_that_is_not_running_is_not(journal: Path) -> None:
    assert status(journal).exit_code == 1
    assert f"no logger runs with the journal {journal}" in status(journal).output
    written(journal, METER, age=60)
    done = status(journal)
    assert done.exit_code == 1
    assert "the last one hangs, or was killed, at" in done.output


@pytest.mark.parametrize("meter", [METER, replace(METER, state="silent")])
def test_quiet_says_it_by_the_exit_status_alone(journal: Path, meter: MeterState) -> None:
    written(journal, meter)
    done = status(journal, "--quiet")
    assert (done.exit_code, done.output) == (0 if meter.well else 1, "")


def test_json_is_the_whole_state(journal: Path) -> None:
    written(journal, METER)
    done = status(journal, "--json")
    told = json.loads(done.output)
    assert done.exit_code == 0
    assert told["running"] is True
    assert told["meters"][0]["registers"]["1-0:1.7.0"]["value"] == "1727"
    written(journal, METER, age=60)
    assert json.loads(status(journal, "--json").output)["running"] is False


def test_the_minutes_fields_are_those_that_the_boards_ask_for() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    meter = replace(METER, last=now - timedelta(seconds=5), counts={**METER.counts, "undecoded": 3})
    assert make_meter_fields(meter, now) == {"frames": 1234.0, "damaged": 2.0, "undecoded": 3.0, "silence": 5.0}
    assert "silence" not in make_meter_fields(METER, now)
    to = DestinationState("influxdb", "http://h", 10, now - timedelta(seconds=60), 2)
    whole = State(
        "", 1, "cellar", now, now, JournalState("/j", 5000), (meter,), (to, replace(to, waiting=1, refused=1))
    )
    fields = make_logger_fields(whole, retries=4)
    assert 1e6 < fields.pop("rss") < 1e9
    assert 1 <= fields.pop("threads") < 1000
    assert 3 <= fields.pop("files") < 1000
    assert fields == {
        "undelivered": 10.0,
        "undelivered_age": 60.0,
        "refused": 3.0,
        "retries": 4.0,
        "journal_bytes": 5000.0,
    }


def test_a_minute_of_health_is_kept_like_a_telegram(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanlogger.running.snapshot.MINUTE", timedelta(0))
    settings = load(None, {"HANLOGGER_JOURNAL": str(journal), "HANLOGGER_LOGGER": "cellar"})
    with Journal.open(journal) as opened:
        recorder = Recorder(opened)
        Reporter(settings, opened, recorder).report((), ())
        recorder.close(PATIENCE)
        (record,) = opened.records.read_after(0, 10)
    assert (record.kind, record.meter.name) == ("health", "")
    assert json.loads(record.data).keys() >= {"undelivered", "journal_bytes", "rss", "retries"}


def test_a_host_clock_that_was_years_ahead_for_a_moment_costs_no_minute_of_health(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        ahead = timedelta(days=3652)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + cls.ahead

    monkeypatch.setattr("hanlogger.running.snapshot.MINUTE", timedelta(0))
    monkeypatch.setattr("hanlogger.running.snapshot.datetime", Clock)
    settings = load(None, {"HANLOGGER_JOURNAL": str(journal)})
    with Journal.open(journal) as opened:
        recorder = Recorder(opened)
        reporter = Reporter(settings, opened, recorder)
        reporter.report((), ())
        Clock.ahead = timedelta(0)
        reporter.report((), ())
        recorder.close(PATIENCE)
        ahead, back = opened.records.read_after(0, 10)
    assert back.received_at < ahead.received_at


def test_what_had_to_be_sent_again_is_counted_request_by_request(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanlogger.running.snapshot.MINUTE", timedelta(0))
    with Journal.open(journal) as opened, scripted_server() as server:
        settings = load(None, {"HANLOGGER_JOURNAL": str(journal), "HANLOGGER_INFLUXDB_URL": server.url})
        server.say(*[Reply(503)] * 7, NO_CONTENT)
        record(opened, 1)
        recorder = Recorder(opened)
        with delivering(opened, to(server)) as delivery:
            until_served(opened)
            Reporter(settings, opened, recorder).report((), (delivery,))
        recorder.close(PATIENCE)
        health = opened.records.read_after(1, 10)[0]
    assert json.loads(health.data)["retries"] == 7


def test_after_a_restart_the_last_telegram_is_still_known(journal: Path) -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    settings = load(None, {"HANLOGGER_JOURNAL": str(journal), "HANLOGGER_PORT": "/dev/ttyUSB0"})
    with Journal.open(journal) as opened:
        opened.records.append([Entry(Frame("p1", telegram(0), at), Meter(name="home"))])
        reporter = Reporter(settings, opened, recorder := Recorder(opened))
        (port,) = settings.ports
        reporter.get_latest(port).update()
        recorder.close(PATIENCE)
        assert reporter.get_latest(port).at == at
        assert reporter.get_latest(port).registers["1-0:1.7.0"].unit == "W"


def listed(journal: Path) -> None:
    with Journal.open(journal) as opened:
        opened.records.append(
            [Entry(Frame("p1", telegram(n), datetime.now(UTC)), Meter(name="home")) for n in range(3)]
        )
        first = opened.records.read_after(0, 10)[0].id
        opened.destinations.confirm("influxdb", first + 2)
        refuse(opened, "influxdb", first, first, b"voltage,meter=home value=1 5\n", "field type conflict")
        refuse(opened, "influxdb", first, first + 1, None, "beyond the retention")
        set_undecoded(opened, first + 2, "the key is wrong")


def test_what_others_wrote_is_shown_in_a_line_without_control_characters(journal: Path) -> None:
    words = "\x1b]0;owned\x07\x1b[2J\r\n2026-01-01 INFO forged\u2028\u202e"
    with Journal.open(journal) as opened:
        opened.records.append(
            [Entry(Frame("p1", telegram(n), datetime.now(UTC)), Meter(name="home")) for n in range(2)]
        )
        opened.destinations.confirm("influxdb", 2)
        refuse(opened, "influxdb", 1, 1, f"voltage,meter=home value=1 {words} 5\n".encode(), words)
        set_undecoded(opened, 2, words)
    lines = hanlogger("refused", "--journal", str(journal)).output.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_what_is_refused_and_undecoded_is_listed_with_the_reason(journal: Path) -> None:
    listed(journal)
    done = hanlogger("refused", "--journal", str(journal))
    assert done.exit_code == 0
    first, second, third = done.output.splitlines()
    assert first.endswith("influxdb refused voltage,meter=home value=1 5: field type conflict")
    assert second.endswith("influxdb refused telegrams 1 to 2: beyond the retention")
    assert third.endswith("home: telegram 3: the key is wrong")


def test_what_is_refused_and_undecoded_is_put_to_be_tried_again(journal: Path) -> None:
    listed(journal)
    done = hanlogger("refused", "--retry", "--journal", str(journal))
    assert done.exit_code == 0
    assert done.output == "3 to be tried again; hanlogger run does it\n"
    with Journal.open(journal, read_only=True) as opened:
        assert (opened.refused.list_newest(), opened.undecoded.list_newest()) == ([], [])
        assert opened.destinations.count_waiting("influxdb").frames > 0


def test_without_a_journal_there_is_nothing_refused(journal: Path) -> None:
    done = hanlogger("refused", "--journal", str(journal))
    assert done.exit_code == 2
    assert "there is no journal" in done.output
    assert not journal.exists()


def test_config_check_says_what_is_in_force_and_who_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text('keep = "30d"\n[[meter]]\nport = "/dev/a"\nkeys = ["00112233445566778899AABBCCDDEEFF"]\n')
    monkeypatch.setenv("HANLOGGER_CLOCK", "utc")
    done = CliRunner().invoke(app, ["config", "check", "--config", str(file)])
    assert done.exit_code == 0
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert f"keep 30d ({file})" in lines
    assert "meter 1: clock utc (HANLOGGER_CLOCK)" in lines
    assert "meter 1: zone Europe/Oslo (default)" in lines
    assert f"meter 1: keys given, not shown ({file})" in lines
    assert "max_size 2 GB (default)" in lines
    assert "0011223344" not in done.output


def test_config_check_ends_with_status_2_and_one_line_on_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text("fuse = 'big'\n")
    done = CliRunner().invoke(app, ["config", "check", "--config", str(file)])
    assert done.exit_code == 2
    assert done.output == f'hanlogger: {file}: fuse: found "big"; allowed: amperes, a number from 1 to 10000\n'


def test_every_command_has_a_help_text_that_says_what_it_does() -> None:
    done = hanlogger("--help")
    assert done.exit_code == 0
    for words in (
        "run",
        "Read the meters, keep every telegram",
        "status",
        "Show the state of the running logger",
        "decode",
    ):
        assert words in " ".join(done.output.split())


def test_an_unknown_command_names_the_nearest() -> None:
    done = hanlogger("stauts")
    assert done.exit_code == 2
    assert "status" in done.output


def test_the_version_is_told() -> None:
    assert hanlogger("--version").output.startswith("hanlogger 0.")


def test_the_status_tells_of_each_relay(journal: Path) -> None:
    relays = (
        RelayState("home", "127.0.0.1:2001", clients=2, dropped=1),
        RelayState("flat", "127.0.0.1:2002", clients=1, refused=3),
        RelayState("barn", "127.0.0.1:2003", words="cannot listen at 127.0.0.1:2003: Address already in use"),
    )
    written(journal, METER, relays=relays)
    lines = status(journal).stdout.splitlines()
    assert "relay of home: 127.0.0.1:2001, 2 clients, 1 dropped because they did not take what was sent" in lines
    assert "relay of flat: 127.0.0.1:2002, 1 client, 3 refused because there were too many" in lines
    assert "relay of barn: cannot listen at 127.0.0.1:2003: Address already in use" in lines


def test_the_status_tells_whether_home_assistant_is_told(journal: Path) -> None:
    told = HomeAssistantState("mqtt://broker", published=1234)
    written(journal, METER, home_assistant=told)
    assert "home assistant: mqtt://broker, 1 234 messages" in status(journal).stdout.splitlines()
    written(journal, METER, home_assistant=replace(told, words="does not answer: Connection refused"))
    assert "home assistant: mqtt://broker does not answer: Connection refused" in status(journal).stdout.splitlines()
