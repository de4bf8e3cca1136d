"""`simulate --meters`: many houses at once, to a broker or to TCP ports."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections import Counter
from contextlib import closing
from hashlib import pbkdf2_hmac
from pathlib import Path

import pytest

from hanlogger.recordings.replay.fleet import MqttFleet
from hanlogger.sources import Broker, Envelope
from hanlogger.sources.mqtt import Mqtt
from tests.support.brokers import KafkaNode, Producer, Program, answers, mosquitto
from tests.support.certificates import own_certificate
from tests.support.logger import call, command, playing
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

FAST = ("--seconds", "30", "--speed", "0")


@pytest.mark.parametrize(
    "broker", ["own_mosquitto", pytest.param("shared_hivemq", marks=pytest.mark.xdist_group("hivemq"))]
)
def test_every_house_publishes_under_its_own_name_within_the_limits_of_the_broker(
    broker: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"mqtt://127.0.0.1:{request.getfixturevalue(broker).port}/houses/+/raw"
    with closing(Mqtt(url, "reader", Broker(most=1000))) as source:
        done = command(tmp_path, "simulate", "--meters", "50", "--to", url, *FAST)
        assert (done.returncode, done.stderr.count("\n")) == (0, 2), done.stderr
        came = list[Envelope]()
        while len(came) < 150:
            new = source.read(1, 1000)
            source.acknowledge(new)
            came += new
    assert Counter(one.name for one in came) == {f"flat{number}": 3 for number in range(1, 51)}
    assert len({one.data for one in came}) == 150  # each house is another


def test_messages_for_a_broker_that_is_away_wait_until_it_is_back(own_mosquitto: Program) -> None:
    out = MqttFleet(f"mqtt://127.0.0.1:{own_mosquitto.port}/houses/+/raw", Broker())
    stop, sent = threading.Event(), list[int]()

    def send() -> None:
        for number in range(150):  # more than may be in flight
            out.send("flat1", b"telegram", stop)
            sent.append(number)

    own_mosquitto.stop()
    sender = threading.Thread(target=send)
    sender.start()
    own_mosquitto.start()
    sender.join(PATIENCE)
    assert len(sent) == 150
    out.close()


def hash_password(password: str) -> str:
    """A password as a mosquitto keeps it: PBKDF2 with SHA-512."""
    salt = b"twelve bytes"
    parts = (salt, pbkdf2_hmac("sha512", password.encode(), salt, 101))
    return "$7$101$" + "$".join(b64encode(part).decode() for part in parts)


def test_a_broker_with_users_and_tls_lets_in_who_has_the_password_and_says_why_it_refuses(tmp_path: Path) -> None:
    certificate, passwords, right, wrong = (tmp_path / name for name in ("server.pem", "users", "right", "wrong"))
    own_certificate(certificate)
    passwords.write_text(f"houses:{hash_password('right')}\n")
    right.write_text("right\n")
    wrong.write_text("wrong\n")
    lines = (f"certfile {certificate}", f"keyfile {certificate}", f"password_file {passwords}")
    with mosquitto(tmp_path / "broker", {"allow_anonymous": "false"}, *lines) as broker:
        url = f"mqtts://127.0.0.1:{broker.port}/houses/+/raw"

        def play(*options: object) -> str:
            done = command(tmp_path, "simulate", "--meters", "2", "--to", url, *FAST, *map(str, options))
            assert "Traceback" not in done.stderr
            return done.stderr

        trusted, login = ("--ca-file", certificate), ("--user", "houses", "--password-file")
        assert "sent 6 messages" in play(*trusted, *login, right)
        assert "does not let us in: Not authorized: give --user and --password-file" in play(*trusted, *login, wrong)
        assert "does not let us in: Not authorized" in play(*trusted)
        assert "shows a certificate that is not trusted" in play(*login, right)
        assert f"the password file {tmp_path}/none cannot be read" in play(*trusted, *login, tmp_path / "none")


def test_a_login_without_a_broker_is_refused_and_a_mechanism_that_does_not_exist(tmp_path: Path) -> None:
    for options, words in (
        (
            ("--tcp", "127.0.0.1:0", "--user", "houses"),
            "--user, --password-file, --ca-file and --sasl: allowed with --",
        ),
        (("--to", "kafka://host/topic", "--sasl", "SCRAM"), "--sasl SCRAM: allowed are PLAIN, SCRAM-SHA-256, SCRAM-"),
    ):
        done = command(tmp_path, "simulate", *options, *FAST)
        assert done.returncode == 2
        assert words in done.stderr


@pytest.mark.xdist_group("kafka")
def test_a_kafka_with_users_lets_in_who_has_the_password_and_says_why_it_refuses(
    shared_kafka: KafkaNode, tmp_path: Path
) -> None:
    pytest.importorskip("confluent_kafka", reason="no confluent-kafka: the extra hanlogger[kafka] is not installed")
    maker = Producer(shared_kafka.port)
    maker.make_topic("guarded")
    maker.make_user("houses", "right", "SCRAM-SHA-512")
    url = f"kafkas://127.0.0.1:{shared_kafka.secured}/guarded"
    options = ("--user", "houses", "--sasl", "SCRAM-SHA-512", "--ca-file", str(shared_kafka.certificate))

    def play(password: str) -> tuple[int, str]:
        (tmp_path / "password").write_text(password)
        login = (*options, "--password-file", str(tmp_path / "password"))
        done = command(tmp_path, "simulate", "--meters", "2", "--to", url, *FAST, *login)
        return done.returncode, done.stderr

    until(lambda: play("right")[0] == 0, "the new user is let in")
    code, words = play("wrong")
    assert code == 2
    assert "does not take the last 6" in words
    assert "invalid credentials" in words


@pytest.mark.xdist_group("kafka")
def test_a_topic_of_kafka_gets_each_house_by_its_key(shared_kafka: KafkaNode, tmp_path: Path) -> None:
    pytest.importorskip("confluent_kafka", reason="no confluent-kafka: the extra hanlogger[kafka] is not installed")
    from hanlogger.sources.kafka import Kafka

    Producer(shared_kafka.port).make_topic("houses")
    url = f"kafka://127.0.0.1:{shared_kafka.port}/houses"
    assert command(tmp_path, "simulate", "--meters", "5", "--to", url, *FAST).returncode == 0
    came = list[Envelope]()
    with closing(Kafka(url, "reader", Broker(group="houses"))) as source:
        while len(came) < 15:
            came += source.read(1, 100)
    assert Counter(one.name for one in came) == {f"flat{number}": 3 for number in range(1, 6)}


def test_each_house_has_a_tcp_port_of_its_own(tmp_path: Path) -> None:
    first = free_port()
    arguments = ("--meters", "2", "--tcp", f"127.0.0.1:{first}", "--every", "0.1")
    with playing("simulate", tmp_path, *arguments):
        for port in (first, first + 1):
            until(lambda: answers(port))  # noqa: B023 done before the next
            with socket.create_connection(("127.0.0.1", port)) as line:
                assert line.recv(100)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--meters", "2"), "neither --to nor --tcp: allowed with --meters"),
        (("--to", "http://x/y"), "--to http://x/y: allowed with --meters"),
        (("--meters", "2", "--to", "mqtt://h/han", "--tcp", "h:1"), "both --to and --tcp"),
        (("--meters", "2", "--to", "mqtt://h/han"), "a topic with a +, for the name of each"),
        (("--meters", "2", "--pty", "x"), "--pty and --file are for one meter"),
        (("--to", "mqtt://127.0.0.1:1/han"), "does not answer: Connection refused"),
        (("--to", "mqtt://h:x/han"), "its port is no number"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = call(tmp_path, "simulate", *arguments, "--seconds", "1")
    assert done.returncode == 2
    assert words in done.stderr
