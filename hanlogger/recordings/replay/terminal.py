"""An output to a pseudo-terminal."""

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
from hanlogger.recordings.replay.outputs import POLL_SECONDS

SETTLING = 0.3  # seconds that a reader needs to set up a port it has opened; it discards what comes meanwhile
DRAIN_LOOKS = 3  # looks in a row that must find nothing left to be read


class PseudoTerminal:
    """A pseudo-terminal that a reader opens like a serial port, at the path `where`."""

    def __init__(self, link: Path | None = None) -> None:
        """Open a pseudo-terminal. link: a symbolic link to be made to it; CaptureError if the path is in use."""
        self._meter_end, line_end = os.openpty()
        self._device = os.ttyname(line_end)
        tty.setraw(line_end)
        os.close(line_end)  # so that the meter's end notices when a reader opens the other one
        os.set_blocking(self._meter_end, False)
        self._link = link
        if link is not None:
            _name(Path(self._device), link)
        self.where = str(link or self._device)

    def wait(self, stop: threading.Event) -> bool:
        """Wait until a reader has opened the terminal and set it up; return False if `stop` is set before."""
        while not self._is_open():
            if stop.wait(POLL_SECONDS):
                return False
        return not stop.wait(SETTLING)

    def write(self, data: bytes, stop: threading.Event) -> int:
        """Write octets to the reader, at its pace, and return how many it was given; none are without a reader."""
        given = 0
        while given < len(data) and self._is_open() and not stop.is_set():
            with contextlib.suppress(BlockingIOError):
                given += os.write(self._meter_end, data[given:])
            if given < len(data):
                select.select((), (self._meter_end,), (), POLL_SECONDS)
        return given

    def close(self, stop: threading.Event) -> None:
        """Close the terminal after the reader has read everything: what it has not read is lost with the device."""
        empty = 0
        while empty < DRAIN_LOOKS and self._is_open() and not stop.wait(POLL_SECONDS):
            empty = 0 if self._count_unread() else empty + 1
        os.close(self._meter_end)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def _is_open(self) -> bool:
        poll = select.poll()
        poll.register(self._meter_end, 0)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def _count_unread(self) -> int:
        """Return the number of octets that the reader has not read yet."""
        line_end = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            (number,) = struct.unpack("i", fcntl.ioctl(line_end, termios.FIONREAD, bytes(4)))
        finally:
            os.close(line_end)
        return int(number)


def _name(device: Path, link: Path) -> None:
    """Make the link to the device; replace the link of a replay that was killed, but nothing else."""
    try:
        if link.is_symlink() and str(link.readlink()).startswith(str(device.parent)):
            link.unlink()
        link.symlink_to(device)
    except OSError as error:
        raise CaptureError(f"{link} cannot name the pseudo-terminal: {error.strerror}; give another name") from error
