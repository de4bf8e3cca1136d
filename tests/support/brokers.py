"""Real brokers for tests: a mosquitto, a HiveMQ CE and a Kafka, each by what can be had, started on the loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.certificates import own_certificate
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hanlogger-servers"

MOSQUITTO = {
    "persistence": "true",
    "autosave_on_changes": "true",
    "autosave_interval": "200",
    "max_queued_messages": "100000",
    "max_inflight_messages": "100",
    "upgrade_outgoing_qos": "true",
    "queue_qos0_messages": "true",
    "persistent_client_expiration": "14d",
    "allow_anonymous": "true",
}
"""Settings of a mosquitto for a fleet (docs/connect.md)."""

HIVEMQ = """<?xml version="1.0"?>
<hivemq>
  <listeners><tcp-listener><port>{port}</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
  <mqtt><queued-messages><max-queue-size>100000</max-queue-size></queued-messages></mqtt>
  <persistence><mode>file</mode></persistence>
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
"""

SMALL_JAVA = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true")
OPENED = tuple(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.lang", "java.nio", "sun.nio.ch"))


def find_mosquitto() -> str:
    """The program, by HANLOGGER_TEST_MOSQUITTO, the PATH, or the cache of servers; "" for none."""
    cached = CACHE / "debian-mosquitto" / "bin" / "mosquitto"
    found = os.environ.get("HANLOGGER_TEST_MOSQUITTO") or shutil.which("mosquitto")
    return found or (str(cached) if cached.exists() else "")


def find_java_server(variable: str, folders: str) -> str:
    """The folder of a server's JAR files, by a variable or the cache of servers; "" for none, or without a Java."""
    if shutil.which("java") is None:
        return ""
    cached = next((str(folder) for folder in sorted(CACHE.glob(folders), reverse=True)), "")
    return os.environ.get(variable) or cached


def find_hivemq() -> str:
    """The folder with broker/broker.jar and jars/; "" for none."""
    return find_java_server("HANLOGGER_TEST_HIVEMQ", "hivemq-*")


def find_kafka() -> str:
    """The folder of Kafka's JAR files; "" for none."""
    return find_java_server("HANLOGGER_TEST_KAFKA", "kafka-*/jars")


@dataclass
class Program:
    """A server in a process of its own, on one port, which a test may kill and start again with its data."""

    folder: Path
    port: int
    command: list[str]
    ready: str = ""  # what its log says when it can be used; "": when the port answers
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def start(self) -> None:
        self.launch()
        self.wait_until_up()

    def launch(self) -> None:
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )

    def wait_until_up(self) -> None:
        until(self._is_up, f"{self.command[0]} is up")

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended: {self.log[-2000:]}"
        return self.ready in self.log if self.ready else answers(self.port)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def stop(self) -> None:
        self.signal(signal.SIGTERM)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


@contextmanager
def running(*programs: Program) -> Iterator[Program]:
    """Start programs at once, as each may wait for the others; yield the first."""
    try:
        for program in programs:
            program.folder.mkdir(parents=True, exist_ok=True)
            program.launch()
        for program in programs:
            program.wait_until_up()
        yield programs[0]
    finally:
        for program in programs:
            if program.process is not None and program.process.poll() is None:
                program.kill()


@contextmanager
def mosquitto(folder: Path, changes: Mapping[str, str] | None = None, *lines: str) -> Iterator[Program]:
    """A mosquitto on a free port. changes: settings other than those of MOSQUITTO. lines: more of its file."""
    binary = find_mosquitto()
    if not binary:
        pytest.skip("no mosquitto: HANLOGGER_TEST_MOSQUITTO is not set, and none is on the PATH or in the cache")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"user": "root", **MOSQUITTO, **(changes or {})}
    text = [f"persistence_location {folder}/", *(f"{key} {value}" for key, value in settings.items())]
    text += [f"listener {port} 127.0.0.1", *lines, ""]
    (folder / "mosquitto.conf").write_text("\n".join(text))
    with running(Program(folder, port, [binary, "-c", str(folder / "mosquitto.conf")])) as program:
        yield program


@contextmanager
def hivemq(folder: Path) -> Iterator[Program]:
    """A HiveMQ CE on a free port; it tells clients to have at most ten messages in flight."""
    home = find_hivemq()
    if not home:
        pytest.skip("no HiveMQ: HANLOGGER_TEST_HIVEMQ is not set, none is in the cache, or there is no java")
    port = free_port()
    for name in ("conf", "data", "extensions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "config.xml").write_text(HIVEMQ.format(port=port))
    classes = f"{home}/broker/broker.jar:{home}/jars/*"
    with running(Program(folder, port, ["java", *SMALL_JAVA, *OPENED, "-cp", classes, "Broker", str(folder)])) as made:
        yield made


class Device:
    """A client that publishes, and knows what the broker has taken. status: where the broker says that it is lost."""

    def __init__(self, port: int, client_id: str = "device", status: str = "") -> None:
        self.client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, reconnect_on_failure=not status)
        if status:
            self.client.will_set(status, b"offline")
        self.client.max_inflight_messages_set(10)  # HiveMQ allows no more
        connected = threading.Event()
        self.client.on_connect = lambda *_: connected.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert connected.wait(PATIENCE)

    def publish(self, topic: str, *data: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish, and return when the broker has acknowledged all of it."""
        for info in [self.client.publish(topic, one, qos, retain) for one in data]:
            info.wait_for_publish(PATIENCE)

    def publish_all(self, messages: Iterable[tuple[str, bytes]], qos: int = 1) -> None:
        """Publish under several topics, and return when the broker has acknowledged all of it."""
        for info in [self.client.publish(topic, data, qos) for topic, data in messages]:
            info.wait_for_publish(PATIENCE)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        self.client._reset_sockets()  # else they are closed by the garbage collector, which tests take for a fault


@contextmanager
def device(port: int, client_id: str = "device", status: str = "") -> Iterator[Device]:
    made = Device(port, client_id, status)
    try:
        yield made
    finally:
        made.close()


KAFKA = """process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},{secured}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},{secured}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config={plain} required user_flats="right";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={scram} required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={scram} required;
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=3
offsets.topic.replication.factor={nodes}
min.insync.replicas={synced}
unclean.leader.election.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=6000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1000
log.cleaner.dedupe.buffer.size=4194304
"""
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass
class KafkaNode(Program):
    """A node of a Kafka, with a door that wants TLS and the password `right` of the user `flats`."""

    secured: int = 0  # the port of that door
    certificate: Path = Path()  # of the node, and what its clients must trust


def _make_kafka(folder: Path, nodes: int, lines: Iterable[str]) -> list[KafkaNode]:
    """Write the settings of each node, and make its disk ready."""
    jars = find_kafka()
    if not jars:
        pytest.skip("no Kafka: HANLOGGER_TEST_KAFKA is not set, none is in the cache, or there is no java")
    controllers = [free_port() for _ in range(nodes)]
    voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in enumerate(controllers))
    made = []
    for node, controller in enumerate(controllers):
        home, port, secured = folder / f"node{node}", free_port(), free_port()
        home.mkdir(parents=True)
        certificate, properties = own_certificate(home / "server.pem"), home / "server.properties"
        text = KAFKA.format(
            node=node, nodes=nodes, voters=voters, synced=nodes // 2 + 1, port=port, controller=controller,
            secured=f"SASL_SSL://127.0.0.1:{secured}", certificate=certificate, plain=PLAIN, scram=SCRAM,
            folder=home,
        )  # fmt: skip
        properties.write_text("\n".join((text, *lines, "")))
        java = ["java", *SMALL_JAVA, f"-Dkafka.logs.dir={home}", "-cp", f"{jars}/*"]
        ready = ("kafka.tools.StorageTool", "format", "--cluster-id", "aGFubG9nZ2VydGVzdHMhIQ", "--config")
        subprocess.run([*java, *ready, str(properties)], check=True, capture_output=True)
        command = [*java, "kafka.Kafka", str(properties)]
        made.append(KafkaNode(home, port, command, "Kafka Server started", secured=secured, certificate=certificate))
    return made


@contextmanager
def kafka(folder: Path, *lines: str) -> Iterator[KafkaNode]:
    """A Kafka of one node on a free port. lines: more of its properties."""
    (node,) = _make_kafka(folder, 1, lines)
    with running(node):
        yield node


@contextmanager
def kafka_of_three(folder: Path) -> Iterator[list[KafkaNode]]:
    """A Kafka of three nodes, of which any may be away."""
    nodes = _make_kafka(folder, 3, ())
    with running(*nodes):
        yield nodes


class Producer:
    """A client of Kafka that makes topics, and publishes messages that are acknowledged by every broker."""

    def __init__(self, *ports: int) -> None:
        from confluent_kafka import Producer as Client
        from confluent_kafka.admin import AdminClient

        settings = {"bootstrap.servers": ",".join(f"127.0.0.1:{port}" for port in ports), "log_level": 0}
        self._admin, self._client = AdminClient(settings), Client({**settings, "acks": "all"})

    def make_topic(self, name: str, partitions: int = 3, replicas: int = 1) -> None:
        from confluent_kafka.admin import NewTopic

        for made in self._admin.create_topics([NewTopic(name, partitions, replicas)]).values():
            made.result(PATIENCE)

    def make_user(self, name: str, password: str, sasl: str) -> None:
        """Let a user in by SCRAM, soon after this returns."""
        from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

        kind = ScramCredentialInfo(ScramMechanism[sasl.replace("-", "_")], 4096)
        wanted = UserScramCredentialUpsertion(name, kind, password.encode())
        for made in self._admin.alter_user_scram_credentials([wanted]).values():
            made.result(PATIENCE)

    def publish(self, topic: str, messages: Iterable[tuple[str | bytes | None, bytes]]) -> None:
        """Publish messages, each with its key, and return when they are taken."""
        for key, data in messages:
            self._client.produce(topic, data, key)
        assert self._client.flush(PATIENCE) == 0
