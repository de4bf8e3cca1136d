"""systemd's notifications (sd_notify(3)): datagrams to the socket that NOTIFY_SOCKET names; none without that variable.

The watchdog is fed while every loop turns, not by a timer, so that systemd starts a logger that hangs again.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

from hanlogger.humanize import count_telegrams, describe_waiting
from hanlogger.status.state import State

SEND_SECONDS = 1.0
PART = 0.5  # of the watchdog's time: within it every loop must have turned


class Notifier:
    """Sends notifications to systemd. One thread uses it; it never raises."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _read_address(environ.get("NOTIFY_SOCKET", ""))
        self._limit = _read_watchdog_seconds(environ) * PART
        self._ready = False
        self._words = ""

    def report(self, words: str, turned: float) -> None:
        """Tell systemd the state in one line, and feed its watchdog if the oldest heartbeat, `turned`, is young."""
        news = [] if self._ready else ["READY=1"]
        news += [] if words == self._words else [f"STATUS={' '.join(words.split())}"]
        news += ["WATCHDOG=1"] if time.monotonic() - turned < self._limit else []
        self._ready, self._words = True, words
        self._send(news)

    def report_stopping(self) -> None:
        """Tell systemd that the logger is ending."""
        self._send(["STOPPING=1"])

    def _send(self, news: list[str]) -> None:
        if not self._address or not news:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.settimeout(SEND_SECONDS)
            connection.connect(self._address)
            connection.send("\n".join(news).encode())


def summarise(now: State) -> str:
    """Return a state as a line for `systemctl status`: `home: open, 1 telegram; influxdb: 2 telegrams wait`."""
    meters = [f"{one.name}: {one.state}, {count_telegrams(one.counts.get('frames', 0))}" for one in now.meters]
    return "; ".join([*meters, *(f"{to.name}: {describe_waiting(to.waiting)}" for to in now.destinations)])


def _read_address(text: str) -> str:
    """Return the address of a path or of an abstract socket (`@name`); "" for other kinds, such as vsock."""
    return "\0" + text[1:] if text.startswith("@") else text if text.startswith("/") else ""


def _read_watchdog_seconds(environ: Mapping[str, str]) -> float:
    """Return the time of the watchdog in seconds; 0 where none waits for this process."""
    meant = environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if meant and microseconds.isdecimal() else 0.0
