"""systemd's notifications (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names, and nothing without one.

The watchdog is fed as long as every loop has turned lately, not by a timer: a logger that hangs is started again.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

from hanlogger.humanize import telegrams, waiting
from hanlogger.status.state import State

SEND_SECONDS = 1.0
PART = 0.5  # of the watchdog's time within which every loop must have turned


class Notifier:
    """Used by one thread. Never raises."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._limit = _watchdog_seconds(environ) * PART
        self._ready = False
        self._words = ""

    def running(self, words: str, turned: float) -> None:
        """Each second: how it stands in one line, and since when (monotonic) every loop has turned at least once."""
        news = [] if self._ready else ["READY=1"]
        news += [] if words == self._words else [f"STATUS={' '.join(words.split())}"]
        news += ["WATCHDOG=1"] if time.monotonic() - turned < self._limit else []
        self._ready, self._words = True, words
        self._send(news)

    def stopping(self) -> None:
        """The end has begun."""
        self._send(["STOPPING=1"])

    def _send(self, news: list[str]) -> None:
        if not self._address or not news:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.settimeout(SEND_SECONDS)
            connection.connect(self._address)
            connection.send("\n".join(news).encode())


def summary(now: State) -> str:
    """How a logger stands, in a line of `systemctl status`: `home: open, 1 telegram; influxdb: 2 telegrams wait`."""
    meters = [f"{one.name}: {one.state}, {telegrams(one.counts.get('frames', 0))}" for one in now.meters]
    return "; ".join([*meters, *(f"{to.name}: {waiting(to.waiting)}" for to in now.destinations)])


def _address(text: str) -> str:
    """A path, or `@name` of Linux's abstract sockets; anything else (vsock) is none of ours."""
    return "\0" + text[1:] if text.startswith("@") else text if text.startswith("/") else ""


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """0 where no watchdog waits for this process."""
    meant = environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if meant and microseconds.isdecimal() else 0.0
