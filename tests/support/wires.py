"""Meters at the other end of a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from hanlogger.sources import LineSettings
from tests.support.uart import through

SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (2400, 9600, 115200)}


class Wire:
    """A pseudo-terminal: `device` is what hanlogger opens."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)

    def send(self, octets: bytes) -> None:
        """As they are, whatever the settings; lost when nobody reads."""
        with suppress(BlockingIOError):
            os.write(self._master, octets)

    @property
    def settings(self) -> LineSettings | None:
        """As the reader has set them, less the parity, which a pseudo-terminal does not keep; None: not yet."""
        speed = SPEEDS.get(termios.tcgetattr(self._slave)[4])
        return LineSettings(speed) if speed else None

    def close(self) -> None:
        for descriptor in (self._master, self._slave):
            os.close(descriptor)


@contextmanager
def wire() -> Iterator[Wire]:
    """A line on which nobody sends."""
    made = Wire()
    try:
        yield made
    finally:
        made.close()


class Sender(threading.Thread):
    """A meter that sends its message again and again, as a UART set like the reader's takes it."""

    def __init__(self, to: Wire, message: Callable[[], bytes], sent: LineSettings, every: float = 0.05) -> None:
        super().__init__(daemon=True)
        self._wire, self._message, self.sent, self._every = to, message, sent, every
        self.stopped = threading.Event()
        self.seen: list[int] = []  # the speeds that the reader has set, in order

    def run(self) -> None:
        while not self.stopped.wait(self._every):
            taken = self._wire.settings
            if taken is None:
                continue
            if self.seen[-1:] != [taken.baud]:
                self.seen.append(taken.baud)
            octets = self._message()
            right = taken.baud == self.sent.baud and self.sent.bits == 8
            self._wire.send(octets if right else through(octets, self.sent, taken))


@contextmanager
def meter(
    message: Callable[[], bytes] | bytes, sent: LineSettings, every: float = 0.05
) -> Iterator[tuple[Wire, Sender]]:
    """A line, and a meter that sends on it."""
    with wire() as made:
        sender = Sender(made, message if callable(message) else lambda: message, sent, every)
        sender.start()
        try:
            yield made, sender
        finally:
            sender.stopped.set()
            sender.join()
