"""What is said of a connection to a broker that is gone."""

from __future__ import annotations

import pytest
from paho.mqtt.enums import MQTTErrorCode

from hanlogger.mqtt.client import check_code
from hanlogger.mqtt.login import NoBroker


@pytest.mark.parametrize(
    ("code", "ended", "words"),
    [
        (MQTTErrorCode.MQTT_ERR_CONN_LOST, "", "is gone: The connection was lost; a hint"),
        (MQTTErrorCode.MQTT_ERR_CONN_LOST, "the broker ends it", "is gone: the broker ends it"),
        (MQTTErrorCode.MQTT_ERR_SUCCESS, "the broker ends it", "is gone: the broker ends it"),
    ],
)
def test_the_broker_s_own_reason_comes_before_the_client_s_code_with_a_hint(
    code: MQTTErrorCode, ended: str, words: str
) -> None:
    with pytest.raises(NoBroker) as failure:
        check_code(code, ended, "; a hint")
    assert str(failure.value) == words


@pytest.mark.parametrize("code", [MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_QUEUE_SIZE])
def test_a_full_queue_is_no_end(code: MQTTErrorCode) -> None:
    check_code(code, "")
