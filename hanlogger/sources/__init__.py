"""Ports and how they are opened: a row of `OPENERS` for each kind of stream, of `BROKERS` for each kind of broker.

Ports that end are opened by `file.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hanlogger.sources.adapter import find_only_adapter, find_stable_name, list_adapters
from hanlogger.sources.broker import Broker, BrokerSource, Envelope
from hanlogger.sources.brokers import BROKERS, check_broker, import_opener, leave_share, names_meters, open_broker
from hanlogger.sources.demo import Demo
from hanlogger.sources.line import LineSettings
from hanlogger.sources.port import AUTO, ENDING, VIA, Port, SimulatedMeter, Source, find_scheme
from hanlogger.sources.serial_port import Device, Remote, find_device_path, has_device
from hanlogger.sources.tcp import Tcp
from hanlogger.sources.web import WebLogin

__all__ = [
    "AUTO",
    "BROKERS",
    "ENDING",
    "OPENERS",
    "VIA",
    "WEB",
    "Broker",
    "BrokerSource",
    "Envelope",
    "LineSettings",
    "Port",
    "SimulatedMeter",
    "Source",
    "WebLogin",
    "check_broker",
    "find_device_path",
    "find_scheme",
    "find_stable_name",
    "has_device",
    "import_opener",
    "leave_share",
    "list_adapters",
    "names_meters",
    "open_broker",
    "open_port",
    "resolve_auto",
]

WEB = ("http", "https", "ws", "wss")
"""Kinds of ports that are devices with a web server of their own."""


def _ask_by_http(port: Port) -> Source:
    from hanlogger.sources.http_poll import HttpPoll  # noqa: PLC0415 urllib3 costs 4 MB

    return HttpPoll(port)


def _open_websocket(port: Port) -> Source:
    from hanlogger.sources.websocket import WebSocket  # noqa: PLC0415 websockets costs 4 MB

    return WebSocket(port)


OPENERS: dict[str, Callable[[Port], Source]] = {
    "": Device,
    AUTO: lambda port: Device(resolve_auto(port)),
    "socket": Tcp,
    "rfc2217": Remote,
    "demo": Demo,
    "http": _ask_by_http,
    "https": _ask_by_http,
    "ws": _open_websocket,
    "wss": _open_websocket,
}


def open_port(port: Port) -> Source:
    """Open a port for this process alone; SourceError when it cannot be opened now."""
    return OPENERS[port.scheme](port)


def resolve_auto(port: Port) -> Port:
    """Return the port with `auto` replaced by the one adapter that is plugged in now; SourceError."""
    return replace(port, url=str(find_only_adapter())) if port.url == AUTO else port
