"""A meter behind RFC 2217, whose server tells the parity that a pseudo-terminal does not keep."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import serial
import serial.rfc2217

from hanlogger.sources import LineSettings
from tests.support.ports import bridge
from tests.support.uart import through


@dataclass
class _Settable:
    """What pyserial's own server half sets."""

    baudrate: int = 115200
    bytesize: int = serial.EIGHTBITS
    parity: str = serial.PARITY_NONE
    stopbits: float = 0  # until the client has set everything, this last
    xonxoff: bool = False
    rtscts: bool = False
    dtr: bool = True
    rts: bool = True
    break_condition: bool = False
    cts: bool = True
    dsr: bool = True
    ri: bool = False
    cd: bool = True

    def reset_input_buffer(self) -> None:
        """There is none."""

    def reset_output_buffer(self) -> None:
        """There is none."""

    @property
    def line(self) -> LineSettings:
        return LineSettings(self.baudrate, 8, "E" if self.parity == serial.PARITY_EVEN else "N")


class _Writer:
    def __init__(self, connection: socket.socket) -> None:
        self.write = connection.sendall


@contextmanager
def remote_meter(message: bytes, sent: LineSettings) -> Iterator[tuple[str, list[LineSettings]]]:
    """Its `rfc2217://` address, and the settings it has been read with, in order."""
    seen: list[LineSettings] = []

    def serve(connection: socket.socket) -> None:
        port = _Settable()
        manager = serial.rfc2217.PortManager(port, _Writer(connection))  # type: ignore[arg-type]
        connection.settimeout(0.05)
        while True:
            with suppress(TimeoutError):
                data = connection.recv(1024)
                if not data:
                    return
                deque(manager.filter(data), 0)
                continue
            if not port.stopbits:
                continue
            if seen[-1:] != [port.line]:
                seen.append(port.line)
            connection.sendall(b"".join(manager.escape(through(message, sent, port.line))))

    with bridge(serve) as server:
        yield f"rfc2217://127.0.0.1:{server.port}", seen
