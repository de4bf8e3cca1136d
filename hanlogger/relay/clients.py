"""The clients of one relayed meter: each is sent every frame, or dropped where it does not take them."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import cast

from hanlogger.keepalive import keep_alive

MOST = 16
"""Clients of one meter at a time: more than a house has programs, and few for the memory that each may take."""

MOST_UNSENT = 1_000_000
"""Octets that wait for one client: a quarter of an hour of telegrams, or the largest batch of the journal."""

IN_KERNEL = 65_536
"""Octets that the kernel holds for one client, before they wait here."""

log = logging.getLogger(__name__)


class Clients:
    """The clients of one meter. One event loop uses it; other threads may read its numbers."""

    def __init__(self, meter: str) -> None:
        self._meter = meter
        self._connected: set[asyncio.Transport] = set()
        self.dropped = 0  # clients that did not take what was sent to them, since the start
        self.refused = 0  # clients beyond MOST, since the start
        self._told: set[str] = set()

    @property
    def number(self) -> int:
        """The number of clients now."""
        return len(self._connected)

    def send(self, octets: bytes) -> None:
        """Send octets to all clients; drop those for which too much waits."""
        for client in list(self._connected):
            if client.get_write_buffer_size() + len(octets) > MOST_UNSENT:
                self.dropped += 1
                self._tell("%s: the relay drops %s, which does not take what is sent to it", client)
                self._connected.discard(client)
                client.abort()
            else:
                client.write(octets)

    def admit(self, client: asyncio.Transport) -> None:
        """Add a client; close its connection where there are MOST."""
        if len(self._connected) >= MOST:
            self.refused += 1
            self._tell(f"%s: the relay has {MOST} clients and refuses %s", client)
            client.abort()
            return
        _prepare(client)
        self._connected.add(client)
        self._tell("%s: the relay has a client, %s", client)

    def leave(self, client: asyncio.Transport) -> None:
        """Forget a client that has gone."""
        self._connected.discard(client)

    def close(self) -> None:
        """Close the connections of all clients."""
        for client in list(self._connected):
            client.abort()

    def _tell(self, words: str, client: asyncio.Transport) -> None:
        """Log once what happens to clients of one address; a program that connects each second fills no log."""
        host = str((client.get_extra_info("peername") or ("a client",))[0])
        if words + host not in self._told and len(self._told) < 100:
            self._told.add(words + host)
            log.info(words, self._meter, host)


class Connection(asyncio.Protocol):
    """One connection. What comes over it is not looked at."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Have the client admitted, or refused."""
        self._transport = cast("asyncio.Transport", transport)
        self._clients.admit(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 the protocol's own signature
        """Have the client forgotten, as it has gone."""
        if self._transport is not None:
            self._clients.leave(self._transport)


def _prepare(client: asyncio.Transport) -> None:
    connection: socket.socket = client.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, IN_KERNEL)
    keep_alive(connection, idle=30, interval=10, count=3)  # a client that has vanished is noticed within a minute
