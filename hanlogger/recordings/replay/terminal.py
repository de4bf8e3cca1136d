"""A pseudo-terminal that is played to."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import termios
import threading
import tty
from pathlib import Path

from hanlogger.errors import CaptureError
from hanlogger.recordings.replay.outputs import GLANCE

SETTLING = 0.3  # seconds in which a reader that has opened a port sets it up, and throws away what it finds
DRAIN_LOOKS = 3  # that in a row find nothing left to be read


class PseudoTerminal:
    """A serial port that is none. A reader opens `where` like any device."""

    def __init__(self, link: Path | None = None) -> None:
        """`link`: a name for it. CaptureError where something else has that name."""
        self._meter_end, line_end = os.openpty()
        self._device = os.ttyname(line_end)
        tty.setraw(line_end)
        os.close(line_end)  # from now on the meter's end sees whether a reader has the other open
        os.set_blocking(self._meter_end, False)
        self._link = link
        if link is not None:
            _name(Path(self._device), link)
        self.where = str(link or self._device)

    def wait(self, stop: threading.Event) -> bool:
        """Until a reader has opened it and set it up."""
        while not self._is_open():
            if stop.wait(GLANCE):
                return False
        return not stop.wait(SETTLING)

    def write(self, data: bytes, stop: threading.Event) -> int:
        """Without a reader, nothing."""
        given = 0
        while given < len(data) and self._is_open() and not stop.is_set():
            with contextlib.suppress(BlockingIOError):
                given += os.write(self._meter_end, data[given:])
            if given < len(data):
                select.select((), (self._meter_end,), (), GLANCE)
        return given

    def close(self, stop: threading.Event) -> None:
        """What a reader has not taken yet would be lost with the device."""
        empty = 0
        while empty < DRAIN_LOOKS and self._is_open() and not stop.wait(GLANCE):
            empty = 0 if self._unread() else empty + 1
        os.close(self._meter_end)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def _is_open(self) -> bool:
        poll = select.poll()
        poll.register(self._meter_end, 0)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def _unread(self) -> int:
        """Octets that the reader's side holds."""
        line_end = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            (number,) = struct.unpack("i", fcntl.ioctl(line_end, termios.FIONREAD, bytes(4)))
        finally:
            os.close(line_end)
        return int(number)


def _name(device: Path, link: Path) -> None:
    """A link of a replay that was killed is replaced, nothing else."""
    try:
        if link.is_symlink() and str(link.readlink()).startswith(str(device.parent)):
            link.unlink()
        link.symlink_to(device)
    except OSError as error:
        raise CaptureError(f"{link} cannot name the pseudo-terminal: {error.strerror}; give another name") from error
