"""A client of paho-mqtt that is made ready to connect."""

from __future__ import annotations

import ssl
import time
import traceback
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, MQTTv5, error_string
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hanlogger.mqtt.login import BrokerAddress, Login, NoBroker

CONNECT_TIMEOUT = 5.0  # seconds, for the connection, and once more for the broker's answers
KEEP_ALIVE = 30  # seconds
FAILURE = 0x80  # the least reason code that is a failure (MQTT 5, section 2.4)
IN_FLIGHT = 20  # messages of QoS 1 without an acknowledgement, where the broker allows as many


def make_client(client_id: str, login: Login, *, secured: bool, manual_ack: bool = False) -> Client:
    """Return a client of MQTT 5 that is not connected yet; NoBroker where a file of the login cannot be used."""
    client = Client(
        CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, manual_ack=manual_ack, reconnect_on_failure=False
    )
    client.connect_timeout = CONNECT_TIMEOUT
    set_login(client, login, secured=secured)
    return client


def set_login(client: Client, login: Login, *, secured: bool) -> None:
    """Have a client log in, and speak TLS where that is `secured`; NoBroker where a file of the login is unusable."""
    if login.user:
        client.username_pw_set(login.user, login.read_password() or None)
    if secured:
        ca, cert, key = (str(file) if file else None for file in (login.ca_file, login.cert_file, login.key_file))
        try:
            client.tls_set(ca, cert, key)
        except (OSError, ValueError) as error:
            raise NoBroker(f"a certificate file cannot be used: {error}") from error


def open_connection(client: Client, address: BrokerAddress, **options: Any) -> None:
    """Connect; NoBroker where nobody answers, or no TLS comes about. options: those of `Client.connect`."""
    try:
        client.connect(address.host, address.port, KEEP_ALIVE, **options)
    except (OSError, ValueError) as error:  # ValueError: of a host name that is none
        words = _explain(error)
        traceback.clear_frames(error.__traceback__)  # closes the socket that paho leaves open where its TLS fails
        raise NoBroker(words) from error


def await_answer(
    client: Client, get_answer: Callable[[], ReasonCode | None], check: Callable[[MQTTErrorCode], None]
) -> ReasonCode:
    """Let the client work until the broker has answered, and return the answer; NoBroker where it says nothing.

    check: is given each code of the client meanwhile, and raises where the connection is gone.
    """
    until = time.monotonic() + CONNECT_TIMEOUT
    while (answer := get_answer()) is None:
        if time.monotonic() > until:
            raise NoBroker("does not answer: it takes a connection, and says nothing of MQTT")
        code = client.loop(0.1)
        if get_answer() is None:  # a refusal ends the connection too, and says why
            check(code)
    return answer


def check_code(code: MQTTErrorCode, ended: str, hint: str = "") -> None:
    """Raise NoBroker where a call of the client failed, or the broker has ended the connection.

    ended: why the broker did, "" while it has not. hint: what else may be behind it, where the broker does not say.
    """
    if ended or code not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_QUEUE_SIZE):
        raise NoBroker(f"is gone: {ended or error_string(code).rstrip('.') + hint}")


def _explain(error: OSError | ValueError) -> str:
    """Return why there is no connection, with what to do where a certificate is the reason."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"shows a certificate that is not trusted: {error.verify_message.rstrip('.')}; set ca_file if it is yours"
        )
    return f"does not answer: {getattr(error, 'strerror', None) or error}"


def read_in_flight(properties: Properties | None) -> int:
    """Return how many messages of QoS 1 a broker allows to be unacknowledged, by its CONNACK; paho keeps to none."""
    return min(IN_FLIGHT, getattr(properties, "ReceiveMaximum", IN_FLIGHT))


def explain_refusal(answer: ReasonCode, table: str = "") -> str:
    """Return a broker's refusal in the standard's words, with what to do where that is clear.

    table: what stands before the names of the settings for this broker, such as `broker.`.
    """
    hint = _HINTS.get(answer.value, "").format(login=f"{table}user and {table}password_file")
    return f"{answer}; {hint}" if hint else str(answer)


_HINTS = {
    0x84: "it speaks no MQTT 5",
    0x86: "set {login}",
    0x87: "set {login}, and see what the broker lets this user do",
}
