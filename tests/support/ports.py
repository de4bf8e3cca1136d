"""Ports for tests: a pseudo-terminal that is unplugged and plugged in, a TCP server that dies, an RFC 2217 server."""

from __future__ import annotations

import os
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hanlogger.simulate import DIALECTS, House

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUSE = House(1, START)


def telegram(number: int = 0, dialect: str = "p1-sagemcom") -> bytes:
    """The simulated house's message `number`, ten seconds apart from noon of 2026-01-01 UTC on."""
    return DIALECTS[dialect].pushes[-1].encode(HOUSE.compute_state(START + timedelta(seconds=10 * number)))


class Line:
    """A serial line behind a path: what is sent is read by whoever has opened the path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._meter_end: int | None = None

    def plug_in(self) -> None:
        """A new device under the old name."""
        self._meter_end, line_end = os.openpty()
        tty.setraw(line_end)
        self.path.symlink_to(os.ttyname(line_end))
        os.close(line_end)

    def unplug(self) -> None:
        """The name vanishes, and whoever has the line open reads an error."""
        self.path.unlink(missing_ok=True)
        if self._meter_end is not None:
            os.close(self._meter_end)
        self._meter_end = None

    def send(self, data: bytes) -> None:
        assert self._meter_end is not None
        os.write(self._meter_end, data)


@contextmanager
def plugged_in(path: Path) -> Iterator[Line]:
    line = Line(path)
    line.plug_in()
    try:
        yield line
    finally:
        line.unplug()


class Bridge:
    """A TCP bridge: `serve` is given each connection, in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None], port: int = 0) -> None:
        self.connections: list[socket.socket] = []
        self._serve = serve
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self.port}"

    def die(self) -> None:
        """As when the bridge loses its power and gets it back: no more connections, those that are end."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections.append(connection)
                threading.Thread(target=self._guard, args=(connection,), daemon=True).start()

    def _guard(self, connection: socket.socket) -> None:
        with suppress(OSError):
            self._serve(connection)


@contextmanager
def bridge(serve: Callable[[socket.socket], None], port: int = 0) -> Iterator[Bridge]:
    running = Bridge(serve, port)
    try:
        yield running
    finally:
        running.die()
