"""Playing many meters at once: each to a TCP port of its own, or all of them to a broker."""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from hanlogger.errors import CaptureError
from hanlogger.model import Chunk
from hanlogger.mqtt.login import BrokerAddress, NoBroker
from hanlogger.recordings.replay.server import TcpServer
from hanlogger.sources.broker import Address, Broker, split_address
from hanlogger.sources.kafka_login import make_login

ANSWER_SECONDS = 10.0  # that a broker may take to answer
LOOK = 0.2  # seconds between two looks whether the brokers refuse
NO_LIMIT = 65_535  # messages in flight, where a broker names no limit (MQTT 5, section 3.2.2.3.3)


class Sending(NamedTuple):
    """What one meter of many sends, and when."""

    meter: str
    chunk: Chunk


class FleetOutput(Protocol):
    """Where the meters of a fleet send to."""

    where: str  # what hanlogger's settings name, for people

    def send(self, meter: str, data: bytes, stop: threading.Event) -> None:
        """Send octets of one meter; CaptureError where that cannot be done."""

    def close(self) -> None:
        """Send all that waits, and close the output."""


class TcpFleet:
    """A TCP port for each meter, one number after the other. What nobody listens to is lost."""

    def __init__(self, host: str, port: int, meters: Iterable[str]) -> None:
        """Listen; CaptureError if an address cannot be used."""
        self._servers = {name: TcpServer(host, port and port + number) for number, name in enumerate(meters)}
        places = [server.where for server in self._servers.values()]
        self.where = f"{places[0]} to {places[-1].rpartition(':')[2]}"

    def send(self, meter: str, data: bytes, stop: threading.Event) -> None:
        """Send octets of one meter, as `FleetOutput.send` does."""
        self._servers[meter].write(data, stop)

    def close(self) -> None:
        """Close the TCP ports of all meters."""
        for server in self._servers.values():
            server.close(threading.Event())


class MqttFleet:
    """A client that publishes under `han/+/raw`, with the meter's name in place of the `+`, at QoS 1.

    At most as many messages are in flight as the broker allows, which paho-mqtt does not look at.
    """

    def __init__(self, url: str, login: Broker) -> None:
        """Connect; CaptureError where the broker does not let us in."""
        from paho.mqtt.client import Client, MQTTv5  # noqa: PLC0415 only where it is needed
        from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415

        from hanlogger.mqtt.client import open_connection, set_login  # noqa: PLC0415

        address = _split(url)
        self.where, self._topic = url, address.topic
        self._most, self._answered, self._refusal = NO_LIMIT, threading.Event(), ""
        self._in_flight: deque[Any] = deque()
        self._client = Client(CallbackAPIVersion.VERSION2, "hanlogger-simulate", protocol=MQTTv5)
        self._client.on_connect = self._on_connect
        try:
            set_login(self._client, login, secured=address.secured)
            open_connection(self._client, BrokerAddress(*address.hosts[0], address.secured))
        except NoBroker as error:
            raise CaptureError(f"{url}: {error}") from error
        self._client.loop_start()
        if not self._answered.wait(ANSWER_SECONDS) or self._refusal:
            self._client.loop_stop()
            raise CaptureError(f"{url} does not let us in: {self._refusal or 'it says nothing of MQTT'}")

    def send(self, meter: str, data: bytes, stop: threading.Event) -> None:
        """Publish octets of one meter, as `FleetOutput.send` does; wait for a broker that is away."""
        while not self._client.is_connected() and not stop.is_set():
            stop.wait(0.2)
        while len(self._in_flight) >= self._most and not stop.is_set():
            with contextlib.suppress(RuntimeError):
                self._in_flight[0].wait_for_publish(0.2)
            while self._in_flight and _is_taken(self._in_flight[0]):
                self._in_flight.popleft()
        self._in_flight.append(self._client.publish(self._topic.replace("+", meter), data, qos=1))

    def close(self) -> None:
        """Wait for the broker to have all of it, and disconnect."""
        for one in self._in_flight:
            with contextlib.suppress(RuntimeError):
                one.wait_for_publish(ANSWER_SECONDS)
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, code: Any, properties: Any) -> None:
        self._refusal = f"{code}: give --user and --password-file" if code.is_failure else ""
        self._most = getattr(properties, "ReceiveMaximum", NO_LIMIT)
        self._answered.set()


def _is_taken(message: Any) -> bool:
    """Tell whether the broker has a message; one that it was away for is its client's to send again."""
    with contextlib.suppress(RuntimeError):
        return bool(message.is_published())
    return True


class KafkaFleet:
    """A client that publishes to a topic, with the meter's name as key."""

    def __init__(self, url: str, login: Broker) -> None:
        """Begin; CaptureError where the library is missing, or the login cannot be used."""
        address = _split(url)
        try:
            library = importlib.import_module("confluent_kafka")
        except ModuleNotFoundError as error:
            raise CaptureError(f"{url}: needs confluent_kafka, which is not installed: hanlogger[kafka]") from error
        hosts = ",".join(f"{host}:{port}" for host, port in address.hosts)
        self.where, self._topic = url, address.topic
        self._failure = ""
        self._needs_user = (library.KafkaError._AUTHENTICATION, library.KafkaError._SSL)  # noqa: SLF001 its own
        settings = {"bootstrap.servers": hosts, "acks": "all", "log_level": 0, "error_cb": self._note_error}
        try:
            self._client = library.Producer({**settings, **make_login(login, secured=address.secured)})
        except (library.KafkaException, ValueError, NoBroker) as error:
            raise CaptureError(f"{url}: {error}") from error

    def send(self, meter: str, data: bytes, stop: threading.Event) -> None:
        """Publish octets of one meter, as `FleetOutput.send` does."""
        while not stop.is_set():
            try:
                self._client.produce(self._topic, data, meter, on_delivery=self._on_delivery)
            except BufferError:
                self._client.poll(0.1)
            else:
                break
        self._client.poll(0)
        if self._failure:
            raise CaptureError(f"{self.where} does not take it: {self._failure}")

    def close(self) -> None:
        """Wait for the brokers to have all of it; CaptureError where they do not take it."""
        until = time.monotonic() + ANSWER_SECONDS
        while (left := self._client.flush(LOOK)) and not self._failure and time.monotonic() < until:
            pass
        if left:
            raise CaptureError(f"{self.where} does not take the last {left}: {self._failure or 'it does not answer'}")

    def _note_error(self, error: Any) -> None:
        if error.code() in self._needs_user:
            self._failure = error.str()

    def _on_delivery(self, error: Any, _message: Any) -> None:
        if error is not None:
            self._failure = error.str()


FLEETS: Mapping[str, type[MqttFleet] | type[KafkaFleet]] = {
    "mqtt": MqttFleet,
    "mqtts": MqttFleet,
    "kafka": KafkaFleet,
    "kafkas": KafkaFleet,
}
"""Outputs by the scheme of a URL."""


def play_fleet(sendings: Iterable[Sending], out: FleetOutput, stop: threading.Event, *, speed: float = 1.0) -> int:
    """Send what many meters send when it is due, until the last or until `stop` is set; return how many messages.

    speed: how many times as fast; 0: as fast as it is taken.
    """
    begun, number, begin = time.monotonic(), 0, None
    for meter, chunk in sendings:
        begin = begin or chunk.received_at
        due = begun + (chunk.received_at - begin).total_seconds() / speed if speed else begun
        if stop.wait(min(max(0.0, due - time.monotonic()), threading.TIMEOUT_MAX)):
            break
        out.send(meter, chunk.data, stop)
        number += 1
    return number


def _split(url: str) -> Address:
    try:
        return split_address(url)
    except ValueError as error:
        raise CaptureError(f"{url}: {error}") from error
