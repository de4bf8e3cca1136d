"""Kafka (`kafka://host:9092/topic`): messages whose keys name the meters, for one worker of a group or for several.

Kafka keeps for each partition up to where the group has come. That moves on here only to the first message that is not
acknowledged yet, so that a worker that takes over reads on from there. What is acknowledged after its partition went
to another worker is nothing to Kafka, and comes there once more.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import TopicMetadata

from hanlogger.errors import SourceError
from hanlogger.mqtt.login import NoBroker
from hanlogger.sources.broker import Broker, Envelope, split_address
from hanlogger.sources.kafka_login import make_login
from hanlogger.sources.partition import Partition, Place

CONNECT_TIMEOUT = 10.0  # seconds, for the first answer
LOOK = 0.5  # seconds between two looks whether the reason of a refusal is known
GATHER = 0.02  # seconds that further messages are waited for, so that one transaction takes them all
BUFFER = 16 * 1024  # kB that are read ahead
PAST = datetime(2010, 1, 1, tzinfo=UTC)  # before it no clock was right that stamped a message of a meter

CLASSIC = {"group.protocol": "classic", "partition.assignment.strategy": "cooperative-sticky"}
NEW = {"group.protocol": "consumer"}  # KIP-848: Kafka 4.0 and later
UNREACHABLE = {KafkaError._AUTHENTICATION: 0, KafkaError._SSL: 0, KafkaError._ALL_BROKERS_DOWN: 2}  # noqa: SLF001 its own
"""Errors of which librdkafka cannot help itself: how little each says of the reason; any other error says 1."""

REFUSED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)


class Kafka:
    """A member of a consumer group."""

    def __init__(self, url: str, client_id: str, broker: Broker) -> None:
        """Join the group; SourceError when no broker answers, or one refuses, with its reason."""
        self._url, self._client_id, self._broker = url, client_id, broker
        address = split_address(url)
        self._topic = address.topic
        self._hosts = ",".join(f"{host}:{port}" for host, port in address.hosts)
        self._secured = address.secured
        self._errors: list[KafkaError] = []  # what the consumer has told; a new one for each consumer
        self._given: dict[int, Partition] = {}
        self.session_lost = False
        self._classic = False
        self._consumer = self._join(NEW)

    def read(self, timeout: float, most: int) -> list[Envelope]:
        """Return what came, as `BrokerSource.read` does."""
        consumer = self._consumer
        try:
            first = consumer.poll(timeout)
            self._check()
            if first is None or consumer is not self._consumer:
                return []
            more = consumer.consume(most - 1, GATHER) if most > 1 else []
        except KafkaException as error:
            raise SourceError(f"{self._url}: {_explain(error)}") from error
        return [envelope for message in (first, *more) if (envelope := self._open(message))]

    def acknowledge(self, envelopes: Iterable[Envelope]) -> None:
        """Acknowledge what came by this connection, as `BrokerSource.acknowledge` does."""
        moved: dict[int, Partition] = {}
        for envelope in envelopes:
            if envelope.source is self and isinstance(envelope.ticket, Place):
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
        self._errors = []  # one that is closed has its last word still, and that is not about the next
        try:
            consumer = Consumer({**self._make_settings(), **protocol, "error_cb": self._errors.append})
        except (KafkaException, ValueError, NoBroker) as error:
            raise SourceError(f"{self._url}: {_explain(error)}") from error
        self._look_for_topic(consumer)
        consumer.subscribe([self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke)
        return consumer

    def _make_settings(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self._hosts,
            "client.id": self._client_id,
            "group.id": self._broker.group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": BUFFER,
            "socket.connection.setup.timeout.ms": 5000,
            "log_level": 0,  # what it has to say comes by error_cb
            **make_login(self._broker, secured=self._secured),
        }

    def _look_for_topic(self, consumer: Consumer) -> None:
        found = self._await_topic(consumer)
        if found.error is not None or not found.partitions:
            consumer.close()
            words = found.error.str() if found.error else "it has no partitions"
            raise SourceError(f"{self._url}: there is no topic {self._topic} to read: {words}")

    def _await_topic(self, consumer: Consumer) -> TopicMetadata:
        """Return what the brokers say of the topic; SourceError, with the reason, once it is clear that none will."""
        until = time.monotonic() + CONNECT_TIMEOUT
        while True:
            try:
                return consumer.list_topics(self._topic, timeout=LOOK).topics[self._topic]
            except KafkaException as error:
                consumer.poll(LOOK)
                if time.monotonic() > until or any(one.code() in UNREACHABLE for one in self._errors):
                    consumer.close()
                    words = self._find_reason() or _explain(error)
                    raise SourceError(f"{self._url} does not let us in, or does not answer: {words}") from error

    def _find_reason(self) -> str:
        """Return the most that the consumer has told of why no broker answers: the question itself just fails."""
        told = sorted(self._errors, key=lambda one: UNREACHABLE.get(one.code(), 1))
        return told[0].str() if told else ""

    def _check(self) -> None:
        """Look at what librdkafka has told; SourceError where it cannot help itself."""
        errors, self._errors[:] = list(self._errors), []
        fatal = [error for error in errors if error.fatal() or error.code() == KafkaError._FATAL]  # noqa: SLF001 its own
        if fatal and not self._classic:  # a broker of before 4.0, or one that is set to the classic protocol
            self._join_classic()
            return
        for error in fatal or errors:
            if fatal or error.code() in UNREACHABLE:
                raise SourceError(f"{self._url} is gone: {error.str()}")

    def _join_classic(self) -> None:
        """Join the group by the protocol that every broker has."""
        self._classic = True
        self._consumer.close()
        self._consumer = self._join(CLASSIC)

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
        return Envelope(name, self._topic, data, _find_arrival(message), False, where, self, Place(partition, number))

    def _move(self, partitions: Iterable[Partition], *, wait: bool) -> None:
        """Tell Kafka up to where the group has come. That it refuses is normal while the group changes."""
        places = [TopicPartition(self._topic, one.number, one.next) for one in partitions if one.next is not None]
        if places:
            with contextlib.suppress(KafkaException):
                self._consumer.commit(offsets=places, asynchronous=not wait)

    def _on_assign(self, _: Consumer, places: list[TopicPartition]) -> None:
        for place in places:
            self._given[place.partition] = Partition(place.partition)

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
