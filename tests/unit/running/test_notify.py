"""What systemd is told, heard on a real datagram socket."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.running.notify import Notifier, summarise
from hanlogger.status.state import DestinationState, JournalState, MeterState, State
from tests.support.logger import logger
from tests.support.scripted_server import HANG, NO_CONTENT, scripted_server
from tests.support.waiting import until


class Ear:
    """systemd's end."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0"))
        self.socket.settimeout(0.05)
        self.environ = {"NOTIFY_SOCKET": address}

    def heard(self) -> list[str]:
        """The lines of the next datagram; none when none came."""
        try:
            return self.socket.recv(4096).decode().split("\n")
        except TimeoutError:
            return []

    def watchdog(self) -> bool:
        """Whether it has been fed now."""
        return "WATCHDOG=1" in self.heard()


@pytest.fixture(params=["path", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ear]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@hanlogger-test-{secrets.token_hex(8)}"
    ear = Ear(address)
    yield ear
    ear.socket.close()


def test_it_is_ready_once_and_says_how_it_stands_when_that_changes(ear: Ear) -> None:
    notifier = Notifier(ear.environ)
    now = time.monotonic()
    notifier.report("home: 1 telegram", now)
    assert ear.heard() == ["READY=1", "STATUS=home: 1 telegram"]
    notifier.report("home: 1 telegram", now)
    assert ear.heard() == []
    notifier.report("home:\n2 telegrams", now)
    assert ear.heard() == ["STATUS=home: 2 telegrams"]
    notifier.report_stopping()
    assert ear.heard() == ["STOPPING=1"]


def test_the_watchdog_is_fed_while_every_loop_has_turned_lately(ear: Ear) -> None:
    notifier = Notifier({**ear.environ, "WATCHDOG_USEC": "60000000000", "WATCHDOG_PID": str(os.getpid())})
    notifier.report("", time.monotonic() - 29_000)
    assert ear.heard() == ["READY=1", "WATCHDOG=1"]
    notifier.report("", time.monotonic() - 30_001)
    assert ear.heard() == []
    notifier.report("", time.monotonic())
    assert ear.heard() == ["WATCHDOG=1"]


@pytest.mark.parametrize("usec", [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}])
def test_a_watchdog_that_is_not_meant_is_not_fed(ear: Ear, usec: dict[str, str]) -> None:
    Notifier({**ear.environ, **usec}).report("", time.monotonic())
    assert ear.heard() == ["READY=1"]


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "notify", "/nowhere/at/all"])
def test_without_a_socket_that_is_ours_nothing_is_sent_and_nothing_is_made(
    address: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    listening = [Ear(name) for name in ("notify", "vsock:2:1234")]  # a path in the working folder is none of ours
    notifier = Notifier({} if address is None else {"NOTIFY_SOCKET": address})
    notifier.report("home", time.monotonic())
    notifier.report_stopping()
    assert [ear.heard() for ear in listening] == [[], []]
    assert {path.name for path in tmp_path.iterdir()} == {"notify", "vsock:2:1234"}
    for ear in listening:
        ear.socket.close()


def test_a_socket_that_is_gone_is_passed_over_and_heard_again_when_it_is_back(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.report("home", time.monotonic())
    ear = Ear(address)
    notifier.report("home: 2", time.monotonic())
    assert ear.heard() == ["STATUS=home: 2"]
    ear.socket.close()


def test_a_service_manager_that_does_not_listen_is_not_waited_for(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanlogger.running.notify.SEND_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filling:
        filling.setblocking(False)
        filling.connect(ear.environ["NOTIFY_SOCKET"].replace("@", "\0"))
        with pytest.raises(BlockingIOError):
            while True:
                filling.send(b"X=1")
    Notifier(ear.environ).report_stopping()
    heard = list(iter(ear.heard, []))
    assert len(heard) > 1
    assert ["STOPPING=1"] not in heard


def test_the_line_of_status_names_each_meter_and_each_database() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    meters = (
        MeterState("home", "/dev/ttyUSB0", "open", counts={"frames": 1234, "checksum": 9}),
        MeterState("barn", "/dev/ttyUSB1", "waiting"),
    )
    to = [DestinationState(name, "http://h", number, None, 3, None) for name, number in (("influxdb", 1), ("other", 2))]
    found = State("0.1.0", 1, "cellar", now, now, JournalState("/j"), meters, tuple(to))
    assert summarise(found) == (
        "home: open, 1 234 telegrams; barn: waiting, 0 telegrams; influxdb: 1 telegram waits; other: 2 telegrams wait"
    )
    assert summarise(State("0.1.0", 1, "cellar", now, now, JournalState("/j"))) == ""


# the real program


def test_the_program_says_when_it_is_ready_how_it_stands_and_that_it_stops(ear: Ear, tmp_path: Path) -> None:
    environ = {**ear.environ, "WATCHDOG_USEC": "60000000"}
    with logger(tmp_path, "--port", "demo:", environ=environ) as running:
        said = until(ear.heard)
        assert said[0] == "READY=1"
        if "STATUS=demo: open, 1 telegram" not in said:
            until(lambda: "STATUS=demo: open, 1 telegram" in ear.heard(), "how it stands")
        for _ in range(2):
            until(ear.watchdog, "the watchdog is fed")
        assert running.stop() == 0
    until(lambda: "STOPPING=1" in ear.heard())


def test_the_watchdog_is_not_fed_while_a_loop_hangs(tmp_path: Path) -> None:
    """A database that takes a request and never answers: the one thing here that can be made to hang."""
    ear = Ear(str(tmp_path / "notify"))
    with scripted_server() as server:
        server.say(HANG)
        environ = {**ear.environ, "WATCHDOG_USEC": "2000000"}
        environ |= {"HANLOGGER_INFLUXDB_URL": server.url, "HANLOGGER_INFLUXDB_TOKEN": "token"}
        environ |= {"HANLOGGER_INFLUXDB_DEMO": "true"}
        with logger(tmp_path, "--port", "demo:", environ=environ):
            until(ear.watchdog, "the watchdog is fed before anything is sent")
            until(lambda: not any(ear.watchdog() for _ in range(60)), "three seconds without being fed")
            server.say(NO_CONTENT)
            server.ended.set()
            until(ear.watchdog, "the watchdog is fed again")
    ear.socket.close()
