"""Raw octets over TCP: `socket://host:port` (ESPHome, Tasmota, ser2net and kin; docs/protocol.md F)."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

from hanlogger.errors import SourceError
from hanlogger.keepalive import keep_alive
from hanlogger.model import Chunk
from hanlogger.sources.port import Port

CONNECT_TIMEOUT = 4.0  # seconds
MOST = 2048
"""Octets of one read, more than most telegrams have: so much memory is taken as long as anything is waited for."""


class Tcp:
    """A TCP connection to a bridge that passes on a port's octets unchanged."""

    def __init__(self, port: Port) -> None:
        """Connect to `socket://host:port` (an IPv6 address in brackets); SourceError when nobody answers."""
        self._url = port.url
        parts = urlsplit(port.url)
        try:
            self._socket = socket.create_connection((parts.hostname, parts.port or 0), CONNECT_TIMEOUT)
        except OSError as error:
            raise SourceError(f"{self._url} does not answer: {error.strerror or error}") from error
        # noticed after 15 + 3 · 5 seconds, long before a meter's silence is certain
        keep_alive(self._socket, idle=15, interval=5, count=3)

    def read(self, timeout: float) -> Chunk:
        """Return what came, as `Source.read` does."""
        self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(MOST)
        except TimeoutError as error:
            if error.errno is not None:  # ETIMEDOUT: the keep-alive got no answer
                raise SourceError(f"{self._url} does not answer any more") from error
            return Chunk(b"", datetime.now(UTC))
        except OSError as error:
            raise SourceError(f"{self._url} is gone: {error.strerror or error}") from error
        if not data:
            raise SourceError(f"{self._url} was closed by the other side")
        return Chunk(data, datetime.now(UTC))

    def close(self) -> None:
        """Close the connection, as `Source.close` does."""
        self._socket.close()
