"""What systemd is told, heard on a real datagram socket."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlogger.notify import Notifier


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


@pytest.fixture(params=["path", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ear]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@hanlogger-test-{secrets.token_hex(8)}"
    ear = Ear(address)
    yield ear
    ear.socket.close()


def test_it_is_ready_once_and_says_how_it_stands_when_that_changes(ear: Ear) -> None:
    notifier = Notifier(ear.environ)
    now = time.monotonic()
    notifier.running("home: 1 telegram", now)
    assert ear.heard() == ["READY=1", "STATUS=home: 1 telegram"]
    notifier.running("home: 1 telegram", now)
    assert ear.heard() == []
    notifier.running("home:\n2 telegrams", now)
    assert ear.heard() == ["STATUS=home: 2 telegrams"]
    notifier.stopping()
    assert ear.heard() == ["STOPPING=1"]


def test_the_watchdog_is_fed_while_every_loop_has_turned_lately(ear: Ear) -> None:
    notifier = Notifier({**ear.environ, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())})
    notifier.running("", time.monotonic() - 29)
    assert ear.heard() == ["READY=1", "WATCHDOG=1"]
    notifier.running("", time.monotonic() - 31)
    assert ear.heard() == []
    notifier.running("", time.monotonic())
    assert ear.heard() == ["WATCHDOG=1"]


@pytest.mark.parametrize("usec", [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}])
def test_a_watchdog_that_is_not_meant_is_not_fed(ear: Ear, usec: dict[str, str]) -> None:
    Notifier({**ear.environ, **usec}).running("", time.monotonic())
    assert ear.heard() == ["READY=1"]


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/at/all"])
def test_without_a_socket_nothing_happens(address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.running("home", time.monotonic())
    notifier.stopping()
