"""Telegrams over a WebSocket: `ws://HOST/ws` (Homey's Energy Dongle and kin), whole or in parts, as they come."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from hanlogger.errors import SourceError
from hanlogger.http import by_password
from hanlogger.model import Chunk
from hanlogger.sources.port import Port
from hanlogger.sources.web import WebLogin

CONNECT_TIMEOUT = 4.0  # seconds
LARGEST = 65_536  # octets of a message
SWITCH_ON = "switch on the local API in the device's app"


class WebSocket:
    """A connection over which a device sends by itself."""

    def __init__(self, port: Port) -> None:
        """Connect; SourceError when nobody answers, or what answers speaks no WebSocket."""
        self._url = port.url
        self._opened = contextlib.ExitStack()
        login = port.web or WebLogin()
        headers = {"Authorization": by_password(login.user, login.read_password())} if login.user else {}
        try:
            self._connection = self._opened.enter_context(
                connect(
                    port.url,
                    additional_headers=headers,
                    open_timeout=CONNECT_TIMEOUT,
                    close_timeout=1.0,
                    max_size=LARGEST,
                    compression=None,
                    proxy=None,
                )
            )
        except InvalidStatus as error:
            status = error.response.status_code
            raise SourceError(f"{self._url} refuses the connection (status {status}): {SWITCH_ON}") from error
        except (OSError, WebSocketException) as error:
            raise SourceError(f"{self._url} does not answer: {getattr(error, 'strerror', None) or error}") from error

    def read(self, timeout: float) -> Chunk:
        """Return what came, as `Source.read` does."""
        try:
            message = self._connection.recv(timeout)
        except TimeoutError:
            return Chunk(b"", datetime.now(UTC))
        except (ConnectionClosed, OSError) as error:
            raise SourceError(f"{self._url} is gone: {error}") from error
        data = message.encode("utf-8") if isinstance(message, str) else message
        if data[:1] == b"{":
            raise SourceError(f"{self._url} sends values, not telegrams")
        return Chunk(data, datetime.now(UTC))

    def close(self) -> None:
        """Close the connection, as `Source.close` does."""
        with contextlib.suppress(Exception):
            self._opened.close()
