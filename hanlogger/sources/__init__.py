"""Where meters are read. A kind of port is a row of `OPENERS`; those that end are read by capture.py."""

from __future__ import annotations

from collections.abc import Callable

from hanlogger.sources.demo import Demo
from hanlogger.sources.line import LineSettings
from hanlogger.sources.port import ENDING, Port, Source, scheme
from hanlogger.sources.serial_port import Device, Remote, device_path
from hanlogger.sources.tcp import Tcp

__all__ = ["ENDING", "OPENERS", "LineSettings", "Port", "Source", "device_path", "open_port", "scheme"]

OPENERS: dict[str, Callable[[Port], Source]] = {
    "": Device,
    "socket": Tcp,
    "rfc2217": Remote,
    "demo": Demo,
}


def open_port(port: Port) -> Source:
    """The port, open and exclusively ours. SourceError when it cannot be opened now."""
    return OPENERS[port.scheme](port)
