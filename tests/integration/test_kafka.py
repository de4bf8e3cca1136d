"""A port with a real Kafka behind it: a group reads on from the first message that is not acknowledged."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from hanlogger.errors import SourceError
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.sources import Broker, Envelope, Port
from tests.support.brokers import KafkaNode, Producer, kafka
from tests.support.certificates import own_certificate
from tests.support.collecting import collecting, counts, locked, recorded, sent
from tests.support.ports import telegram
from tests.support.waiting import until

pytest.importorskip("confluent_kafka", reason="no confluent-kafka: the extra hanlogger[kafka] is not installed")

from confluent_kafka import KafkaError

from hanlogger.sources.kafka import Kafka

pytestmark = pytest.mark.xdist_group("kafka")


@pytest.fixture
def broker(shared_kafka: KafkaNode) -> KafkaNode:
    return shared_kafka


@pytest.fixture
def topic(broker: KafkaNode, request: pytest.FixtureRequest) -> str:
    name = re.sub(r"[^\w.-]", "-", str(request.node.name))[:200]
    producer(broker).make_topic(name)
    return name


def producer(broker: KafkaNode) -> Producer:
    return Producer(broker.port)


def port(broker: KafkaNode, topic: str, **settings: object) -> Port:
    given = Broker(**{"group": topic, **settings})  # type: ignore[arg-type]
    return Port(f"kafka://127.0.0.1:{broker.port}/{topic}", Meter("flats"), broker=given)


def read_all(read: Port, number: int, *, acknowledge: int = 0) -> list[Envelope]:
    """Read some messages as a member of the group, and acknowledge the first of them."""
    found = list[Envelope]()
    with closing(Kafka(read.url, "other", read.broker or Broker())) as source:
        while len(found) < number:
            found += source.read(0.2, 100)
        source.acknowledge(found[:acknowledge])
    return found


def test_the_key_names_the_meter_and_every_telegram_is_recorded_once(
    broker: KafkaNode, topic: str, journal: Journal
) -> None:
    messages = [(f"flat{number % 5}", telegram(number)) for number in range(30)]
    producer(broker).publish(topic, messages)
    with collecting(journal, port(broker, topic)) as collector:
        until(lambda: recorded(journal).total() == 30)
        until(lambda: not len(collector.unacknowledged))
    expected: Counter[tuple[str, bytes]] = Counter((key, data.rstrip()) for key, data in messages)
    assert recorded(journal) == expected
    producer(broker).publish(topic, [("flat0", telegram(30))])
    assert [one.data for one in read_all(port(broker, topic), 1)] == [telegram(30)]  # the rest is acknowledged


def test_what_is_no_telegram_is_counted_and_passed_over(broker: KafkaNode, topic: str, journal: Journal) -> None:
    nameless: list[tuple[str | bytes | None, bytes]] = [(key, telegram(0)) for key in (None, "", "a b", "..", b"\xff")]
    poison = [*nameless, *(("cellar", data) for data in (b"{}", b"", b"\xff\xfe"))]
    producer(broker).publish(topic, [*poison, ("cellar", telegram(0))])
    with collecting(journal, port(broker, topic)) as collector:
        until(lambda: recorded(journal) == sent(0))
        until(lambda: counts(journal) == {"unnamed": 5, "json": 1, "empty": 1})
        until(lambda: counts(journal, "cellar") == {"frames": 1, "no message": 1})
        until(lambda: not len(collector.unacknowledged))


def test_nothing_is_acknowledged_while_the_journal_takes_nothing_and_another_worker_gets_it(
    broker: KafkaNode, topic: str, journal: Journal, tmp_path: Path
) -> None:
    with collecting(journal, port(broker, topic), patience=0.3) as stuck, Journal.open(tmp_path / "second") as second:
        until(lambda: stuck.state == "open")
        with locked(journal.path):
            producer(broker).publish(topic, [("cellar", telegram(number)) for number in range(9)])
            until(lambda: stuck.state == "waiting" and "the journal does not take it" in stuck.words)
            with collecting(second, port(broker, topic)) as other:
                until(lambda: recorded(second) == sent(*range(9)))
                until(lambda: not len(other.unacknowledged))
        until(lambda: stuck.state == "open")


def test_only_what_is_acknowledged_without_a_gap_is_not_read_again(broker: KafkaNode, topic: str) -> None:
    read = port(broker, topic)
    producer(broker).publish(topic, [("cellar", telegram(number)) for number in range(6)])  # one key, one partition
    with closing(Kafka(read.url, "first", read.broker or Broker())) as source:
        found = list[Envelope]()
        while len(found) < 6:
            found += source.read(0.2, 100)
        source.acknowledge([found[0], found[1], found[3]])
    assert [one.data for one in read_all(read, 4)] == [telegram(number) for number in range(2, 6)]


def test_messages_of_an_earlier_connection_are_not_acknowledged_by_the_next(broker: KafkaNode, topic: str) -> None:
    read = port(broker, topic)
    producer(broker).publish(topic, [("cellar", telegram(number)) for number in range(3)])
    old = read_all(read, 3)
    with closing(Kafka(read.url, "second", read.broker or Broker())) as source:
        source.acknowledge(old)
    assert len(read_all(read, 3)) == 3


def test_a_group_of_the_classic_protocol_is_joined_where_the_broker_has_no_other(
    tmp_path: Path, journal: Journal
) -> None:
    with kafka(tmp_path / "old", "group.coordinator.rebalance.protocols=classic") as broker:
        producer(broker).make_topic("han")
        producer(broker).publish("han", [("cellar", telegram(0))])
        with collecting(journal, port(broker, "han")) as collector:
            until(lambda: recorded(journal) == sent(0))
            until(lambda: not len(collector.unacknowledged))


def test_the_protocol_that_every_broker_has_is_taken_however_it_is_said_that_the_new_one_is_missing(
    broker: KafkaNode, topic: str
) -> None:
    """A busy librdkafka says it by an error of its own code, without the mark that it is fatal."""
    read = port(broker, topic)
    producer(broker).publish(topic, [("cellar", telegram(0))])
    with closing(Kafka(read.url, "id", read.broker or Broker())) as source:
        before = source._errors
        before.append(KafkaError(KafkaError._FATAL))
        until(lambda: source.read(0.2, 1) or source._classic)
        before.append(KafkaError(KafkaError._FATAL))  # the last word of the consumer that was closed
        assert [one.data for one in until(lambda: source.read(0.2, 1))] == [telegram(0)]
        source._errors.append(KafkaError(KafkaError._FATAL))
        with pytest.raises(SourceError, match="is gone"):
            source.read(0.2, 1)


def test_a_missing_topic_is_said_as_such(broker: KafkaNode) -> None:
    with pytest.raises(SourceError, match=r"there is no topic missing to read: .*Unknown topic or partition"):
        read_all(port(broker, "missing"), 1)


def test_a_broker_that_is_not_there_is_said_with_its_reason() -> None:
    with pytest.raises(SourceError, match=r"does not let us in, or does not answer: .*[Cc]onn"):
        Kafka("kafka://127.0.0.1:1/han", "id", Broker())


@pytest.mark.parametrize("sasl", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_user_of_scram_is_let_in_and_one_with_another_password_is_told(
    broker: KafkaNode, topic: str, sasl: str
) -> None:
    producer(broker).make_user(sasl.lower(), "right", sasl)
    producer(broker).publish(topic, [("cellar", telegram(1))])
    url = f"kafkas://127.0.0.1:{broker.secured}/{topic}"
    wrong = Broker(user=sasl.lower(), password=SecretStr("wrong"), ca_file=broker.certificate, sasl=sasl, group=topic)
    read = Port(url, Meter("flats"), broker=replace(wrong, password=SecretStr("right")))

    def is_let_in() -> bool:
        with suppress(SourceError):
            return [one.name for one in read_all(read, 1)] == ["cellar"]
        return False

    until(is_let_in, "the new user is let in")
    with pytest.raises(SourceError, match=rf"does not let us in.* invalid credentials with SASL mechanism {sasl}"):
        Kafka(url, "id", wrong)


def test_the_reason_of_a_refusal_is_said_and_not_a_transport_failure(
    broker: KafkaNode, topic: str, tmp_path: Path
) -> None:
    url = f"kafkas://127.0.0.1:{broker.secured}/{topic}"
    password = tmp_path / "password"
    password.write_text("right")
    Kafka(url, "id", Broker(user="flats", password_file=password, ca_file=broker.certificate)).close()
    password.write_text("wrong")
    with pytest.raises(SourceError, match=r"[Aa]uthentication"):
        Kafka(url, "id", Broker(user="flats", password_file=password, ca_file=broker.certificate))
    other = own_certificate(tmp_path / "other.pem")
    with pytest.raises(SourceError, match="certificate verify failed"):
        Kafka(url, "id", Broker(user="flats", password_file=password, ca_file=other))
