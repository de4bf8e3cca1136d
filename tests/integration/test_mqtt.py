"""A port with a real mosquitto behind it: nothing is acknowledged before it is recorded, and nothing comes for ever."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from select import select
from typing import Any

import pytest

from hanlogger.errors import SourceError
from hanlogger.journal import Journal
from hanlogger.model import Frame, Meter
from hanlogger.sources import Broker, Port, mqtt
from hanlogger.sources.mqtt import Mqtt
from tests.support.brokers import Device, Program, device, mosquitto
from tests.support.certificates import own_certificate
from tests.support.collecting import TOPIC, collecting, counts, locked, port, recorded, sent
from tests.support.ports import telegram
from tests.support.waiting import PATIENCE, until


@pytest.fixture
def broker(own_mosquitto: Program) -> Program:
    return own_mosquitto


@pytest.fixture
def meter(broker: Program) -> Iterator[Device]:
    with device(broker.port) as made:
        yield made


@contextmanager
def subscribed(read: Port, client_id: str) -> Iterator[Mqtt]:
    with closing(Mqtt(read.url, client_id, read.broker or Broker())) as source:
        yield source


def read_all(source: Mqtt, number: int) -> set[bytes]:
    """What comes, until it is so many different messages."""
    came = set[bytes]()
    while len(came) < number:
        came |= {one.data for one in source.read(1, number)}
    return came


def test_a_topic_level_names_the_meter_and_every_telegram_is_recorded_once(
    broker: Program, meter: Device, journal: Journal
) -> None:
    with collecting(journal, port(broker)) as collector:
        until(lambda: collector.state == "open")
        for number in range(20):
            meter.publish(f"han/flat{number % 3}/raw", telegram(number))
        until(lambda: recorded(journal).total() == 20)
        assert recorded(journal) == sum((sent(n, name=f"flat{n % 3}") for n in range(20)), Counter())
        assert {one.port.url for one in collector.meters} == {"via:flats"}
        assert not any(record.live for record in journal.records.read_frames())
        until(lambda: not len(collector.unacknowledged))
    with subscribed(port(broker), "hanlogger-hanlogger-flats") as source:
        assert not source.session_lost  # a stop keeps the session
        assert source.read(0.5, 10) == []  # and everything is acknowledged


def test_a_topic_without_wildcards_is_of_the_port_s_own_meter(broker: Program, meter: Device, journal: Journal) -> None:
    with collecting(journal, port(broker, "han/cellar")) as collector:
        until(lambda: collector.state == "open")
        meter.publish("han/cellar", telegram(0), b"online")
        until(lambda: recorded(journal) == sent(0, name="flats"))
        until(lambda: counts(journal) == {"frames": 1, "status": 1})
        assert [one.port.url for one in collector.meters] == [collector.port.url]


def test_whatever_is_sent_is_counted_and_acknowledged_and_comes_never_again(
    broker: Program, meter: Device, journal: Journal
) -> None:
    frame = telegram(0)
    poison = (
        frame[:-6] + b"0000\r\n", b'{"P":1}', b'{"state_topic":"x"}', b"online", b"", b"12.5", b"\xff" * 1_000_000,
        b"7EA" * 11, frame.hex().encode().hex().encode(), b"[" * 50_000,
    )  # fmt: skip
    topics = (
        "han/../raw",
        "han//raw",
        "han/å/raw",
        "han/%2e/raw",
        "han/a b/raw",
        "han/demo/raw",
        f"han/{'x' * 65}/raw",
    )
    with collecting(journal, port(broker), taken=["cabin"]) as collector:
        until(lambda: collector.state == "open")
        meter.publish("han/cellar/raw", *poison)
        for topic in (*topics, "han/cabin/raw"):
            meter.publish(topic, frame)
        meter.publish("han/bridge/raw", b"online")
        meter.publish("han/cellar/raw", frame)
        until(lambda: recorded(journal) == sent(0))
        until(lambda: not len(collector.unacknowledged))
        expected = {"json": 1, "discovery": 1, "status": 2, "empty": 1, "value": 1, "unnamed": 8}
        until(lambda: counts(journal) == expected)
        until(lambda: counts(journal, "cellar") == {"frames": 1, "checksum": 1, "length": 1, "no message": 3})
        assert {"..", "å", "cabin", "demo"} <= collector.roster.strangers.keys()
        assert collector.roster.meters.keys() == {"cellar"}  # a bridge that sends no telegram is none
        until(lambda: len(journal.damaged.list_all()) == 5)
        assert max(len(bad.data) for bad in journal.damaged.list_all()) < 60_000
    with subscribed(port(broker), "hanlogger-hanlogger-flats") as source:
        assert source.read(0.5, 10) == []


def test_what_has_come_before_a_broker_is_gone_is_handed_over(broker: Program, meter: Device) -> None:
    with subscribed(port(broker), "worker") as source:
        meter.publish("han/cellar/raw", telegram(0))
        line: Any = source._client.socket()
        select([line], [], [], PATIENCE)
        broker.kill()
        assert [one.data for one in source.read(5, 10)] == [telegram(0)]
        with pytest.raises(SourceError, match="is gone"):
            source.read(5, 10)


def test_a_message_that_is_larger_than_any_is_kept_back_by_the_broker_and_holds_up_none(
    broker: Program, meter: Device
) -> None:
    with subscribed(port(broker), "worker") as source:
        meter.publish("han/cellar/raw", bytes(mqtt.LARGEST + 1), telegram(0))
        assert [one.data for one in until(lambda: source.read(1, 10))] == [telegram(0)]


@pytest.mark.parametrize("back", [True, False])
def test_mosquitto_keeps_the_share_of_a_worker_that_is_away_for_it_alone_as_long_as_its_session_lasts(
    broker: Program, meter: Device, back: bool
) -> None:
    """So where workers share a topic of mosquitto, one that never comes back has lost what was dealt out to it."""
    shared = port(broker, "$share/workers/han/+/raw", session=60.0 if back else 1.0)
    with subscribed(shared, "one") as one, subscribed(shared, "other") as other:
        meter.publish("han/cellar/raw", *map(telegram, range(20)))
        came = read_all(other, 10)
        one.close()
        if not back:
            until(lambda: "Expiring client one" in broker.log, "its session ends")
        with subscribed(shared, "one") as again:
            assert again.session_lost is not back
            came |= read_all(again, 10 if back else 0)
            assert again.read(0.2, 20) == other.read(0.2, 20) == []
    assert len(came) == (20 if back else 10)


def test_nothing_is_acknowledged_while_the_journal_does_not_take_it_and_the_broker_is_left(
    broker: Program, meter: Device, journal: Journal
) -> None:
    with collecting(journal, port(broker, most=5), patience=0.3) as collector:
        until(lambda: collector.state == "open")
        with locked(journal.path):
            meter.publish("han/cellar/raw", *map(telegram, range(9)))
            until(lambda: collector.state == "waiting")
            assert "is left, and the broker keeps what comes: the journal does not take it" in collector.words
            assert recorded(journal).total() == 0
            assert len(collector.unacknowledged) <= 5
        until(lambda: recorded(journal).total() >= 9)
        until(lambda: collector.state == "open" and not len(collector.unacknowledged))
        assert recorded(journal) == sent(*range(9))  # what came once more is not recorded once more
        assert counts(journal)["handed over again"] >= 1
        meter.publish("han/cellar/raw", telegram(9))
        until(lambda: recorded(journal) == sent(*range(10)))


def test_an_acknowledgement_never_goes_out_by_another_connection_than_the_message_came_by(
    broker: Program, meter: Device
) -> None:
    short = port(broker, session=0.0)  # ends with the connection
    with subscribed(short, "worker") as before:
        meter.publish("han/cellar/raw", *map(telegram, range(3)))
        old = [*before.read(5, 1), *before.read(5, 2)]
        assert len(old) == 3
    kept = port(broker)
    with subscribed(kept, "worker") as now:
        assert now.session_lost
        meter.publish("han/cellar/raw", *map(telegram, range(3, 6)))
        new = [*now.read(5, 1), *now.read(5, 2)]
        assert {one.ticket.mid for one in old} == {one.ticket.mid for one in new}  # type: ignore[attr-defined]
        now.acknowledge(old)  # the numbers are those of other messages now
        with pytest.raises(SourceError):
            before.acknowledge(old)
    with subscribed(kept, "worker") as again:
        came = [*again.read(5, 1), *again.read(5, 2)]
        assert [one.data for one in came] == [telegram(number) for number in range(3, 6)]


def test_a_retained_telegram_is_recorded_once_and_is_no_sign_of_life(
    broker: Program, meter: Device, journal: Journal
) -> None:
    for number, topic in enumerate(("han/cellar/raw", "han/cellar/more")):
        meter.publish(topic, telegram(number), retain=True)
    shown = list[Frame]()
    for round_ in range(2):
        with collecting(journal, port(broker, "han/#"), on_frame=lambda _, frame: shown.append(frame)) as collector:
            until(lambda: collector.state == "open")
            until(lambda: recorded(journal) == sent(0, 1))
            until(lambda: not len(collector.unacknowledged))
            assert {one.silence.interval for one in collector.meters} == {None}
            assert len(shown) == round_
            meter.publish("han/barn/raw", telegram(1))
            until(lambda: ("barn", telegram(1).rstrip()) in recorded(journal))
            until(lambda: counts(journal)["retained"] == 2)
            until(lambda: len(shown) > round_)  # noqa: B023 done before the next
        journal.records.forget("barn")


def test_new_meters_are_taken_up_to_the_limit_and_the_rest_is_named(
    broker: Program, meter: Device, journal: Journal
) -> None:
    cabin = Port("via:flats", Meter("cabin", tags={"flat": "7"}))
    for _ in range(2):  # those that came before count, and are taken again
        with collecting(journal, port(broker, new_meters=2), named=[cabin]) as collector:
            until(lambda: collector.state == "open")
            for name in ("a", "b", "c", "cabin", "d"):
                meter.publish(f"han/{name}/raw", telegram(0))
            until(lambda: not len(collector.unacknowledged) and len(collector.roster.strangers) == 2)
            assert collector.roster.strangers == {"c": "beyond new_meters", "d": "beyond new_meters"}
            assert [one.port.meter.name for one in collector.meters] == ["cabin", "a", "b"]
    until(lambda: counts(journal)["beyond new_meters"] == 4)
    assert {name for name, _ in recorded(journal)} == {"a", "b", "cabin"}
    tags = {record.meter.name: record.meter.tags for record in journal.records.read_frames()}
    assert tags == {"a": {}, "b": {}, "cabin": {"flat": "7"}}


def test_only_meters_of_the_list_are_taken_where_there_is_one(broker: Program, meter: Device, journal: Journal) -> None:
    with collecting(journal, port(broker, meters=("a", "b"), new_meters=0)) as collector:
        until(lambda: collector.state == "open")
        for name in ("a", "b", "c"):
            meter.publish(f"han/{name}/raw", telegram(0))
        until(lambda: counts(journal).get("unlisted") == 1)
        until(lambda: {name for name, _ in recorded(journal)} == {"a", "b"})
        assert collector.roster.strangers == {"c": "unlisted"}


def test_a_session_that_the_broker_has_lost_is_said_loudly(
    tmp_path: Path, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    forgetful = mosquitto(tmp_path / "forgetful", {"persistence": "false"})
    with forgetful as broker, collecting(journal, port(broker)) as collector:
        until(lambda: collector.state == "open")
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
        broker.kill()
        until(lambda: collector.state == "waiting")
        broker.start()
        until(lambda: collector.state == "open")
        until(lambda: counts(journal).get("sessions lost") == 1)
    (said,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert "the broker does not know the session of hanlogger-hanlogger-flats any more" in said


def test_the_client_id_stays_when_the_logger_gets_another_name(broker: Program, journal: Journal) -> None:
    for name in ("cellar", "attic"):
        with collecting(journal, port(broker), logger=name) as collector:
            until(lambda: collector.state == "open")
    assert "hanlogger-cellar-flats" in broker.log
    assert "attic" not in broker.log


@pytest.mark.parametrize(
    ("topic", "wake", "asked"),
    [("$share/workers/han/+/raw", 0.2, True), ("$share/workers/han/+/raw", 60, False), (TOPIC, 0.2, False)],
)
def test_only_a_topic_that_is_shared_and_silent_is_asked_for_again_and_not_all_the_time(
    topic: str, wake: float, asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "WAKE", wake)
    with (
        mosquitto(tmp_path / "broker", None, "log_type all") as broker,
        subscribed(port(broker, topic), "worker") as source,
        device(broker.port) as meter,
    ):
        begun = time.monotonic()
        for _ in range(100):
            assert source.read(0.005, 1) == []
        meter.publish("han/cellar/raw", telegram(0))
        assert [one.data for one in until(lambda: source.read(0.1, 1))] == [telegram(0)]
        again = broker.log.count("Received SUBSCRIBE from worker") - 1
        most = (time.monotonic() - begun) / wake + 1
        assert (0 < again <= most) if asked else again == 0


def test_devices_with_one_client_id_that_throw_each_other_out_are_told_where_their_states_are_read(
    broker: Program, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    with collecting(journal, port(broker, "han/#")) as collector, ExitStack() as devices:
        until(lambda: collector.state == "open")
        for _ in range(6):  # the first five of them are thrown out
            devices.enter_context(device(broker.port, "HANMeter", "han/cellar/status"))
        until(lambda: counts(journal) == {"status": 5, "flapping": 1})
        assert not collector.roster.meters
    assert "the device of han/cellar/status was lost 5 times in ten minutes" in caplog.text


def test_two_loggers_with_one_client_id_are_told(broker: Program, journal: Journal) -> None:
    with collecting(journal, port(broker, client_id="twin")) as collector:
        until(lambda: collector.state == "open")
        with subscribed(port(broker), "twin"):
            until(lambda: collector.state == "waiting")
            assert "another client may have the id twin too: give each a broker.client_id of its own" in collector.words


@pytest.mark.parametrize("kept", [True, False])
def test_what_devices_send_without_qos_while_the_logger_is_away_waits_with_two_settings_of_mosquitto_only(
    tmp_path: Path, journal: Journal, kept: bool
) -> None:
    changes = dict.fromkeys(("upgrade_outgoing_qos", "queue_qos0_messages"), "true" if kept else "false")
    with mosquitto(tmp_path / "settings", changes) as broker, device(broker.port) as meter:
        with collecting(journal, port(broker)) as collector:
            until(lambda: collector.state == "open")
            meter.publish("han/cellar/raw", telegram(0), qos=0)
            until(lambda: recorded(journal) == sent(0))
        meter.publish("han/cellar/raw", telegram(1), qos=0)
        meter.publish("han/cellar/raw", telegram(2), qos=1)
        with collecting(journal, port(broker)):
            until(lambda: ("cellar", telegram(2).rstrip()) in recorded(journal))
        assert recorded(journal) == (sent(0, 1, 2) if kept else sent(0, 2))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves its socket open then
def test_tls_and_a_password_let_in_and_each_refusal_says_why(tmp_path: Path, journal: Journal) -> None:
    certificate = own_certificate(tmp_path / "certificate.pem")
    passwords = tmp_path / "passwords"
    passwords.write_text("flats:$7$101$aaaaaaaaaaaaaaaa$wrong==\n")
    lines = (f"certfile {certificate}", f"keyfile {certificate}", f"password_file {passwords}")
    other = own_certificate(tmp_path / "other.pem")
    with mosquitto(tmp_path / "secured", {"allow_anonymous": "false"}, *lines) as broker:
        plain = port(broker, user="flats")
        secured = replace(plain, url=plain.url.replace("mqtt:", "mqtts:"))

        def words(read: Port, **settings: object) -> str:
            changed = replace(read.broker or Broker(), **settings)  # type: ignore[arg-type]
            with pytest.raises(SourceError) as error:
                Mqtt(read.url, "worker", changed).close()
            return str(error.value)

        assert "shows a certificate that is not trusted" in words(secured)
        assert "shows a certificate that is not trusted" in words(secured, ca_file=other)
        assert "a certificate file cannot be used" in words(secured, ca_file=tmp_path / "missing")
        refused = words(secured, ca_file=certificate)
        assert "the broker refuses the connection: Not authorized; set broker.user and broker.password_file" in refused
        assert "cannot be read" in words(secured, ca_file=certificate, password_file=tmp_path / "missing")


def test_a_broker_that_is_not_there_or_is_none_is_told_and_tried_again(
    tmp_path: Path, journal: Journal, broker: Program
) -> None:
    with collecting(journal, port(broker)) as collector:
        until(lambda: collector.state == "open")
        broker.kill()
        until(lambda: collector.state == "waiting")
        assert "is gone" in collector.words or "does not answer" in collector.words
        assert {one.state for one in collector.meters} <= {"waiting"}
        until(lambda: "does not answer: Connection refused" in collector.words)
        broker.start()
        until(lambda: collector.state == "open" and not collector.words)
