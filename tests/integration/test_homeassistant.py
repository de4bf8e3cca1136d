"""Home Assistant is told of the meters through real brokers, and its own schema takes what it is told."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from hanlogger.homeassistant.connection import Connection
from hanlogger.homeassistant.devices import Devices
from hanlogger.homeassistant.messages import Topics
from hanlogger.homeassistant.publisher import Publisher
from hanlogger.homeassistant.target import HomeAssistant
from hanlogger.mqtt.login import BrokerAddress, Login, NoBroker
from hanlogger.simulate import DIALECTS
from tests.support.brokers import CACHE, Program, device, mosquitto
from tests.support.certificates import own_certificate, signed_certificate
from tests.support.doctoring import now_telegram
from tests.support.houses import meter, state
from tests.support.logger import logger
from tests.support.ports import bridge
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

TOPICS = Topics("homeassistant", "cellar")
CONFIG = TOPICS.name_config("home")
HASS = Path(os.environ.get("HANLOGGER_TEST_HOMEASSISTANT", CACHE / "homeassistant" / "bin" / "python"))


class Listener:
    """A client that keeps what it hears, as Home Assistant would."""

    def __init__(self, port: int, topic: str = "#") -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, f"listener-{id(self)}", protocol=MQTTv5)
        subscribed = threading.Event()
        self._client.on_message = lambda _c, _d, message: self.heard.append(
            (message.topic, bytes(message.payload), message.retain)
        )
        self._client.on_subscribe = lambda *_: subscribed.set()
        connected = threading.Event()
        self._client.on_connect = lambda *_: connected.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert connected.wait(PATIENCE)
        self._client.subscribe(topic, qos=1)
        assert subscribed.wait(PATIENCE)

    def last(self, topic: str) -> bytes | None:
        return next((payload for heard, payload, _ in reversed(self.heard) if heard == topic), None)

    def retained(self) -> set[str]:
        return {topic for topic, _, retained in self.heard if retained}

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def listening(port: int, topic: str = "#") -> Iterator[Listener]:
    listener = Listener(port, topic)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def publishing(port: int, name: str = "cellar", **more: Any) -> Iterator[Publisher]:
    stop = threading.Event()
    publisher = Publisher(HomeAssistant(f"mqtt://127.0.0.1:{port}", **more), name, stop, settle=0.2)
    publisher.start()
    try:
        yield publisher
    finally:
        stop.set()
        publisher.join(PATIENCE)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Program]:
    with mosquitto(tmp_path / "mosquitto") as running:
        yield running


def now_state(*names: str) -> Any:
    at = datetime.now(UTC)
    return state(*(meter(name=name, at=at) for name in names or ("home",)), at=at)


def test_the_real_program_tells_a_real_broker_and_says_goodbye(tmp_path: Path, broker: Program) -> None:
    ended = threading.Event()

    def serve(connection: Any) -> None:
        while not ended.wait(0.1):
            connection.sendall(now_telegram())

    with ExitStack() as stack:
        heard = stack.enter_context(listening(broker.port))
        port = stack.enter_context(bridge(serve))
        stack.callback(ended.set)
        environ = {"HANLOGGER_HOMEASSISTANT_BROKER": f"mqtt://127.0.0.1:{broker.port}", "HANLOGGER_LOGGER": "cellar"}
        running = stack.enter_context(logger(tmp_path, "--port", port.url, environ=environ))
        first = json.loads(until(lambda: heard.last("hanlogger/cellar/home/state"), "a state comes") or "")
        config = json.loads(until(lambda: heard.last(CONFIG), "a device comes") or "")
        assert first.keys() <= config["cmps"].keys()
        assert heard.last("hanlogger/cellar/status") == heard.last("hanlogger/cellar/home/status") == b"online"
        until(lambda: running.state and running.state.home_assistant and not running.state.home_assistant.words)
        assert running.stop() == 0
        until(lambda: heard.last("hanlogger/cellar/status") == b"offline", "it says goodbye")
    with listening(broker.port) as later:
        until(lambda: CONFIG in later.retained(), "the device is kept")
        assert "hanlogger/cellar/home/state" not in later.retained()


def test_the_last_will_says_that_a_killed_logger_is_offline(tmp_path: Path, broker: Program) -> None:
    environ = {
        "HANLOGGER_HOMEASSISTANT_BROKER": f"mqtt://127.0.0.1:{broker.port}",
        "HANLOGGER_HOMEASSISTANT_DEMO": "true",
        "HANLOGGER_LOGGER": "cellar",
    }
    with listening(broker.port) as heard, logger(tmp_path, "--port", "demo:", environ=environ) as running:
        until(lambda: heard.last("hanlogger/cellar/status") == b"online", "it is online")
        running.process.kill()
        until(lambda: heard.last("hanlogger/cellar/status") == b"offline", "its last will is told")


def test_a_broker_that_is_away_is_said_and_nothing_waits_for_it(tmp_path: Path, broker: Program) -> None:
    with publishing(broker.port) as publisher:
        publisher.update(now_state())
        until(lambda: publisher.report().published >= 4, "it is told")
        broker.kill()
        until(lambda: publisher.report().words, "it notices")
        for _ in range(50):
            publisher.update(now_state())
        told = publisher.report().published
        broker.start()
        with listening(broker.port) as heard:
            publisher.update(now_state())
            until(lambda: heard.last("hanlogger/cellar/home/state"), "it is told again")
            until(lambda: heard.last("hanlogger/cellar/home/status") == b"online", "so is that it is there")
        until(lambda: publisher.report().published >= told + 4, "the broker has acknowledged all")
        assert publisher.report().published == told + 4  # two availabilities, a device, one state: nothing of before
        assert publisher.report().words == ""


def test_a_meter_that_is_gone_is_removed_from_the_broker(broker: Program) -> None:
    with publishing(broker.port) as publisher:
        publisher.update(now_state("home", "flat"))
        until(lambda: publisher.report().published >= 7, "both are told")
    flat = TOPICS.name_config("flat")
    assert {CONFIG, flat} <= kept(broker.port)
    with publishing(broker.port) as publisher:
        at = datetime.now(UTC)
        publisher.update(state(meter(at=at), at=at, started=at - timedelta(days=2)))
        until(lambda: publisher.report().published >= 5, "it is told")
        until(lambda: flat not in kept(broker.port), "the broker has it no more")
    assert CONFIG in kept(broker.port)


def kept(port: int) -> set[str]:
    """What the broker keeps of devices; a message of this client's own tells that all of it has come."""
    with listening(port) as heard, device(port, "marker") as marker:
        marker.publish("marker", b"x")
        until(lambda: heard.last("marker"), "the marker comes")
        return {topic for topic in heard.retained() if topic.endswith("/config")}


@pytest.mark.xdist_group("hivemq")
def test_a_broker_that_allows_ten_messages_in_flight_gets_those_of_fifty_meters(shared_hivemq: Program) -> None:
    names = [f"flat{number}" for number in range(50)]
    with listening(shared_hivemq.port) as heard, publishing(shared_hivemq.port) as publisher:
        publisher.update(now_state(*names))
        until(lambda: publisher.report().published == 151, "all is told")
        configs = [TOPICS.name_config(name) for name in names]
        until(lambda: all(heard.last(config) for config in configs), "all of it has come")
        until(lambda: heard.last("hanlogger/cellar/flat49/status") == b"online", "the last one too")
        assert publisher.report().words == ""


def test_a_broker_that_wants_a_password_gets_it_from_its_file(tmp_path: Path) -> None:
    password_file, users = tmp_path / "password", tmp_path / "users"
    users.write_text(PASSWD)
    settings = {"allow_anonymous": "false", "password_file": str(users)}
    with mosquitto(tmp_path / "mosquitto", settings) as broker:
        password_file.write_text("wrong\n")
        with publishing(broker.port, login=Login("hanlogger", password_file=password_file)) as publisher:
            publisher.update(now_state())
            until(lambda: "refuses the connection" in publisher.report().words, "it is refused")
            assert "set user and password_file" in publisher.report().words
            password_file.write_text("secret\n")
            until(lambda: publisher.report().published >= 4, "it is let in")


PASSWD = (
    "hanlogger:$7$101$Tq6XmQMAXQsvqIvU$"
    "jw0Z/vttudWG+ztyimo5CIt9TnK9GVZqq0aKK9RddbikEs6R3gwtMC4ULV0+cFskXkENZ8m5p3cFIZsGeBK4GA==\n"
)
"""What mosquitto_passwd made of the password `secret`."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves its socket open then
def test_over_tls_a_broker_is_told_if_its_certificate_is_trusted_and_any_other_is_named(tmp_path: Path) -> None:
    authority, stranger = (own_certificate(tmp_path / f"{name}.pem") for name in ("authority", "stranger"))
    good = signed_certificate(tmp_path / "good.pem", authority)
    expired = signed_certificate(tmp_path / "expired.pem", authority, until=timedelta(days=-1))
    elsewhere = signed_certificate(tmp_path / "elsewhere.pem", authority, host="192.0.2.7")
    own = signed_certificate(tmp_path / "own.pem", authority)
    ports = {file: free_port() for file in (expired, elsewhere, good)}
    lines = [
        line
        for file, number in ports.items()
        for line in (f"listener {number} 127.0.0.1", f"certfile {file}", f"keyfile {file}")
    ]
    lines += [f"cafile {authority}", "require_certificate true"]  # of the last
    with mosquitto(tmp_path / "mosquitto", None, *lines) as broker:

        def refusal(number: int, ca_file: Path | None, own: Path | None = None) -> str:
            address = BrokerAddress.parse(f"mqtts://127.0.0.1:{number}")
            login = Login(ca_file=ca_file, cert_file=own, key_file=own)
            try:
                Connection(address, login, "cellar", "will").close()
            except NoBroker as error:
                return str(error)
            return ""

        not_trusted = "shows a certificate that is not trusted: "
        assert refusal(ports[good], None).startswith(not_trusted)
        assert refusal(ports[good], stranger).startswith(not_trusted)
        assert refusal(ports[expired], authority).startswith(f"{not_trusted}certificate has expired; set ca_file")
        assert "not valid for '127.0.0.1'; set ca_file" in refusal(ports[elsewhere], authority)
        assert "does not answer" in refusal(broker.port, authority)  # it speaks no TLS there
        assert "a certificate file cannot be used" in refusal(ports[good], tmp_path / "missing.pem")
        assert "or demand cert_file and key_file" in refusal(ports[good], authority)
        assert refusal(ports[good], authority, own) == ""
        environ = {
            "HANLOGGER_HOMEASSISTANT_BROKER": f"mqtts://127.0.0.1:{ports[good]}",
            "HANLOGGER_HOMEASSISTANT_CA_FILE": str(authority),
            "HANLOGGER_HOMEASSISTANT_CERT_FILE": str(own),
            "HANLOGGER_HOMEASSISTANT_KEY_FILE": str(own),
            "HANLOGGER_HOMEASSISTANT_DEMO": "true",
            "HANLOGGER_LOGGER": "cellar",
        }
        with listening(broker.port) as heard, logger(tmp_path, "--port", "demo:", environ=environ) as running:
            until(lambda: heard.last("hanlogger/cellar/demo/state"), "a state comes over TLS")
            assert running.stop() == 0
            until(lambda: heard.last("hanlogger/cellar/status") == b"offline", "it says goodbye")


def test_home_assistants_own_schema_takes_every_device(tmp_path: Path) -> None:
    if not HASS.exists():
        pytest.skip(
            "no Home Assistant: HANLOGGER_TEST_HOMEASSISTANT is no Python with the package homeassistant, "
            "and there is none in the cache"
        )
    devices = [config_of(dialect, language) for dialect in DIALECTS for language in ("en", "sv")]
    script = Path(__file__).parents[1] / "support" / "hass_schema.py"
    lines = "".join(f"{json.dumps(each)}\n" for each in [*devices, devices[0] | {"~": "x"}])
    done = subprocess.run([HASS, script], input=lines, capture_output=True, text=True, timeout=PATIENCE, check=True)
    *judged, refused = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(judged) == len(devices)
    assert "error" in refused  # the schema does look
    for given, found in zip(devices, judged, strict=True):
        assert found.keys() == given["cmps"].keys()
        for key, sensor in found.items():
            assert "error" not in sensor, (key, sensor)
            assert sensor["state_topic"] == "hanlogger/cellar/home/state"
            assert sensor.get("device_class") == given["cmps"][key].get("dev_cla")
            assert sensor.get("unit_of_measurement") == given["cmps"][key].get("unit_of_meas")


def config_of(dialect: str, language: Any) -> Any:
    (config,) = (
        json.loads(message.payload)
        for message in Devices(TOPICS, language).tell(state(meter(dialect, clock_offset=1.0)))
        if message.topic == CONFIG
    )
    return config
