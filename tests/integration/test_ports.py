"""Ports of every kind, with real lines, sockets and servers: whatever happens to one, the telegrams go on."""

from __future__ import annotations

import os
import socket
import termios
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import serial
import serial.rfc2217

from hanlogger.collect import Collector, Recorder
from hanlogger.journal import Journal
from hanlogger.keepalive import keep_alive
from hanlogger.model import Frame, Meter
from hanlogger.simulate import DemoMeter
from hanlogger.sources import LineSettings, Port, tcp
from hanlogger.sources.port import SimulatedMeter
from tests.support.ports import Line, bridge, plugged_in, telegram
from tests.support.waiting import PATIENCE, until

SWEDISH = LineSettings()
TCP_REPAIR = 19  # of linux/tcp.h: the socket is closed without a word to its peer


class Reading:
    """Collectors at work on one journal, and the frames they have given."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.frames: dict[str, list[bytes]] = {}
        self._recorder = Recorder(journal)
        self._stop = threading.Event()
        self._collectors: list[Collector] = []

    def start(
        self,
        url: str,
        name: str = "home",
        line: LineSettings = SWEDISH,
        silence: float | None = None,
        simulated: SimulatedMeter | None = None,
    ) -> Collector:
        port = Port(url, Meter(name=name), line, silence=silence, simulated=simulated)
        collector = Collector(port, self._recorder, self.journal, self._stop, self._heard)
        self._collectors.append(collector)
        collector.start()
        return collector

    def open(self, url: str, line: LineSettings = SWEDISH) -> Collector:
        collector = self.start(url, line=line)
        until(lambda: collector.state == "open", what=f"{url} is open")
        return collector

    def expect(self, *messages: bytes, name: str = "home") -> None:
        wanted = [message.rstrip() for message in messages]
        until(lambda: self.frames.get(name) == wanted, what=f"{len(messages)} telegrams of {name}")

    def close(self) -> None:
        self._stop.set()
        for collector in self._collectors:
            collector.join(PATIENCE)
            assert not collector.is_alive()
        self._recorder.close(PATIENCE)

    def _heard(self, port: Port, frame: Frame) -> None:
        self.frames.setdefault(port.meter.name, []).append(frame.data)


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        reading = Reading(journal)
        try:
            yield reading
        finally:
            reading.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ttyUSB0"


def test_what_a_line_sends_is_in_the_journal_with_its_time_of_receipt(reading: Reading, path: Path) -> None:
    with plugged_in(path) as line:
        reading.open(str(path))
        line.send(telegram(0))
        reading.expect(telegram(0))
        (record,) = until(lambda: reading.journal.records.read_after(0, 10))
        assert (record.data, record.meter.name) == (telegram(0).rstrip(), "home")
        assert record.live
        assert record.verified
        until(lambda: reading.journal.counters.get_all().get("home", {}).get("frames") == 1)


def test_an_unplugged_line_is_read_again_at_once_when_it_is_back(reading: Reading, path: Path) -> None:
    with plugged_in(path) as line:
        collector = reading.open(str(path))
        line.send(telegram(0) + telegram(1)[:100])
        reading.expect(telegram(0))
        line.unplug()
        until(lambda: collector.state == "waiting")
        until(lambda: reading.journal.counters.get_all().get("home", {}).get("unfinished") == 1)
        line.plug_in()
        until(lambda: collector.state == "open")
        line.send(telegram(2))
        reading.expect(telegram(0), telegram(2))


def test_a_line_that_is_not_there_yet_is_waited_for(reading: Reading, path: Path) -> None:
    collector = reading.start(str(path))
    until(lambda: collector.words == f"{path} is not there")
    with plugged_in(path) as line:
        until(lambda: collector.state == "open")
        line.send(telegram(0))
        reading.expect(telegram(0))


def test_a_line_is_ours_alone(reading: Reading, path: Path) -> None:
    with plugged_in(path) as line:
        reading.open(str(path))
        second = reading.start(str(path), "second")
        until(lambda: second.words == f"{path} is held by another process")
        line.send(telegram(0))
        reading.expect(telegram(0))
        assert "second" not in reading.frames


def test_a_file_that_is_no_line_is_said_to_be_none(reading: Reading, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    collector = reading.start(str(tmp_path / "file"))
    until(lambda: "cannot be opened" in collector.words or "no serial port" in collector.words)


def test_a_bad_port_never_disturbs_another(reading: Reading, path: Path) -> None:
    with plugged_in(path) as line, bridge(lambda connection: connection.sendall(os.urandom(100_000))) as noise:
        bad = [reading.start("/dev/no-such-port", "missing"), reading.start(noise.url, "noisy")]
        good = reading.start(str(path))
        until(lambda: good.state == "open")
        for number in range(20):
            line.send(telegram(number))
        reading.expect(*map(telegram, range(20)))
        assert all(collector.is_alive() for collector in bad)


@pytest.mark.parametrize("size", [1, 7, 600])
def test_any_chunking_gives_the_same_telegrams(reading: Reading, path: Path, size: int) -> None:
    data = telegram(0) + telegram(1)
    with plugged_in(path) as line:
        reading.open(str(path))
        for start in range(0, len(data), size):
            line.send(data[start : start + size])
        reading.expect(telegram(0), telegram(1))


def test_seven_bits_and_parity_are_read_as_eight(reading: Reading, path: Path) -> None:
    sent = bytes(octet | (0x80 if octet.bit_count() % 2 else 0) for octet in telegram(0))
    with plugged_in(path) as line:
        reading.open(str(path), LineSettings.parse("9600 7E1"))
        line.send(sent)
        until(lambda: reading.frames)
        until(lambda: reading.journal.counters.get_all().get("home", {}).get("frames") == 1)


def test_a_line_is_opened_at_its_speed_and_its_request_line_stays_up(reading: Reading, path: Path) -> None:
    with plugged_in(path):
        before = attributes(path)
        before[2] |= termios.HUPCL
        attributes(path, before)
        reading.open(str(path), LineSettings.parse("2400 8N1"))
        _, _, control, _, speed, _, _ = attributes(path)
    assert speed == termios.B2400
    assert not control & termios.HUPCL  # so a close does not drop DTR and RTS


def attributes(path: Path, wanted: list[Any] | None = None) -> list[Any]:
    """Of a line, when they have been set as wanted."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
    if wanted is not None:
        termios.tcsetattr(descriptor, termios.TCSANOW, wanted)
    found = termios.tcgetattr(descriptor)
    os.close(descriptor)
    return found


def test_a_bridge_that_dies_is_connected_to_again(reading: Reading) -> None:
    with bridge(lambda connection: connection.sendall(telegram(0))) as first:
        port = first.port
        collector = reading.start(first.url)
        reading.expect(telegram(0))
    until(lambda: collector.state == "waiting")
    with bridge(lambda connection: connection.sendall(telegram(1)), port):
        reading.expect(telegram(0), telegram(1))


def test_a_bridge_that_is_silent_is_connected_to_again(reading: Reading) -> None:
    def serve(connection: socket.socket) -> None:
        if len(silent.connections) > 1:
            connection.sendall(telegram(0))

    with bridge(serve) as silent:
        collector = reading.start(silent.url, silence=0.5)
        until(lambda: collector.state == "silent")
        reading.expect(telegram(0))
        until(lambda: collector.state == "open")


def test_a_bridge_that_closes_at_once_is_not_stormed(reading: Reading) -> None:
    with bridge(lambda connection: connection.close()) as closing:
        reading.start(closing.url)
        until(lambda: len(closing.connections) == 3)
    # it was left alone for about one second, then for about two


def test_a_bridge_that_vanished_without_a_word_is_noticed(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "keep_alive", lambda connection, **_: keep_alive(connection, idle=1, interval=1, count=1))
    with bridge(lambda connection: connection.sendall(telegram(0))) as vanishing:
        collector = reading.start(vanishing.url)
        reading.expect(telegram(0))
        vanish(vanishing.connections[0])
        until(lambda: "waiting" in collector.state or len(vanishing.connections) > 1)


def vanish(connection: socket.socket) -> None:
    """Close without telling the other side, as a bridge does that loses its power."""
    try:
        connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except PermissionError:
        pytest.skip("only root may let a connection vanish (TCP_REPAIR)")
    connection.close()


@pytest.fixture
def line(path: Path) -> Iterator[Line]:
    with plugged_in(path) as line:
        yield line


@pytest.fixture
def rfc2217(line: Line) -> Iterator[str]:
    """The line behind RFC 2217, served by pyserial's own server half."""

    def serve(connection: socket.socket) -> None:
        port = _NoModem(str(line.path))
        manager = serial.rfc2217.PortManager(port, _Writer(connection))  # type: ignore[arg-type]
        connection.settimeout(0.02)
        while True:
            with suppress(TimeoutError):
                data = connection.recv(1024)
                if not data:
                    return
                deque(manager.filter(data), 0)
            connection.sendall(b"".join(manager.escape(port.read(port.in_waiting))))

    with bridge(serve) as server:
        yield f"rfc2217://127.0.0.1:{server.port}"


class _NoModem(serial.Serial):
    """A pseudo-terminal has no lines beside its data."""

    cts = dsr = ri = cd = True

    def _update_dtr_state(self) -> None: ...

    def _update_rts_state(self) -> None: ...

    def _update_break_state(self) -> None: ...


class _Writer:
    def __init__(self, connection: socket.socket) -> None:
        self.write = connection.sendall


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")
def test_a_port_behind_rfc_2217_is_read(line: Line, rfc2217: str, reading: Reading) -> None:
    reading.open(rfc2217)
    line.send(telegram(0) + bytes([0xFF, 0xFF]) + telegram(1))
    reading.expect(telegram(0), telegram(1))


def test_the_demo_sends_telegrams_through_a_line(reading: Reading) -> None:
    reading.start("demo:", "demo", simulated=DemoMeter(datetime.now(UTC)))
    (frame,) = until(lambda: reading.frames.get("demo", []))
    assert frame.startswith(b"/ELL5")
