"""A running logger has the port: the doctor asks it, and goes on from what it says."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.doctor import Level
from hanlogger.sources import LineSettings
from hanlogger.status import state, state_file
from tests.support.doctoring import SHORT, english, examined, keys, now_telegram, wrong
from tests.support.logger import Logger, logger
from tests.support.scripted_server import DISK_FULL, NO_CONTENT, SIGNED, Reply, Request, ScriptedServer, scripted_server
from tests.support.servers import free_port
from tests.support.telegrams import SWEDISH
from tests.support.uart import through
from tests.support.waiting import until
from tests.support.wires import meter, wire

P1 = LineSettings(115200)


def unread(running: Logger) -> str:
    said = running.state
    return "".join(said.meters[0].unread.values()) if said else ""


def test_a_logger_that_records_is_asked_and_not_disturbed(tmp_path: Path) -> None:
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device) as running:
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        found = examined(tmp_path, port=end.device)
        told = {"logger", "device-by-logger", "telegrams-by-logger", "checksums", "decoded", "clock", "journal"}
        assert told <= set(keys(found))
        assert all(finding.level.healthy for finding in found), keys(found)
        assert running.process.poll() is None


def test_a_logger_that_hears_nothing_says_so(tmp_path: Path) -> None:
    with wire() as end, logger(tmp_path, "--port", end.device) as running:
        until(lambda: running.state and running.state.meters[0].state == "open", what="the port is open")
        found = wrong(examined(tmp_path, port=end.device, wait=2))
    assert found.key == "silent-never"
    assert int(str(found.facts["seconds"])) >= 2


def test_a_logger_that_was_just_started_is_given_time(tmp_path: Path) -> None:
    with wire() as end, logger(tmp_path, "--port", end.device) as running:
        until(lambda: running.state and running.state.meters[0].state == "open", what="the port is open")
        late = threading.Timer(0.5, lambda: end.send(now_telegram()))
        late.start()
        found = examined(tmp_path, port=end.device, wait=10)
        late.join()
    assert "telegrams-by-logger" in keys(found)


def test_the_octets_that_a_logger_cannot_read_are_looked_at(tmp_path: Path) -> None:
    upside_down = through(SWEDISH, P1, P1, inverted=True)
    with meter(lambda: upside_down, P1) as (end, _), logger(tmp_path, "--port", end.device) as running:
        until(lambda: len(unread(running)) > 1000, what="octets come")
        assert wrong(examined(tmp_path, wait=SHORT, port=end.device)).key == "line-inverted"


def test_a_logger_that_waits_for_its_device_is_looked_behind(tmp_path: Path) -> None:
    with logger(tmp_path, "--port", "/dev/does-not-exist") as running:
        until(lambda: running.state and running.state.meters[0].words, what="it waits")
        found = examined(tmp_path, port="/dev/does-not-exist")
    assert "logger" in keys(found)
    assert wrong(found).key == "device-missing"


def test_damage_that_the_logger_has_counted_is_told(tmp_path: Path) -> None:
    damaged = SWEDISH.replace(b"230.1", b"231.1")
    sent = iter(range(1000))
    with (
        meter(lambda: damaged if next(sent) % 2 else now_telegram(), P1) as (end, _),
        logger(tmp_path, "--port", end.device) as running,
    ):
        until(lambda: running.frames("home") > 10, what="telegrams are recorded")
        found = examined(tmp_path, port=end.device)
    (finding,) = [finding for finding in found if finding.key.startswith("checksums")]
    assert (finding.key, finding.level) == ("checksums-altered", Level.WARNING)


@pytest.mark.parametrize(
    ("refusal", "key"),
    [
        (Reply(500, DISK_FULL, SIGNED), "database-disk-full"),
        (Reply(503, b"try later"), "database-fails"),
    ],
)
def test_what_the_logger_was_answered_last_is_told(tmp_path: Path, refusal: Reply, key: str) -> None:
    def answer(request: Request) -> Reply:
        return refusal if request.body else NO_CONTENT

    with scripted_server() as server, meter(now_telegram, P1) as (end, _):
        server.answer = answer
        database = {"HANLOGGER_INFLUXDB_URL": server.url, "HANLOGGER_INFLUXDB_TOKEN": "a-token"}
        with logger(tmp_path, "--port", end.device, environ=database) as running:
            until(lambda: refused(running), what="the database has refused")
            found = examined(tmp_path, port=end.device, influxdb_url=server.url, influxdb_token="a-token")
    assert wrong(found).key == key


def refused(running: Logger) -> bool:
    said = running.state
    answer = said.destinations[0].answer if said else None
    return bool(answer and not answer.ok)


def test_what_waits_for_a_database_that_takes_it_is_no_fault(tmp_path: Path) -> None:
    with scripted_server() as server, meter(now_telegram, P1) as (end, _):
        hold(server)
        database = {"HANLOGGER_INFLUXDB_URL": server.url, "HANLOGGER_INFLUXDB_TOKEN": "a-token"}
        with logger(tmp_path, "--port", end.device, environ=database) as running:
            until(lambda: running.state and running.state.destinations[0].waiting, what="telegrams wait")
            found = examined(tmp_path, port=end.device, influxdb_url=server.url, influxdb_token="a-token")
    assert all(finding.level.healthy for finding in found), english(found[-1])


def hold(server: ScriptedServer) -> None:
    """Takes its time with what is written."""

    def answer(request: Request) -> Reply:
        if request.body:
            server.ended.wait(1)
            return NO_CONTENT
        return NO_CONTENT

    server.answer = answer


def test_a_logger_that_cannot_write_its_journal_says_so(tmp_path: Path) -> None:
    """By the state it writes: a disk that is really full is in the journal's own tests."""
    now = datetime.now(UTC)
    path = tmp_path / "journal.sqlite3"
    written = state.State("1", 1, "cellar", now, now, state.JournalState(str(path), held=321))
    state_file.write_state(written, state_file.find_state_path(path))
    found = wrong(examined(tmp_path, port="demo:"))
    assert found.key == "journal-held"
    assert "321" in english(found)


def test_a_logger_whose_port_no_settings_name_is_asked_about_that_port(tmp_path: Path) -> None:
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device, "--meter", "cellar") as running:
        until(lambda: running.frames("cellar") > 3, what="telegrams are recorded")
        found = examined(tmp_path)
    assert {"device-by-logger", "telegrams-by-logger"} <= set(keys(found))
    assert not {"no-port", "adapter-none", "adapters-several"} & set(keys(found))
    assert {finding.about for finding in found if finding.key == "device-by-logger"} == {"cellar"}


def test_a_logger_that_reads_another_port_than_is_set_is_asked_and_that_is_said(tmp_path: Path) -> None:
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device) as running:
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        found = examined(tmp_path, port="/dev/does-not-exist")
    (other,) = [finding for finding in found if finding.key == "logger-other-port"]
    assert other.facts == {"port": end.device, "given": "/dev/does-not-exist"}
    assert "telegrams-by-logger" in keys(found)
    assert "device-missing" not in keys(found)


def test_a_port_that_is_asked_for_is_looked_at_whatever_a_logger_reads(tmp_path: Path) -> None:
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device) as running:
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        found = examined(tmp_path, port_given=True, port="/dev/does-not-exist")
    assert wrong(found).key == "device-missing"
    assert "device-by-logger" not in keys(found)


def test_a_logger_is_asked_about_a_database_that_no_settings_name(tmp_path: Path) -> None:
    with scripted_server() as server, meter(now_telegram, P1) as (end, _):
        variables = {"HANLOGGER_INFLUXDB_URL": server.url, "HANLOGGER_INFLUXDB_TOKEN": "t"}
        server.say(NO_CONTENT)
        with logger(tmp_path, "--port", end.device, environ=variables) as running:
            until(lambda: running.state and running.state.destinations[0].answer, "the database answers")
            (well,) = [finding for finding in examined(tmp_path) if finding.about == "influxdb"]
            assert (well.key, well.level, well.facts["url"]) == ("database-by-logger", Level.WELL, server.url)
            server.say(Reply(503, b"busy"))
            until(lambda: running.state and not running.state.destinations[0].answer.ok, "it fails")  # type: ignore[union-attr]
            (ill,) = [finding for finding in examined(tmp_path) if finding.about == "influxdb"]
            assert (ill.key, ill.level) == ("database-by-logger-fails", Level.WARNING)
            assert "503" in english(ill)


def test_what_the_logger_relays_and_what_it_cannot_is_told(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        meter(now_telegram, P1) as (end, _),
        logger(
            tmp_path,
            "--port",
            end.device,
            environ={"HANLOGGER_RELAY_LISTEN": f"127.0.0.1:{taken.getsockname()[1]}"},
        ) as running,
    ):
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        (closed,) = (one for one in examined(tmp_path, port=end.device) if one.key == "relay-closed")
        assert "cannot listen at 127.0.0.1:" in english(closed)
        taken.close()
        until(lambda: running.state and not running.state.relays[0].words, what="the relay listens")
        (well,) = (one for one in examined(tmp_path, port=end.device) if one.key == "relay")
        assert "0 read it now" in english(well)


def test_a_broker_that_the_logger_cannot_reach_is_told(tmp_path: Path) -> None:
    environ = {"HANLOGGER_HOMEASSISTANT_BROKER": f"mqtt://127.0.0.1:{free_port()}"}
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device, environ=environ) as running:
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        until(lambda: running.state and "does not answer" in str(running.state.home_assistant), what="it has tried")
        (found,) = (one for one in examined(tmp_path, port=end.device) if one.key == "home-assistant-fails")
    assert "mqtt://127.0.0.1:" in english(found)


def test_how_far_prices_are_known_and_what_is_wrong_with_them_is_told(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    environ = {"HANLOGGER_PRICE_AREA": "SE3", "HANLOGGER_PRICE_FILE": str(prices)}
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device, environ=environ) as running:
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        until(lambda: running.state and running.state.prices and running.state.prices.words, what="it has looked")
        (found,) = (one for one in examined(tmp_path, port=end.device) if one.key == "prices-missing")
        assert found.level is Level.WARNING
        assert f"{prices}: it cannot be read" in english(found)
    prices.write_text("time,price\n2026-11-29T00:00+01:00,0.5\n")
    with meter(now_telegram, P1) as (end, _), logger(tmp_path, "--port", end.device, environ=environ) as running:
        until(lambda: running.frames("home") > 3, what="telegrams are recorded")
        until(lambda: running.state and running.state.prices and running.state.prices.end, what="it has looked")
        (found,) = (one for one in examined(tmp_path, port=end.device) if one.key == "prices")
        assert "known up to 2026-11-2" in english(found)
