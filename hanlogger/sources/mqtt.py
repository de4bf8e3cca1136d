"""MQTT 5 (`mqtt://host/han/+/raw`): what devices publish, acknowledged one by one on the connection it came by.

paho-mqtt is driven by `read`, in the thread that calls it. It never connects again by itself: an acknowledgement
carries a number that means another message on the next connection, where the broker has lost the session.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hanlogger.errors import SourceError
from hanlogger.mqtt.client import FAILURE, await_answer, check_code, explain_refusal, make_client, open_connection
from hanlogger.mqtt.login import BrokerAddress, NoBroker
from hanlogger.sources.broker import Broker, Envelope, split_address
from hanlogger.sources.topics import TopicFilter

GATHER = 0.02  # seconds that further messages are waited for, so that one transaction takes them all
WAKE = 10.0  # seconds without a message, after which a topic that is shared is subscribed to again
LARGEST = 4 * 1024 * 1024  # octets of a message that the broker may hand over
TAKEN_OVER = (0x80, 0x8E)  # how brokers tell that another client has come with the same id
NEW_ONLY = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB


class Mqtt:
    """A connection to a broker, with a subscription."""

    def __init__(self, url: str, client_id: str, broker: Broker) -> None:
        """Connect and subscribe; SourceError when the broker does not answer, or refuses."""
        self._url, self._client_id, self._broker = url, client_id, broker
        address = split_address(url)
        self._topic = TopicFilter.parse(address.topic)
        self._wanted = f"the topic {self._topic.text}"
        self._came: list[Envelope] = []
        self._heard_at = time.monotonic()
        self._answer: ReasonCode | None = None  # to what was asked last
        self._ended = ""  # why the broker ended the connection
        self.session_lost = False
        self._twin = f"another client may have the id {client_id} too: give each a broker.client_id of its own"
        self._client = self._make_client(secured=address.secured)
        try:
            self._connect(BrokerAddress(*address.hosts[0], address.secured))
            self._subscribe()
        except BaseException:
            self.close()
            raise

    def read(self, timeout: float, most: int) -> list[Envelope]:
        """Return what came, as `BrokerSource.read` does."""
        if self._topic.is_shared and time.monotonic() - self._heard_at > WAKE:
            self._wake()
        until = time.monotonic() + timeout
        while len(self._came) < most and (left := until - time.monotonic()) > 0:
            before = len(self._came)
            code = self._client.loop(left)
            if not self._came:
                self._must(code)
            elif code or self._ended:  # a broker may have forgotten what is here: the next call says that it is gone
                break
            elif before == 0:
                until = time.monotonic() + GATHER
        envelopes, self._came = self._came[:most], self._came[most:]
        return envelopes

    def acknowledge(self, envelopes: Iterable[Envelope]) -> None:
        """Acknowledge what came by this connection, as `BrokerSource.acknowledge` does."""
        for envelope in envelopes:
            message = envelope.ticket
            if envelope.source is self and isinstance(message, MQTTMessage) and message.qos:
                self._must(self._client.ack(message.mid, message.qos))

    def close(self) -> None:
        """Disconnect; the session stays as long as was agreed."""
        with contextlib.suppress(Exception):
            self._client.disconnect()
            self._client.loop(0)
        self._client._reset_sockets()  # noqa: SLF001 paho closes its own only when it is collected as garbage

    def _make_client(self, *, secured: bool) -> Client:
        try:
            client = make_client(self._client_id, self._broker, secured=secured, manual_ack=True)
        except NoBroker as error:
            raise SourceError(f"{self._url}: {error}") from error
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message, client.on_disconnect = self._on_message, self._on_disconnect
        return client

    def _connect(self, address: BrokerAddress) -> None:
        wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wishes.SessionExpiryInterval = min(int(self._broker.session), 0xFFFFFFFF)
        wishes.ReceiveMaximum = self._broker.most
        wishes.MaximumPacketSize = LARGEST
        try:
            open_connection(self._client, address, clean_start=False, properties=wishes)
        except NoBroker as error:
            raise SourceError(f"{self._url} {error}") from error
        self._await_answer("the connection")

    def _subscribe(self) -> None:
        self._ask_for_topic()
        self._await_answer(self._wanted)

    def _ask_for_topic(self) -> None:
        options = SubscribeOptions(qos=1, retainHandling=NEW_ONLY)
        self._must(self._client.subscribe(self._topic.text, options=options)[0])

    def _wake(self) -> None:
        """Subscribe again: a HiveMQ CE that was killed hands new messages of a group over only then (docs/fleet.md)."""
        self._heard_at = time.monotonic()
        self._judge_answer(self._wanted)  # to the last time
        self._ask_for_topic()

    def _await_answer(self, wanted: str) -> None:
        try:
            await_answer(self._client, lambda: self._answer, self._must)
        except NoBroker as error:
            raise SourceError(f"{self._url} {error}") from error
        self._judge_answer(wanted)

    def _judge_answer(self, wanted: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and answer.value >= FAILURE:
            raise SourceError(f"{self._url}: the broker refuses {wanted}: {explain_refusal(answer, 'broker.')}")

    def _must(self, code: MQTTErrorCode) -> None:
        try:
            check_code(code, self._ended, f"; if that comes again and again, {self._twin}")
        except NoBroker as error:
            raise SourceError(f"{self._url} {error}") from error

    def _on_connect(self, _c: Client, _d: Any, flags: ConnectFlags, code: ReasonCode, _p: Properties | None) -> None:
        self._answer, self.session_lost = code, not flags.session_present

    def _on_subscribe(self, _c: Client, _d: Any, _mid: int, codes: list[ReasonCode], _p: Properties | None) -> None:
        self._answer = codes[0]

    def _on_disconnect(self, _c: Client, _d: Any, flags: DisconnectFlags, code: ReasonCode, _p: Any) -> None:
        if not flags.is_disconnect_packet_from_server:
            return
        self._ended = f"the broker has ended the connection: {code}"
        if code.value in TAKEN_OVER:
            self._ended += f"; {self._twin}"

    def _on_message(self, _c: Client, _d: Any, message: MQTTMessage) -> None:
        topic, data = message.topic, bytes(message.payload)
        now, self._heard_at = datetime.now(UTC), time.monotonic()
        self._came.append(Envelope(self._name(topic), topic, data, now, message.retain, (topic, data), self, message))

    def _name(self, topic: str) -> str | None:
        """Return what names the meter of a topic; the topic itself where an older subscription brings it."""
        if not self._topic.fits(topic):
            return topic
        return None if self._topic.naming_level is None else self._topic.get_name(topic)
