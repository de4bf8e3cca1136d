"""Ports and how they are opened: a row of `OPENERS` for each kind. Ports that end are opened by `file.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hanlogger.sources.adapter import adapters, only_adapter, stable_name
from hanlogger.sources.demo import Demo
from hanlogger.sources.line import LineSettings
from hanlogger.sources.port import AUTO, ENDING, Port, SimulatedMeter, Source, scheme
from hanlogger.sources.serial_port import Device, Remote, device_path
from hanlogger.sources.tcp import Tcp

__all__ = [
    "AUTO",
    "ENDING",
    "OPENERS",
    "LineSettings",
    "Port",
    "SimulatedMeter",
    "Source",
    "adapters",
    "device_path",
    "open_port",
    "resolve_auto",
    "scheme",
    "stable_name",
]

OPENERS: dict[str, Callable[[Port], Source]] = {
    "": Device,
    AUTO: lambda port: Device(resolve_auto(port)),
    "socket": Tcp,
    "rfc2217": Remote,
    "demo": Demo,
}


def open_port(port: Port) -> Source:
    """Open a port for this process alone; SourceError when it cannot be opened now."""
    return OPENERS[port.scheme](port)


def resolve_auto(port: Port) -> Port:
    """Return the port with `auto` replaced by the one adapter that is plugged in now; SourceError."""
    return replace(port, url=str(only_adapter())) if port.url == AUTO else port
