"""One port, many readers: the real program, and the programs that people have, read the same meter at once."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from han.tcp_connection_factory import create_tcp_message_connection

from hanlogger.journal import Journal
from tests.support.logger import Logger, logger
from tests.support.octets import arc
from tests.support.ports import Bridge, bridge, telegram
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

P1, HDLC = "p1-sagemcom", "aidon-no"


@contextmanager
def relayed(folder: Path, dialect: str = P1) -> Iterator[tuple[int, Bridge]]:
    """A logger that reads a meter and relays it: the relay's port, and the meter's own bridge."""
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        for number in itertools.count():
            connection.sendall(telegram(number % 1000, dialect))
            if ended.wait(0.05):
                return

    port = free_port()
    with ExitStack() as stack:
        meter = stack.enter_context(bridge(serve))
        stack.callback(ended.set)
        environ = {"HANLOGGER_CLOCK_LIMIT": "off", "HANLOGGER_RELAY_LISTEN": f"127.0.0.1:{port}"}
        running = stack.enter_context(logger(folder, "--port", meter.url, environ=environ))
        until(lambda: listening(running), "the relay listens")
        yield port, meter


def listening(running: Logger) -> bool:
    return bool(running.state and running.state.relays and not running.state.relays[0].words)


def test_dsmr_parser_reads_the_relay(tmp_path: Path) -> None:
    dsmr = pytest.importorskip("dsmr_parser.clients.protocol", reason="dsmr-parser has no TCP reader here")

    async def first(number: int) -> list[Any]:
        came: asyncio.Queue[Any] = asyncio.Queue()
        transport, _ = await dsmr.create_tcp_dsmr_reader("127.0.0.1", port, "5S", came.put_nowait)
        try:
            return [await asyncio.wait_for(came.get(), PATIENCE) for _ in range(number)]
        finally:
            transport.close()

    with relayed(tmp_path) as (port, _):
        telegrams = asyncio.run(first(3))
    imported = [one.ELECTRICITY_IMPORTED_TOTAL.value for one in telegrams]
    assert all(value > 0 for value in imported)
    assert imported == sorted(imported)
    assert telegrams[0].INSTANTANEOUS_VOLTAGE_L1.unit == "V"


@pytest.mark.parametrize("dialect", [P1, HDLC])
def test_amshan_reads_the_relay(tmp_path: Path, dialect: str) -> None:
    async def first(number: int) -> list[Any]:
        came: asyncio.Queue[Any] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        transport, _ = await create_tcp_message_connection(came, loop, None, host="127.0.0.1", port=port)
        try:
            return [await asyncio.wait_for(came.get(), PATIENCE) for _ in range(number)]
        finally:
            transport.close()

    with relayed(tmp_path, dialect) as (port, _):
        messages = asyncio.run(first(3))
    assert all(message.is_valid for message in messages)


def test_the_wire_form_is_the_one_that_evccs_dsmr_meter_expects(tmp_path: Path) -> None:
    """It skips octets until a "/", reads through "!", then through a line feed, and compares the CRC in capitals."""
    with relayed(tmp_path) as (port, _), socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        stream = connection.makefile("rb")
        for _ in range(3):
            assert stream.read(1) == b"/"
            frame = b"/"
            while not frame.endswith(b"!"):
                frame += stream.read(1)
            assert stream.readline().decode() == f"{arc(frame):04X}\r\n"
            assert b"1-0:1.7.0(" in frame
            assert b"1-0:2.7.0(" in frame


def test_another_hanlogger_records_the_same_telegrams(tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    with relayed(tmp_path) as (port, _):
        environ = {"HANLOGGER_CLOCK_LIMIT": "off"}
        with logger(second, "--port", f"socket://127.0.0.1:{port}", environ=environ) as other:
            until(lambda: other.frames("home") > 5, "the second logger records")
            assert other.stop() == 0
            state = (tmp_path / "log").read_text()
    assert "relays every telegram at 127.0.0.1" in state
    first, copied = (frames(folder / "journal.sqlite3") for folder in (tmp_path, second))
    at = first.index(copied[0])
    assert first[at : at + len(copied)] == copied


def test_a_taken_address_costs_the_recording_nothing(tmp_path: Path) -> None:
    with ExitStack() as stack:
        meter = stack.enter_context(bridge(lambda connection: connection.sendall(telegram(1) + telegram(2))))
        taken = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
        environ = {"HANLOGGER_CLOCK_LIMIT": "off", "HANLOGGER_RELAY_LISTEN": f"127.0.0.1:{taken}"}
        running = stack.enter_context(logger(tmp_path, "--port", meter.url, environ=environ))
        until(lambda: running.frames("home") >= 2, "it records")
        assert "cannot listen at" in running.log
        assert running.stop() == 0


def frames(journal: Path) -> list[bytes]:
    with Journal.open(journal, read_only=True) as opened:
        return [record.data for record in opened.records.read_frames()]
