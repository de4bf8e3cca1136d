"""Ports that have a broker behind them: what is right in their addresses, and how they are opened."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from hanlogger.errors import ConfigError
from hanlogger.sources.broker import Broker, BrokerSource, split_address
from hanlogger.sources.port import Port
from hanlogger.sources.topics import TopicFilter


class Kind(NamedTuple):
    """A kind of broker: the module and the class that open it, imported only where such a port is read."""

    module: str
    opener: str
    extra: str  # what to install where the library is missing
    check_topic: Callable[[str], object]  # ValueError, whose text says what is wrong
    names_meters: Callable[[str], bool]  # whether each message of a topic says which meter it is of


def _check_kafka_topic(topic: str) -> None:
    wrong = [one for one in topic if not (one.isascii() and (one.isalnum() or one in "._-"))]
    if not topic or wrong or len(topic) > 249 or topic in (".", ".."):
        raise ValueError("a topic of Kafka has letters, digits, dot, _ and -, and 249 of them at most")


_MQTT = Kind(
    "hanlogger.sources.mqtt",
    "Mqtt",
    "",
    TopicFilter.parse,
    lambda topic: TopicFilter.parse(topic).naming_level is not None,
)
_KAFKA = Kind("hanlogger.sources.kafka", "Kafka", "hanlogger[kafka]", _check_kafka_topic, lambda _: True)
BROKERS = {"mqtt": _MQTT, "mqtts": _MQTT, "kafka": _KAFKA, "kafkas": _KAFKA}


def check_broker(url: str) -> None:
    """Raise ValueError, whose text says what is wrong, unless a URL is one of a broker and a topic."""
    scheme = url.partition(":")[0]
    address = split_address(url)
    if len(address.hosts) > 1 and BROKERS[scheme] is _MQTT:
        raise ValueError("only one host may be named")
    BROKERS[scheme].check_topic(address.topic)


def leave_share(port: Port) -> Port:
    """Return a broker's port without `$share/GROUP/`, so that nothing is taken from workers that share its topic."""
    scheme, _, rest = port.url.partition("://")
    places, _, topic = rest.partition("/")
    return replace(port, url=f"{scheme}://{places}/{re.sub(r'^[$]share/[^/]*/', '', topic)}")


def names_meters(port: Port) -> bool:
    """Return whether each message that comes by a broker's port says which meter it is of."""
    return BROKERS[port.scheme].names_meters(split_address(port.url).topic)


def import_opener(port: Port) -> Callable[[str, str, Broker], BrokerSource]:
    """Return the class that opens a broker's port; ConfigError where its library is not installed."""
    kind = BROKERS[port.scheme]
    try:
        module = importlib.import_module(kind.module)
    except ModuleNotFoundError as error:
        words = f"{port.url}: needs the Python library {error.name}, which is not installed"
        raise ConfigError(f"{words}; install {kind.extra or 'hanlogger'}") from error
    opener: Callable[[str, str, Broker], BrokerSource] = getattr(module, kind.opener)
    return opener


def open_broker(port: Port, client_id: str) -> BrokerSource:
    """Connect to the broker behind a port; SourceError when that fails now."""
    return import_opener(port)(port.url, client_id, port.broker or Broker())
