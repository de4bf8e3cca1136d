"""Meters at the other end of a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hanlogger.sources import LineSettings
from tests.uart import through

SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (2400, 9600, 115200)}


class Line:
    """A pseudo-terminal: `device` is what hanlogger opens."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)

    def send(self, octets: bytes) -> None:
        """As they are, whatever the settings."""
        os.write(self._master, octets)

    @property
    def settings(self) -> LineSettings:
        """As the reader has set them. An even parity reads as set only on lines that have one: see `parity`."""
        flags = termios.tcgetattr(self._slave)
        even = bool(flags[2] & termios.PARENB)
        return LineSettings(SPEEDS[flags[4]], 8, "E" if even else "N")

    def close(self) -> None:
        for descriptor in (self._master, self._slave):
            os.close(descriptor)


@contextmanager
def line() -> Iterator[Line]:
    """A line on which nobody sends."""
    made = Line()
    try:
        yield made
    finally:
        made.close()


class Sender(threading.Thread):
    """A meter that sends its message again and again, as a UART set like the reader's takes it."""

    def __init__(self, to: Line, message: Callable[[], bytes], sent: LineSettings, every: float = 0.05) -> None:
        super().__init__(daemon=True)
        self._line, self._message, self.sent, self._every = to, message, sent, every
        self.stopped = threading.Event()
        self.seen: list[int] = []  # the speeds that the reader has set, in order

    def run(self) -> None:
        while not self.stopped.wait(self._every):
            taken = self._line.settings
            if self.seen[-1:] != [taken.baud]:
                self.seen.append(taken.baud)
            octets = self._message()
            right = taken.baud == self.sent.baud  # a pseudo-terminal does not tell the parity
            self._line.send(_parity(octets, self.sent) if right else through(octets, self.sent, taken))


def _parity(octets: bytes, sent: LineSettings) -> bytes:
    return through(octets, sent, LineSettings(sent.baud)) if sent.bits == 7 else octets


@contextmanager
def meter(
    message: Callable[[], bytes] | bytes, sent: LineSettings, every: float = 0.05
) -> Iterator[tuple[Line, Sender]]:
    """A line, and a meter that sends on it."""
    with line() as made:
        sender = Sender(made, message if callable(message) else lambda: message, sent, every)
        sender.start()
        try:
            yield made, sender
        finally:
            sender.stopped.set()
            sender.join()
