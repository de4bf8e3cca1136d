"""The files of fleet/: they parse, every setting in them is known and right, and docs/fleet.md names each of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from hanlogger import config
from hanlogger.config.environment import map_variables
from hanlogger.influxdb import Destination
from hanlogger.running.logger import find_patience
from tests.support.brokers import HIVEMQ, MOSQUITTO
from tests.support.composefile import COMPOSES, ROOT, resolve, show_as_compose_sees

FOLDER = ROOT / "fleet"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


def workers(name: str, environ: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """The environment of each worker of a file, as its container gets it."""
    found: dict[str, Any] = resolve((FOLDER / name).read_text("utf-8"), environ)
    return {
        service: {key: str(value).replace("$$", "$") for key, value in made["environment"].items()}
        for service, made in found["services"].items()
        if service.startswith("worker")
    }


@pytest.mark.parametrize("name", FILES)
def test_every_setting_of_a_worker_is_known_and_right(name: str, tmp_path: Path) -> None:
    no_file = tmp_path / "hanlogger.toml"
    no_file.touch()
    for environ in workers(name).values():
        assert environ.keys() <= map_variables().keys()
        settings = config.load(no_file, environ)
        assert settings.warnings == ()
        assert [port.broker is not None for port in settings.ports] == [True]


@pytest.mark.parametrize("name", FILES)
def test_no_two_workers_have_one_name_one_disk_or_one_session(name: str) -> None:
    found = workers(name).values()
    for setting in ("HANLOGGER_LOGGER", "HANLOGGER_BROKER_CLIENT_ID"):
        given = [environ[setting] for environ in found if setting in environ]
        assert len(set(given)) == len(given)
    file = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    disks = [one["volumes"][-1].split(":")[0] for key, one in file["services"].items() if key.startswith("worker")]
    assert len(set(disks)) == len(disks) == len(found)
    assert set(disks) <= file["volumes"].keys()


@pytest.mark.parametrize("command", COMPOSES)
@pytest.mark.parametrize("name", FILES)
def test_compose_itself_understands_the_file_so(name: str, command: str, tmp_path: Path) -> None:
    services = show_as_compose_sees(command, tmp_path, FOLDER / name)["services"]
    for worker, environ in workers(name).items():
        seen = {key: value.replace("$$", "$") for key, value in services[worker]["environment"].items()}
        assert seen == environ


def test_each_worker_behind_mosquitto_has_topics_of_its_own() -> None:
    topics = {environ["HANLOGGER_PORT"] for environ in workers("three-workers.yaml").values()}
    assert topics == {f"mqtt://mosquitto/han/{shard}/+/raw" for shard in "abc"}


def test_the_workers_that_share_have_one_subscription() -> None:
    topics = {environ["HANLOGGER_PORT"] for environ in workers("shared.yaml").values()}
    assert topics == {"mqtt://hivemq/$share/workers/han/+/raw"}


def test_where_the_group_shares_the_messages_they_are_acknowledged_when_they_are_delivered() -> None:
    for name in ("shared.yaml", "kafka.yaml"):
        assert {environ["HANLOGGER_BROKER_ACK"] for environ in workers(name).values()} == {"delivered"}


def test_mosquitto_is_set_as_the_tests_prove_it() -> None:
    lines = (FOLDER / "mosquitto.conf").read_text("utf-8").splitlines()
    given = dict(line.split(" ", 1) for line in lines if not line.startswith("#"))
    assert {**given, "allow_anonymous": "true"}.items() >= MOSQUITTO.items()
    assert given["allow_anonymous"] == "false"


def test_hivemq_is_set_as_the_tests_prove_it() -> None:
    queue = "<max-queue-size>100000</max-queue-size>"
    assert queue in (FOLDER / "hivemq.xml").read_text("utf-8")
    assert queue in HIVEMQ
    hivemq = yaml.safe_load((FOLDER / "shared.yaml").read_text("utf-8"))["services"]["hivemq"]
    assert "./hivemq.xml:/opt/hivemq/conf/config.xml:ro" in hivemq["volumes"]


def test_the_workers_behind_kafka_write_to_the_cluster_of_victoriametrics_as_the_manual_says(tmp_path: Path) -> None:
    given = dict(re.findall(r"(INFLUXDB_\w+)=(\S+)", (ROOT / "docs" / "fleet.md").read_text("utf-8")))
    (tmp_path / "hanlogger.toml").touch()
    for environ in workers("kafka.yaml", given).values():
        settings = config.load(tmp_path / "hanlogger.toml", environ)
        (to,) = settings.destinations
        assert (to.kind, to.tenant) == ("victoriametrics", "0")
        (read,) = settings.ports
        assert find_patience(read, settings.served) > 2 * to.memory_seconds
    services = yaml.safe_load((FOLDER / "victoriametrics.yaml").read_text("utf-8"))["services"]
    assert {urlsplit(node).hostname for node in to.nodes} == services.keys()


@pytest.mark.parametrize("command", COMPOSES)
def test_compose_understands_both_files_together_as_the_manual_names_them(command: str, tmp_path: Path) -> None:
    (named,) = re.findall(r"COMPOSE_FILE=(\S+)", (ROOT / "docs" / "fleet.md").read_text("utf-8"))
    files = [ROOT / name for name in named.split(":")]
    alone = [yaml.safe_load(file.read_text("utf-8"))["services"].keys() for file in files]
    assert not alone[0] & alone[1]
    services = show_as_compose_sees(command, tmp_path, *files)["services"]
    assert services.keys() == alone[0] | alone[1]


def test_a_worker_behind_kafka_may_hold_what_fills_two_requests_to_a_victoriametrics() -> None:
    """One waits to be confirmed while the next is gathered, and a telegram is 27 lines."""
    lines = Destination("http://vminsert:8480/insert/0/influx", kind="victoriametrics").most_lines
    for environ in workers("kafka.yaml").values():
        assert int(environ["HANLOGGER_BROKER_MOST"]) > 2 * lines / 27


@pytest.mark.parametrize("name", FILES)
def test_no_container_can_fill_the_disk_with_its_log(name: str) -> None:
    services = yaml.safe_load((FOLDER / name).read_text("utf-8"))["services"].values()
    assert {service["logging"]["options"]["max-size"] for service in services} == {"10m"}


def test_the_manual_names_every_file() -> None:
    manual = (ROOT / "docs" / "fleet.md").read_text("utf-8")
    for path in FOLDER.iterdir():
        assert path.name in manual, path.name
