"""One connection to the broker at which Home Assistant listens. Another connection is another object."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hanlogger.homeassistant.messages import OFFLINE, Message
from hanlogger.mqtt.client import (
    FAILURE,
    await_answer,
    check_code,
    explain_refusal,
    make_client,
    open_connection,
    read_in_flight,
)
from hanlogger.mqtt.login import BrokerAddress, Login, NoBroker

ACKNOWLEDGED_WITHIN = 30.0  # seconds: a broker that takes longer counts as gone


class Connection:
    """A connection with a last will. One thread uses it; every method but `close` raises NoBroker where it ends."""

    def __init__(self, address: BrokerAddress, login: Login, client_id: str, will: str) -> None:
        """Connect; NoBroker when the broker does not answer, or refuses. will: the topic that goes offline."""
        self._answer: ReasonCode | None = None
        self._ended = ""  # why the broker ended the connection
        self._unacknowledged: set[int] = set()
        self._in_flight = 1  # as many as the broker allows
        self._on_kept: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self._client = make_client(client_id, login, secured=address.secured)
        self._client.will_set(will, OFFLINE, qos=1, retain=True)
        self._client.on_connect, self._client.on_disconnect = self._note_connected, self._note_disconnected
        self._client.on_publish, self._client.on_message = self._note_published, self._note_message
        try:
            self._connect(address)
        except BaseException:
            self.close()
            raise

    def subscribe(self, topic: str, on_kept: Callable[[str, bytes], None]) -> None:
        """Ask for what the broker keeps under a topic; `on_kept` is called with it while `work` runs."""
        self._on_kept = on_kept
        options = SubscribeOptions(qos=0, noLocal=True)
        self._must(self._client.subscribe(topic, options=options)[0])

    def unsubscribe(self, topic: str) -> None:
        """Ask for nothing more under a topic."""
        self._must(self._client.unsubscribe(topic)[0])

    def publish(self, message: Message) -> None:
        """Send a message; what has to be acknowledged is, while `work` runs."""
        until = time.monotonic() + ACKNOWLEDGED_WITHIN
        while len(self._unacknowledged) >= self._in_flight:
            if time.monotonic() > until:
                raise NoBroker("acknowledges nothing")
            self.work(0.1)
        sent = self._client.publish(message.topic, message.payload, message.qos, message.retain)
        if message.qos and sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._unacknowledged.add(sent.mid)
        self._must(sent.rc)

    def work(self, seconds: float) -> None:
        """Let paho send and receive for up to so many seconds."""
        self._must(self._client.loop(seconds))

    @property
    def settled(self) -> bool:
        """Whether the broker has acknowledged all that it must."""
        return not self._unacknowledged

    def close(self, timeout: float = 0.0) -> None:
        """Wait so many seconds for acknowledgements, and disconnect; this never raises."""
        until = time.monotonic() + timeout
        with contextlib.suppress(Exception):
            while not self.settled and time.monotonic() < until:
                self.work(0.05)
            self._client.disconnect()
            self._client.loop(0)

    def _connect(self, address: BrokerAddress) -> None:
        open_connection(self._client, address, clean_start=True)
        self._await_connection()

    def _await_connection(self) -> None:
        answer = await_answer(self._client, lambda: self._answer, _refuse_end)
        if answer.value >= FAILURE:
            raise NoBroker(f"refuses the connection: {explain_refusal(answer)}")

    def _must(self, code: MQTTErrorCode) -> None:
        check_code(code, self._ended)

    def _note_connected(self, _c: Client, _d: Any, _f: ConnectFlags, code: ReasonCode, said: Any) -> None:
        self._in_flight, self._answer = read_in_flight(said), code

    def _note_disconnected(self, _c: Client, _d: Any, flags: DisconnectFlags, code: ReasonCode, _p: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._ended = f"the broker has ended the connection: {code}"

    def _note_published(self, _c: Client, _d: Any, mid: int, code: ReasonCode, _p: Properties | None) -> None:
        self._unacknowledged.discard(mid)
        if code.value >= FAILURE:
            self._ended = f"the broker refuses what is published: {explain_refusal(code)}"

    def _note_message(self, _c: Client, _d: Any, message: MQTTMessage) -> None:
        self._on_kept(message.topic, bytes(message.payload))


def _refuse_end(code: MQTTErrorCode) -> None:
    """Raise NoBroker where the connection ended before the broker answered to it."""
    if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
        raise NoBroker(
            "ends the connection before it answers: there it may speak TLS (mqtts://), or demand cert_file and key_file"
        )
