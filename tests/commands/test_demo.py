"""The demo's house: one house, however often it is opened and on whatever day."""

from __future__ import annotations

import re
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import urllib3

from hanlogger.config import Settings, load
from hanlogger.decoding import decode
from hanlogger.framing import find_all
from hanlogger.journal import Entry, Journal, make_frame
from hanlogger.model import Frame, Meter
from hanlogger.running import Running
from hanlogger.simulate import DIALECTS, DemoMeter, House, Sums
from hanlogger.sources import Port, open_port
from tests.support.delivering import delivering, sent, to, until_served
from tests.support.journals import START
from tests.support.logger import command, logger, start
from tests.support.ports import telegram
from tests.support.scripted_server import ScriptedServer
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

DEMO = Meter("demo")
COUNTERS = ("1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
DAY = timedelta(days=1)
STEP = 25  # Wh: more than what any house takes in a few seconds
RATE = 5  # Wh a second: 18 kW


def counters(frame: Frame) -> list[int]:
    values = {str(register.obis): register.value for register in decode(frame).registers}
    return [int(values[code]) for code in COUNTERS]


def run_once(journal: Path) -> list[list[int]]:
    """What the meter has shown, up to a telegram of this run: the first, or on a slow machine a later one."""
    settings = load(None, {"HANLOGGER_JOURNAL": str(journal), "HANLOGGER_PORT": "demo:"})
    with Running(settings, threading.Event()) as running:
        known = len(list(running.journal.records.read_frames("demo")))
        until(lambda: len(list(running.journal.records.read_frames("demo"))) > known, "a telegram of the demo")
        return [counters(make_frame(record)) for record in running.journal.records.read_frames("demo")]


def test_the_demo_goes_on_where_it_was_also_on_another_day(tmp_path: Path) -> None:
    evening = datetime.now(UTC).replace(hour=23, minute=59, second=55) - DAY
    house = House(1, evening - DAY)
    data = DIALECTS["p1-sagemcom"].pushes[-1].encode(house.compute_state(evening))
    with Journal.open(tmp_path / "j.sqlite3") as journal:
        journal.records.append([Entry(Frame("p1", data, evening, verified=True), DEMO)])
    began = time.monotonic()
    run_once(tmp_path / "j.sqlite3")
    shown = run_once(tmp_path / "j.sqlite3")
    assert len(shown) >= 3, "the one before, and of each run at least one"
    most = STEP + RATE * (time.monotonic() - began)
    for before, after in pairwise(shown):
        assert all(0 <= new - old < most for old, new in zip(before, after, strict=True)), shown


def test_a_demo_that_is_opened_again_has_counted_meanwhile(tmp_path: Path) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=10)
    port = Port("demo:", DEMO, simulated=DemoMeter(begun, Sums.of_totals(1000, 2000, 3000, 4000)))
    first, second = (opened(port) for _ in range(2))
    assert first[0] + first[1] > 3000
    assert all(0 <= new - old < STEP for old, new in zip(first, second, strict=True))


def test_what_is_no_telegram_of_a_demo_lets_it_begin_anew(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "j.sqlite3") as journal:
        journal.records.append([Entry(Frame("hdlc", telegram(dialect="aidon-no")[:20], datetime.now(UTC)), DEMO)])
    settings = load(None, {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3"), "HANLOGGER_PORT": "demo:"})
    with Running(settings, threading.Event()) as running:
        until(lambda: len(list(running.journal.records.read_frames("demo"))) > 1, "a telegram of the demo")


def test_a_clock_that_is_set_back_does_not_silence_the_demo() -> None:
    port = Port("demo:", DEMO, simulated=DemoMeter(datetime.now(UTC) + timedelta(hours=1), Sums.of_totals(1, 2, 3, 4)))
    assert all(new - old < STEP for old, new in zip((1, 2, 3, 4), opened(port), strict=True))


def opened(port: Port) -> list[int]:
    """The counters in the first telegram of an open port."""
    source, data = open_port(port), b""
    try:
        while not data.endswith(b"\n") or b"!" not in data:
            data += source.read(5).data
    finally:
        source.close()
    frame = find_all(data, datetime.now(UTC))[0]
    assert isinstance(frame, Frame)
    return counters(frame)


# its telegrams are invented: they have a journal of their own, and reach no database that is not set for them

REAL = """
journal = "real.sqlite3"
[[meter]]
name = "home"
port = "/dev/ttyUSB0"
[influxdb]
url = "http://127.0.0.1:9"
token = "t"
"""


def settings_of(folder: Path, text: str = "", **variables: str) -> Settings:
    (folder / "hanlogger.toml").write_text(text)
    (folder / "hanlogger.toml").chmod(0o600)
    environ = {f"HANLOGGER_{name.upper()}": value for name, value in variables.items()}
    return load(folder / "hanlogger.toml", {**environ, "STATE_DIRECTORY": str(folder / "state")})


@pytest.mark.parametrize(
    ("text", "variables", "journal", "served"),
    [
        (REAL, {}, "real.sqlite3", ["influxdb"]),
        (REAL, {"port": "demo:"}, "state/demo.sqlite3", []),
        (REAL, {"port": "demo:", "influxdb_demo": "true"}, "state/demo.sqlite3", ["influxdb"]),
        (REAL, {"port": "demo:", "journal": "named.sqlite3"}, "named.sqlite3", []),
        (REAL, {"influxdb_demo": "true"}, "real.sqlite3", ["influxdb"]),
        ("", {"port": "demo:"}, "state/demo.sqlite3", []),
        ("", {"port": "/dev/ttyUSB0"}, "state/journal.sqlite3", []),
        ("", {"port": "demo:", "influxdb_url": "http://h"}, "state/demo.sqlite3", []),
        (f'{REAL}\n[[meter]]\nname = "x"\nport = "demo:"\n', {}, "real.sqlite3", ["influxdb"]),
    ],
)
def test_the_demo_has_a_journal_of_its_own_and_no_database_that_is_not_set_for_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    variables: dict[str, str],
    journal: str,
    served: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = settings_of(tmp_path, text, **variables)
    assert settings.journal.resolve() == (tmp_path / journal).resolve()
    assert [to.name for to in settings.served] == served


@pytest.mark.parametrize("wanted", [False, True])
def test_what_the_demo_says_is_sent_only_to_a_database_that_is_set_for_it(
    tmp_path: Path, server: ScriptedServer, *, wanted: bool
) -> None:
    with Journal.open(tmp_path / "j.sqlite3") as journal:
        journal.records.append([sent(1, DEMO), sent(2), sent(3, DEMO)])
        journal.records.append_health({"demo": {"frames": 1.0}}, START)
        with delivering(journal, to(server, demo=wanted)):
            until_served(journal)
        assert (b"meter=demo" in b"".join(server.bodies)) == wanted
        assert b"meter=home" in b"".join(server.bodies)


def test_a_logger_beside_a_demo_sends_nothing_of_it_and_says_so(tmp_path: Path, server: ScriptedServer) -> None:
    both = f'{REAL.replace("http://127.0.0.1:9", server.url)}\n[[meter]]\nname = "x"\nport = "demo:"\n'
    (tmp_path / "hanlogger.toml").write_text(both)
    with logger(tmp_path) as running:
        until(lambda: running.frames("demo") > 1, "telegrams of the demo")
        until(lambda: running.state and running.state.destinations[0].waiting == 0, "nothing waits")
        assert "influxdb gets nothing of the demo, which is invented" in running.log
        assert running.stop() == 0
    assert b"meter=demo" not in b"".join(server.bodies)


def test_the_demo_goes_through_no_door_that_is_set_for_the_real_meter_and_is_named_at_those_that_are_open_to_all(
    tmp_path: Path, server: ScriptedServer
) -> None:
    broker = socket.create_server(("127.0.0.1", 0))
    relay, page = free_port(), free_port()
    outputs = f"""
[relay]
listen = "127.0.0.1:{relay}"
[homeassistant]
broker = "mqtt://127.0.0.1:{broker.getsockname()[1]}"
"""
    (tmp_path / "hanlogger.toml").write_text(REAL.replace("http://127.0.0.1:9", server.url) + outputs)
    environ = {"HANLOGGER_WEB_LISTEN": f"127.0.0.1:{page}"}
    with broker, logger(tmp_path, "--port", "demo:", environ=environ) as running:
        until(lambda: running.frames("demo") > 1, "telegrams of the demo")
        with urllib3.PoolManager(retries=False, timeout=PATIENCE) as pool:

            def ask(path: str) -> urllib3.BaseHTTPResponse:
                return pool.request("GET", f"http://127.0.0.1:{page}{path}")

            until(lambda: b"active_power_import_watts{" in ask("/metrics").data, "the page tells of the demo")
            assert set(re.findall(rb'[{,]meter="(.*?)"', ask("/metrics").data)) == {b"demo"}
            assert b"a simulated house" in ask("/").data
            assert [one["name"] for one in ask("/api/now.json").json()["meters"]] == ["demo"]
            assert ask("/api/now.json?meter=home").status == 404
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", relay))
        assert running.stop() == 0
        broker.setblocking(False)
        with pytest.raises(BlockingIOError):
            broker.accept()  # nobody has connected
    assert server.bodies == []


def test_a_demo_in_a_real_meters_journal_lets_nothing_go_that_waits_for_its_database(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, REAL, port="demo:", journal=str(tmp_path / "j.sqlite3"))
    with Running(settings, threading.Event()) as running:
        assert running._retention._destinations == running._recorder._destinations == ()
    with Journal.open(settings.journal) as journal:
        journal.records.append([sent(1)])
    with Running(settings, threading.Event()) as running:
        assert running._retention._destinations == running._recorder._destinations == ("influxdb",)


def test_the_demo_is_found_without_naming_its_journal_while_it_alone_runs(tmp_path: Path) -> None:
    nowhere = {"HANLOGGER_JOURNAL": ""}
    process = start(tmp_path, "--port", "demo:", environ=nowhere)
    try:
        until(lambda: "DEMO" in command(tmp_path, "status", environ=nowhere).stdout, "status tells of the demo")
        named = command(tmp_path, "status", "--journal", str(tmp_path / "j.sqlite3"), environ=nowhere)
        assert "no logger runs" in named.stdout
        variable = command(tmp_path, "status")
        assert "no logger runs" in variable.stdout
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert "no logger runs" in command(tmp_path, "status", environ=nowhere).stdout
