"""The threads of a running logger, by what its settings name."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from hanlogger.collect import BrokerCollector
from hanlogger.collect.broker_collector import PATIENCE
from hanlogger.config import Settings, load
from hanlogger.influxdb import Destination
from hanlogger.journal import writer
from hanlogger.running.logger import Running, find_patience, must_await_delivery
from hanlogger.sources import Broker, Port
from tests.support.journals import HOME
from tests.support.ports import bridge, telegram
from tests.support.scripted_server import ScriptedServer
from tests.support.waiting import until


def test_only_an_influxdb_is_watched_for_what_it_has_lost(tmp_path: Path, server: ScriptedServer) -> None:
    (tmp_path / "none.p1").touch()
    text = f'journal = "{tmp_path}/j.sqlite3"\n[[meter]]\nport = "file:{tmp_path}/none.p1"\n[web]\nlisten = "off"\n'
    for name, kind in (("one", "influxdb"), ("two", "victoriametrics")):
        text += f'[destination.{name}]\nurl = "{server.url}"\nkind = "{kind}"\ntoken = "t"\n'
    (tmp_path / "hanlogger.toml").write_text(text)
    with Running(load(tmp_path / "hanlogger.toml", {}), threading.Event()):
        names = {thread.name for thread in threading.enumerate()}
    assert {"deliver one", "deliver two", "refill one"} <= names
    assert "refill two" not in names


def settings_of(folder: Path, port: str, server: ScriptedServer) -> Settings:
    text = f'journal = "{folder}/j.sqlite3"\n[[meter]]\nport = "{port}"\nclock_limit = "off"\n[web]\nlisten = "off"\n'
    (folder / "hanlogger.toml").write_text(f'{text}[influxdb]\nurl = "{server.url}"\ntoken = "t"\n')
    return load(folder / "hanlogger.toml", {})


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is settled late waits for something else to be written, for ever."""
    monkeypatch.setattr(writer, "LATE_SECONDS", 1e6)


@pytest.mark.usefixtures("patient")
def test_what_is_delivered_is_shown_as_delivered_before_the_journal_says_so(
    tmp_path: Path, server: ScriptedServer
) -> None:
    with (
        bridge(lambda connection: connection.sendall(telegram())) as meter,
        Running(settings_of(tmp_path, meter.url, server), threading.Event()) as running,
    ):
        until(lambda: running._deliveries[0].cursor, "it is delivered")
        state = running.report()
    assert state is not None
    assert [to.waiting for to in state.destinations] == [0]


@pytest.mark.parametrize(
    ("port", "awaited"),
    [
        (Port("socket://192.0.2.1:2001", HOME), False),
        (Port("file:one.p1", HOME), True),
        (Port("mqtt://192.0.2.1/han", HOME, broker=Broker(ack="journal")), False),
        (Port("mqtt://192.0.2.1/han", HOME, broker=Broker(ack="delivered")), True),
    ],
)
def test_the_end_of_a_file_and_a_broker_wait_until_all_is_settled(port: Port, *, awaited: bool) -> None:
    assert must_await_delivery(port) == awaited


DELIVERED = Port("kafka://192.0.2.1/han", HOME, broker=Broker(ack="delivered"))
FAST = Destination("http://192.0.2.1:8086")
SLOW = Destination("http://192.0.2.1:8428", "slow", kind="victoriametrics")


def test_a_broker_is_not_left_while_a_database_confirms_one_request_and_then_the_next() -> None:
    assert find_patience(DELIVERED, [SLOW, FAST]) > PATIENCE + 2 * SLOW.memory_seconds


def test_a_running_logger_has_that_patience_with_its_broker(tmp_path: Path, server: ScriptedServer) -> None:
    text = f'journal = "{tmp_path}/j.sqlite3"\n[[meter]]\nport = "mqtt://127.0.0.1:1/han"\nbroker.ack = "delivered"\n'
    text += f'[influxdb]\nurl = "{server.url}"\nkind = "victoriametrics"\n[web]\nlisten = "off"\n'
    (tmp_path / "hanlogger.toml").write_text(text)
    with Running(load(tmp_path / "hanlogger.toml", {}), threading.Event()) as running:
        (collector,) = running._collectors
        assert isinstance(collector, BrokerCollector)
        assert collector._patience == find_patience(DELIVERED, [SLOW])


@pytest.mark.parametrize(
    ("port", "to"),
    [
        (DELIVERED, []),
        (DELIVERED, [FAST]),
        (Port("kafka://192.0.2.1/han", HOME, broker=Broker(ack="journal")), [SLOW]),
    ],
)
def test_a_broker_is_left_soon_where_nothing_confirms_late(port: Port, to: list[Destination]) -> None:
    assert find_patience(port, to) == PATIENCE


def test_what_a_live_port_brings_is_settled_late_and_what_a_file_does_at_once(
    tmp_path: Path, server: ScriptedServer
) -> None:
    (tmp_path / "one.p1").write_bytes(telegram())
    late = []
    for port in (f"file:{tmp_path}/one.p1", "socket://127.0.0.1:1"):
        with Running(settings_of(tmp_path, port, server), threading.Event()) as running:
            late += [delivery._settles_late for delivery in running._deliveries]
    assert late == [False, True]
