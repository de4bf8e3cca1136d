"""Serial ports, opened by pyserial: a device of this machine, or one behind an RFC 2217 server."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import termios
from datetime import UTC, datetime
from pathlib import Path

import serial

from hanlogger.errors import SourceError
from hanlogger.model import Chunk
from hanlogger.sources.line import SWEDISH
from hanlogger.sources.port import Port

HOST = Path("/host")
"""Where a container sees the host's /dev, so that a device that is plugged in later is found (docs/influxdb.md 7)."""

ERROR_TEXTS = {
    errno.ENOENT: "is not there",
    errno.ENODEV: "is not there",
    errno.ENXIO: "is not there",
    errno.EACCES: "may not be opened by this user: add the user to the device's group (dialout, uucp)",
    errno.EPERM: "may not be opened by this process",
    errno.EAGAIN: "is held by another process",
    errno.EBUSY: "is held by another process",
    errno.ENOTTY: "is no serial port",
}


class _SerialPort:
    """An open pyserial port. RTS and DTR stay raised from the opening on: one of them may be P1's request line."""

    def __init__(self, port: Port, address: str) -> None:
        self._url = port.url
        line = (port.line or SWEDISH).opened
        try:
            self._serial = serial.serial_for_url(address, do_not_open=True, baudrate=line.baud, parity=line.parity)
            self._open()
        except (OSError, ValueError, termios.error) as error:
            raise SourceError(f"{self._url} {_explain_error(error)}") from error

    def _open(self) -> None:
        self._serial.open()

    def read(self, timeout: float) -> Chunk:
        """Return what came, as `Source.read` does."""
        try:
            data = self._read(timeout)
        except OSError as error:
            raise SourceError(f"{self._url} is gone: {error}") from error
        return Chunk(data, datetime.now(UTC))

    def _read(self, timeout: float) -> bytes:
        self._serial.timeout = timeout
        data: bytes = self._serial.read(1)
        return data + self._serial.read(self._serial.in_waiting) if data else b""

    def close(self) -> None:
        """Close the port, as `Source.close` does."""
        with contextlib.suppress(OSError):
            self._serial.close()


class Device(_SerialPort):
    """A device of this machine, open for this process alone."""

    def __init__(self, port: Port) -> None:
        """Open the device; SourceError when it is missing, held by another process or not permitted."""
        super().__init__(port, str(find_device_path(port.url)))

    def _open(self) -> None:
        self._serial.exclusive = True
        try:
            self._serial.open()
        except termios.error:  # a pseudo-terminal has no parity
            self._serial.parity = "N"
            self._serial.open()
        _keep_lines_up(self._serial.fileno())

    def _read(self, timeout: float) -> bytes:
        """Read without pyserial, which would configure the line anew whenever the time-out is another one."""
        ready, _, _ = select.select([self._serial.fileno()], [], [], timeout)
        data = os.read(self._serial.fileno(), 65536) if ready else b""
        if ready and not data:
            raise OSError("it was unplugged")
        return data


class Remote(_SerialPort):
    """A serial port behind an RFC 2217 server such as ser2net: `rfc2217://host:port`."""

    def __init__(self, port: Port) -> None:
        super().__init__(port, port.url)


def find_device_path(path: str) -> Path:
    """Return the path of a device: as given, else in the host's /dev where a container has that."""
    given, mounted = Path(path), HOST / path.lstrip("/")
    return mounted if path.startswith("/dev/") and not has_device(given) and has_device(mounted) else given


def has_device(path: Path) -> bool:
    """Return whether something is at a path; no where its folder is closed to us: Path.exists makes that an error."""
    return os.path.exists(path)  # noqa: PTH110


def _keep_lines_up(descriptor: int) -> None:
    """Clear HUPCL: else a close drops DTR and RTS, at which some meters stop sending (docs/protocol.md A.2)."""
    attributes = termios.tcgetattr(descriptor)
    attributes[2] &= ~termios.HUPCL
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _explain_error(error: Exception) -> str:
    cause = error.__context__ if isinstance(error.__context__, termios.error) else error  # pyserial drops errno
    number = getattr(cause, "errno", None) or next(iter(cause.args), None)
    return (
        ERROR_TEXTS.get(number, f"cannot be opened: {error}")
        if isinstance(number, int)
        else f"cannot be opened: {error}"
    )
