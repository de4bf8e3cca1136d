"""A relay with its journal and recorder, and clients of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hanlogger.address import Address
from hanlogger.collect import Recorder
from hanlogger.framing import find_all
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.relay.server import Relay
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until


@dataclass
class Relaying:
    """What the recorder is given goes to the journal, and from there to the clients."""

    relay: Relay
    recorder: Recorder
    journal: Journal
    address: Address

    def record(self, *octets: bytes, meter: str = "home") -> list[bytes]:
        """Record the frames in these octets, and return them."""
        entries = [entry(one, meter) for part in octets for one in find_all(part, datetime.now(UTC))]
        self.recorder.record(entries)
        return [one.frame.data for one in entries]

    def client(self, takes: int = 0) -> socket.socket:
        """A client that the relay has admitted; takes: octets that its side of the connection holds unread."""
        before = self.clients
        connection = socket.socket()
        connection.settimeout(PATIENCE)
        if takes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        connection.connect(self.address)
        until(lambda: self.clients > before, "the relay has the client")
        return connection

    @property
    def clients(self) -> int:
        return self.relay.report()[0].clients


def entry(frame: object, meter: str = "home") -> Entry:
    assert isinstance(frame, Frame)
    return Entry(frame, Meter(meter))


@contextmanager
def relaying(folder: Path, meter: str = "home") -> Iterator[Relaying]:
    """A relay of one meter that listens."""
    address = Address("127.0.0.1", free_port())
    relay = Relay({meter: address}, retry_seconds=0.05)
    relay.start()
    with Journal.open(folder / "journal.sqlite3") as journal, closing(relay):
        recorder = Recorder(journal, on_recorded=relay.send)
        try:
            until(lambda: not relay.report()[0].words, "the relay listens")
            yield Relaying(relay, recorder, journal, address)
        finally:
            recorder.close(PATIENCE)


def read(connection: socket.socket, size: int) -> bytes:
    """So many octets of a connection, or fewer where it ends."""
    connection.settimeout(PATIENCE)
    octets = b""
    while len(octets) < size and (part := connection.recv(size - len(octets))):
        octets += part
    return octets
