"""Kafka (`kafka://host:9092/topic`): messages whose keys name the meters, for one worker of a group or for several.

Kafka keeps for each partition up to where the group has come. That moves on here only to the first message that is not
acknowledged yet, so that a worker that takes over reads on from there. What is acknowledged after its partition went
to another worker is nothing to Kafka, and comes there once more.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError, KafkaException, Message, TopicPartition

from hanlogger.errors import SourceError
from hanlogger.sources.broker import Broker, Envelope, split_address

CONNECT_TIMEOUT = 10.0  # seconds, for the first answer
REASON_TIMEOUT = 1.0  # seconds that the reason of a refusal is waited for
GATHER = 0.02  # seconds that further messages are waited for, so that one transaction takes them all
BUFFER = 16 * 1024  # kB that are read ahead
PAST = datetime(2010, 1, 1, tzinfo=UTC)  # before it no clock was right that stamped a message of a meter

CLASSIC = {"group.protocol": "classic", "partition.assignment.strategy": "cooperative-sticky"}
NEW = {"group.protocol": "consumer"}  # KIP-848: Kafka 4.0 and later
UNREACHABLE = (KafkaError._ALL_BROKERS_DOWN, KafkaError._AUTHENTICATION, KafkaError._SSL)  # noqa: SLF001 its own codes
REFUSED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)


@dataclass
class _Partition:
    """A partition while it is given to us: what was handed over, and which of that is acknowledged."""

    number: int
    waiting: deque[int] = field(default_factory=deque)
    done: set[int] = field(default_factory=set)
    next: int | None = None  # the first message that is not acknowledged, once one is

    def acknowledge(self, number: int) -> None:
        """Note that a message is acknowledged."""
        self.done.add(number)
        while self.waiting and self.waiting[0] in self.done:
            self.next = self.waiting[0] + 1
            self.done.discard(self.waiting.popleft())


class _Place(NamedTuple):
    """Where a message stands: the partition while it was given to us, and its number there."""

    partition: _Partition
    number: int


class Kafka:
    """A member of a consumer group."""

    def __init__(self, url: str, client_id: str, broker: Broker) -> None:
        """Join the group; SourceError when no broker answers, or one refuses, with its reason."""
        self._url, self._client_id, self._broker = url, client_id, broker
        address = split_address(url)
        self._topic = address.topic
        self._hosts = ",".join(f"{host}:{port}" for host, port in address.hosts)
        self._secured = address.secured
        self._errors: list[KafkaError] = []
        self._given: dict[int, _Partition] = {}
        self.session_lost = False
        self._classic = False
        self._consumer = self._join(NEW)

    def read(self, timeout: float, most: int) -> list[Envelope]:
        """Return what came, as `BrokerSource.read` does."""
        try:
            first = self._consumer.poll(timeout)
            self._check()
            more = self._consumer.consume(most - 1, GATHER) if first and most > 1 else []
        except KafkaException as error:
            raise SourceError(f"{self._url}: {_explain(error)}") from error
        if first is None:
            return []
        return [envelope for message in (first, *more) if (envelope := self._open(message))]

    def acknowledge(self, envelopes: Iterable[Envelope]) -> None:
        """Acknowledge what came by this connection, as `BrokerSource.acknowledge` does."""
        moved: dict[int, _Partition] = {}
        for envelope in envelopes:
            if envelope.source is self and isinstance(envelope.ticket, _Place):
                partition, number = envelope.ticket
                partition.acknowledge(number)
                if self._given.get(partition.number) is partition:
                    moved[partition.number] = partition
        self._move(moved.values(), wait=False)

    def close(self) -> None:
        """Leave the group, which reads on from the first message that is not acknowledged."""
        with contextlib.suppress(KafkaException):
            self._move(self._given.values(), wait=True)
        with contextlib.suppress(Exception):
            self._consumer.close()

    def _join(self, protocol: dict[str, str]) -> Consumer:
        try:
            consumer = Consumer({**self._make_settings(), **protocol})
        except (KafkaException, ValueError) as error:
            raise SourceError(f"{self._url}: {_explain(error)}") from error
        self._look_for_topic(consumer)
        consumer.subscribe([self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke)
        return consumer

    def _make_settings(self) -> dict[str, Any]:
        broker = self._broker
        files = {
            "ssl.ca.location": broker.ca_file,
            "ssl.certificate.location": broker.cert_file,
            "ssl.key.location": broker.key_file,
        }
        login = {"sasl.mechanism": broker.sasl or "PLAIN", "sasl.username": broker.user} if broker.user else {}
        return {
            "bootstrap.servers": self._hosts,
            "client.id": self._client_id,
            "group.id": broker.group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": BUFFER,
            "socket.connection.setup.timeout.ms": 5000,
            "log_level": 0,  # what it has to say comes by error_cb
            "error_cb": self._errors.append,
            "security.protocol": ("SASL_" if login else "") + ("SSL" if self._secured else "PLAINTEXT"),
            **login,
            **({"sasl.password": broker.read_password()} if login else {}),
            **{key: str(file) for key, file in files.items() if file},
        }

    def _look_for_topic(self, consumer: Consumer) -> None:
        try:
            found = consumer.list_topics(self._topic, timeout=CONNECT_TIMEOUT).topics[self._topic]
        except KafkaException as error:
            consumer.poll(REASON_TIMEOUT)  # brings the true reason: the answer itself says "transport failure"
            reasons = [one for one in self._errors if one.code() in UNREACHABLE[1:]] or self._errors[:1]
            consumer.close()
            words = reasons[-1].str() if reasons else _explain(error)
            raise SourceError(f"{self._url} does not let us in, or does not answer: {words}") from error
        if found.error is not None or not found.partitions:
            consumer.close()
            words = found.error.str() if found.error else "it has no partitions"
            raise SourceError(f"{self._url}: there is no topic {self._topic} to read: {words}")

    def _check(self) -> None:
        """Look at what librdkafka has told; SourceError where it cannot help itself."""
        errors, self._errors[:] = list(self._errors), []
        for error in errors:
            if (
                error.fatal() and not self._classic
            ):  # a broker of before 4.0, or one that is set to the classic protocol
                self._classic = True
                self._consumer.close()
                self._consumer = self._join(CLASSIC)
                return
            if error.fatal() or error.code() in UNREACHABLE:
                raise SourceError(f"{self._url} is gone: {error.str()}")

    def _open(self, message: Message) -> Envelope | None:
        if (error := message.error()) is not None:
            self._errors.append(error)
            if error.code() in REFUSED:
                raise SourceError(f"{self._url}: {error.str()}")
            return None
        number, key = message.offset(), message.key()
        partition = self._given.get(message.partition())
        if partition is None or number is None:  # it went to another worker meanwhile
            return None
        partition.waiting.append(number)
        name = (key if isinstance(key, bytes) else str(key or "").encode()).decode("utf-8", "replace")
        value = message.value() or b""
        data = value if isinstance(value, bytes) else str(value).encode()
        where = (partition.number, number)
        return Envelope(name, self._topic, data, _find_arrival(message), False, where, self, _Place(partition, number))

    def _move(self, partitions: Iterable[_Partition], *, wait: bool) -> None:
        """Tell Kafka up to where the group has come. That it refuses is normal while the group changes."""
        places = [TopicPartition(self._topic, one.number, one.next) for one in partitions if one.next is not None]
        if places:
            with contextlib.suppress(KafkaException):
                self._consumer.commit(offsets=places, asynchronous=not wait)

    def _on_assign(self, _: Consumer, places: list[TopicPartition]) -> None:
        for place in places:
            self._given[place.partition] = _Partition(place.partition)

    def _on_revoke(self, _: Consumer, places: list[TopicPartition]) -> None:
        left = [self._given.pop(place.partition) for place in places if place.partition in self._given]
        self._move(left, wait=True)


def _find_arrival(message: Message) -> datetime:
    """Return when the message was given to Kafka, as far as that can be; else the present time."""
    now = datetime.now(UTC)
    kind, milliseconds = message.timestamp()
    if kind == TIMESTAMP_NOT_AVAILABLE or not PAST.timestamp() < milliseconds / 1000 <= time.time():
        return now
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _explain(error: BaseException) -> str:
    """Return what an error of the library says, without its codes."""
    cause = error.args[0] if error.args else error
    return cause.str() if isinstance(cause, KafkaError) else str(cause)
