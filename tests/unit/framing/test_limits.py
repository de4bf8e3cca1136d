"""What comes from outside is bounded: octets of a port, a TCP peer, a file; and who may read what is kept of it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.framing import Framer
from hanlogger.journal import Journal
from hanlogger.model import Chunk
from tests.support.logger import environment, logger
from tests.support.octets import hdlc
from tests.support.ports import bridge, telegram
from tests.support.programs import COMMAND
from tests.support.vectors import octets
from tests.support.waiting import PATIENCE, until

AT = datetime(2026, 1, 1, tzinfo=UTC)
MOST_WAITING = 128 * 1024  # octets that a framer may hold: a message of many parts and the part that comes
MEGABYTE = 1_000_000

ENDLESS = {
    "zeros": b"\0",
    "line ends": b"\r\n",
    "flags": b"\x7e",
    "a telegram without an end": b"1-0:1.7.0(0001.234*kW)\r\n",
    "identifications": b"/TST5\r\n",
    "a text block without an end": b"\x021.8.0(",
    "the longest HDLC headers": b"\x7e\xa7\xff\x03\x03\x13",
    "M-Bus starts": b"\x68\x03\x03\x68\x53",
    "ciphered starts": b"\xdb\x08TST00000\x82\x0f\xff\x30",
    "good messages": octets("v2"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_port_that_never_stops_fills_no_memory(name: str) -> None:
    framer = Framer()
    chunk = Chunk(b"/TST5\r\n" + ENDLESS[name] * (65536 // len(ENDLESS[name])), AT)
    most = 0
    for _ in range(3):
        framer.feed(chunk)
        most = max(most, framer.waiting)
    assert most <= MOST_WAITING


def test_parts_of_a_message_that_never_ends_fill_no_memory() -> None:
    """HDLC segments, each of them good, each saying that there is more."""
    segment = hdlc(b"\xe6\xe7\x00\x0f" + bytes(1900), segmented=True)
    framer = Framer()
    framer.feed(Chunk(segment, AT))
    more = hdlc(bytes(1900), segmented=True)
    most = 0
    for _ in range(300):
        framer.feed(Chunk(more, AT))
        most = max(most, framer.waiting)
    assert 10_000 < most <= MOST_WAITING


@pytest.mark.parametrize("payload", [b"/TST5\r\n1-0:1.7.0(0001.234*kW)\r\n", b"\x7e\xa7\xff", b"\xff"])
def test_a_tcp_peer_that_sends_without_end_costs_neither_memory_nor_disk(tmp_path: Path, payload: bytes) -> None:
    sent = 0

    def serve(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(telegram(0))
        before.wait()
        block = payload * (65536 // len(payload))
        while sent < MEGABYTE:
            connection.sendall(block)
            sent += len(block)
        connection.sendall(b"\r\n" + telegram(1) + b"\r\n")

    before = threading.Event()
    with bridge(serve) as hostile, logger(tmp_path, "--port", hostile.url, alone=True) as running:
        until(lambda: running.frames("home") == 1)
        at_first = running.resident()
        before.set()
        until(lambda: running.frames("home") == 2, "the telegram after it is found")
        assert running.resident() < at_first + 12_000  # kB
        assert running.stop() == 0
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert len(journal.damaged.list_all()) <= 20
        assert journal.size < MEGABYTE


def test_standard_input_without_end_costs_no_memory(tmp_path: Path) -> None:
    arguments, environ = [*COMMAND, "run", "--port", "-"], environment(tmp_path)
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ) as process:
        assert process.stdin is not None
        for _ in range(40):
            process.stdin.write(bytes(MEGABYTE))
        status = Path(f"/proc/{process.pid}/status").read_text()
        most = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        process.stdin.close()
        assert process.wait(PATIENCE) == 1  # there was no telegram in it
    assert int(most.split()[1]) < 130_000  # kB: up to 16 MB are looked at as one file, and no more


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_what_is_kept_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """It tells when nobody is home."""
    path = tmp_path / "state" / "journal.sqlite3"
    path.parent.mkdir()
    before = os.umask(umask)
    try:
        with Journal.open(path) as journal:
            journal.space.keep_reserve()
            journal.counters.count("home", "frames")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {f"journal.sqlite3{end}": 0o600 for end in ("", "-wal", "-shm", ".lock", ".reserve")}
