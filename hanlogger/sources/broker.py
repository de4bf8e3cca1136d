"""Brokers: servers that pass on what devices send, one whole message at a time, and want each acknowledged."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from hanlogger.mqtt.login import PORTS, Login

DAY = 86_400.0  # seconds

Sasl = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
"""How a password is shown to a Kafka."""


@dataclass(frozen=True)
class Broker(Login):
    """The settings of a port that has a broker behind it: the login, and which messages are taken."""

    client_id: str = ""  # MQTT; "": made once, and kept in the journal
    group: str = "hanlogger"  # Kafka: workers of one group share the topic
    sasl: str = ""  # Kafka: how the password is shown; "": PLAIN where there is a user
    session: float = 7 * DAY  # seconds that the broker keeps what comes while we are away
    most: int = 200  # messages without an acknowledgement
    ack: Literal["journal", "delivered"] = "journal"  # acknowledged when it is there
    meters: tuple[str, ...] = ()  # the only ones that are taken; none: any
    new_meters: int = 100  # how many are taken at most that no setting names


@dataclass(frozen=True)
class Address:
    """Where a broker is: `mqtt://host:1883/han/+/raw`, or several hosts of one Kafka."""

    hosts: tuple[tuple[str, int], ...]
    topic: str
    secured: bool  # by TLS


DEFAULT_PORTS = {**PORTS, "kafka": 9092, "kafkas": 9093}
"""Schemes of ports with a broker behind them, with the TCP port that is meant where none is given."""


def split_address(url: str) -> Address:
    """Return what the URL of a broker's port says; ValueError, whose text says what is wrong with another."""
    scheme, _, rest = url.partition("://")
    places, _, topic = rest.partition("/")
    if "@" in places:
        raise ValueError("the user does not stand in the address, but in broker.user")
    hosts = tuple(_split_host(place, DEFAULT_PORTS[scheme]) for place in places.split(","))
    return Address(hosts, topic, scheme.endswith("s"))


def _split_host(place: str, otherwise: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or not place.isprintable() or " " in place or parts.query or parts.fragment:
        raise ValueError("a host is missing, or its port is no number from 1 to 65535")
    return host, port or otherwise


class Envelope(NamedTuple):
    """A message as a broker hands it over, with what is needed to acknowledge it."""

    name: str | None  # what should name the meter; None: the port has one meter
    topic: str
    data: bytes
    received_at: datetime  # UTC
    stale: bool  # kept by the broker for those who come later, so no sign of life
    key: Hashable  # the same when the broker hands it over once more
    source: BrokerSource  # which alone may acknowledge it
    ticket: object  # of the source


class BrokerSource(Protocol):
    """An open connection to a broker. It is never reopened: another connection is another source."""

    session_lost: bool  # the broker has forgotten a session that it should have kept

    def read(self, timeout: float, most: int) -> list[Envelope]:
        """Return what came, `most` at most, or nothing after `timeout` seconds; SourceError: it is of no use now."""

    def acknowledge(self, envelopes: Iterable[Envelope]) -> None:
        """Acknowledge what this source has handed over; SourceError."""

    def close(self) -> None:
        """Leave, so that the broker keeps the session, and what is not acknowledged; this never raises."""
