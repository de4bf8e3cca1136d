"""An output to a TCP port."""

from __future__ import annotations

import contextlib
import socket
import threading

from hanlogger.errors import CaptureError
from hanlogger.recordings.replay.outputs import POLL_SECONDS


class TcpServer:
    """A TCP server like that of a bridge at a meter: everyone who connects gets the raw octets."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a port, or on any free one for 0; CaptureError if the address cannot be used."""
        try:
            self._server = socket.create_server((host, port), family=_find_family(host))
        except OSError as error:
            raise CaptureError(
                f"{host}:{port} cannot be listened on: {error.strerror or error}; give another"
            ) from error
        self._server.setblocking(False)
        self._clients: list[socket.socket] = []
        shown = f"[{host}]" if ":" in host else host
        self.where = f"socket://{shown}:{self._server.getsockname()[1]}"

    def wait(self, stop: threading.Event) -> bool:
        """Wait until somebody connects; return False if `stop` is set before."""
        while not self._accept_new():
            if stop.wait(POLL_SECONDS):
                return False
        return True

    def write(self, data: bytes, stop: threading.Event) -> int:
        """Write octets to everyone who is connected; return their number, or 0 if nobody is."""
        self._clients = [client for client in self._accept_new() if _send(client, data, stop)]
        return len(data) if self._clients else 0

    def close(self, stop: threading.Event) -> None:  # noqa: ARG002  (an Output's signature)
        """Close all connections; TCP itself delivers what was written."""
        for each in (*self._clients, self._server):
            each.close()

    def _accept_new(self) -> list[socket.socket]:
        with contextlib.suppress(BlockingIOError):
            while True:
                client, _ = self._server.accept()
                client.settimeout(POLL_SECONDS)
                self._clients.append(client)
        return self._clients


def _find_family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _send(client: socket.socket, data: bytes, stop: threading.Event) -> bool:
    """Write octets to one client; return False if it has closed the connection."""
    rest = memoryview(data)
    while rest and not stop.is_set():
        try:
            rest = rest[client.send(rest) :]
        except TimeoutError:
            continue
        except OSError:
            client.close()
            return False
    return True
