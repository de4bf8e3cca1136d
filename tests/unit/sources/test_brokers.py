"""Addresses of brokers, and what is said where a library is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from hanlogger.errors import ConfigError
from hanlogger.model import Meter
from hanlogger.mqtt.login import NoBroker
from hanlogger.sources import Broker, Port, check_broker, import_opener, names_meters
from hanlogger.sources.broker import split_address


@pytest.mark.parametrize(
    ("url", "hosts", "topic", "secured"),
    [
        ("mqtt://box/han/+/raw", (("box", 1883),), "han/+/raw", False),
        ("mqtt://box:18830/han/#", (("box", 18830),), "han/#", False),
        ("mqtts://[::1]/a?b", (("::1", 8883),), "a?b", True),
        ("mqtt://box//han", (("box", 1883),), "/han", False),
        ("kafka://a:1,b:2,c/han", (("a", 1), ("b", 2), ("c", 9092)), "han", False),
        ("kafkas://a/han", (("a", 9093),), "han", True),
    ],
)
def test_an_address_is_hosts_and_a_topic_in_which_everything_may_stand(
    url: str, hosts: tuple[tuple[str, int], ...], topic: str, secured: bool
) -> None:
    assert split_address(url) == (split_address(url).__class__(hosts, topic, secured))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mqtt:///han", "a host is missing"),
        ("mqtt://h:0/han", "its port is no number from 1 to 65535"),
        ("mqtt://h:70000/han", "its port is no number from 1 to 65535"),
        ("mqtt://h:x/han", "its port is no number from 1 to 65535"),
        ("mqtt://h h/han", "a host is missing"),
        ("mqtt://me:" + "secret@h/han", "the user does not stand in the address, but in broker.user"),
        ("mqtt://a,b/han", "only one host may be named"),
        ("mqtt://h", "the topic is missing"),
        ("mqtt://h/", "the topic is missing"),
        ("kafka://h/", "a topic of Kafka has letters, digits, dot, _ and -"),
        ("kafka://h/han/+", "a topic of Kafka has letters, digits, dot, _ and -"),
        ("kafka://h/..", "a topic of Kafka has letters, digits, dot, _ and -"),
        ("kafka://h/" + 250 * "x", "249 of them at most"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_the_reason(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_broker(url)


def test_the_longest_topic_of_kafka_is_taken() -> None:
    check_broker("kafka://h/" + 249 * "x")


@pytest.mark.parametrize(
    ("url", "named"),
    [("mqtt://h/han/+", True), ("mqtts://h/han/#", True), ("mqtt://h/han", False), ("kafka://h/han", True)],
)
def test_messages_name_their_meter_where_the_topic_has_a_wildcard_and_always_in_kafka(url: str, named: bool) -> None:
    assert names_meters(Port(url, Meter("home"))) is named


def test_a_missing_library_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    monkeypatch.delitem(sys.modules, "hanlogger.sources.kafka", raising=False)
    with pytest.raises(ConfigError, match=r"confluent_kafka, which is not installed; install hanlogger\[kafka\]"):
        import_opener(Port("kafka://h/han", Meter("home")))


def test_a_password_is_read_from_its_file_at_each_attempt(tmp_path: Path) -> None:
    broker = Broker(password=SecretStr("other"), password_file=tmp_path / "password")
    with pytest.raises(NoBroker, match="password cannot be read: No such file"):
        broker.read_password()
    for text in ("first\n", "second"):
        (tmp_path / "password").write_text(text)
        assert broker.read_password() == text.strip()
    assert Broker(password=SecretStr("given")).read_password() == "given"
    assert "given" not in repr(Broker(password=SecretStr("given")))
