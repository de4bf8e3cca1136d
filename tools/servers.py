"""Says which servers the tests can have on this machine, how each is had, and what is not proved without it.

`python -m tools.servers` prints one line for each server. Where a container engine answers, it pulls the images that
the tests would start, so that the first test does not wait for them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import NamedTuple

from tests.support import brokers, containers, grafana_server, servers, victoriametrics, victoriametrics_cluster


class Server(NamedTuple):
    """One server: where it comes from here ("" when it cannot be had), and what to do or know where it cannot."""

    name: str
    found: Callable[[], str]
    otherwise: str


def _influxdb() -> str:
    if url := os.environ.get("HANLOGGER_TEST_INFLUXDB_URL"):
        return f"{url} (HANLOGGER_TEST_INFLUXDB_URL)"
    return shutil.which("influxd") or _image(servers.IMAGE)


def _grafana() -> str:
    return os.environ.get("HANLOGGER_TEST_GRAFANA_HOME", "") or _image(grafana_server.IMAGE)


def _compose() -> str:
    return "docker compose" if containers.done("docker", "compose", "version") and containers.answers() else ""


def _image(name: str) -> str:
    """Return the name of an image, which is pulled where it is not here; "" where no container of it can be started."""
    return "" if containers.why_no_container(name) else f"image {name}"


SERVERS = (
    Server(
        "InfluxDB 2.9.1",
        _influxdb,
        "put `influxd` on the PATH, start a container engine, or set HANLOGGER_TEST_INFLUXDB_URL and _TOKEN to a "
        "server that may be filled; without it what a real InfluxDB answers, and every query of the boards, is not "
        "proved",
    ),
    Server(
        "Grafana",
        _grafana,
        "set HANLOGGER_TEST_GRAFANA_HOME to a folder with bin/grafana, or start a container engine; without it that "
        "Grafana takes the boards and rules is not proved",
    ),
    Server(
        "mosquitto",
        brokers.find_mosquitto,
        "put `mosquitto` on the PATH, or set HANLOGGER_TEST_MOSQUITTO; without it ports of MQTT are not proved",
    ),
    Server(
        "HiveMQ CE",
        brokers.find_hivemq,
        "set HANLOGGER_TEST_HIVEMQ to a folder with broker/broker.jar and jars/, and install Java; without it that a "
        "worker that is stuck does not stop a whole group is not proved",
    ),
    Server(
        "Kafka",
        brokers.find_kafka,
        "set HANLOGGER_TEST_KAFKA to the folder of its JAR files, and install Java; without it ports with Kafka behind "
        "them are not proved",
    ),
    Server(
        "VictoriaMetrics",
        victoriametrics.find_victoriametrics,
        "put `victoria-metrics` on the PATH, or set HANLOGGER_TEST_VICTORIAMETRICS; without it what a real one stores, "
        "drops and tells is not proved",
    ),
    Server(
        "VictoriaMetrics cluster",
        lambda: ", ".join(victoriametrics_cluster.find_cluster().values()),
        "put `vminsert`, `vmstorage` and `vmselect` on the PATH, or set HANLOGGER_TEST_VICTORIAMETRICS_CLUSTER to "
        "their folder; without it that a cluster loses nothing when a part of it is killed is not proved",
    ),
    Server(
        "Chromium",
        lambda: shutil.which("chromedriver") or "",
        "install Chromium and its driver; without them that the pages are shown, live and to everybody, is not proved",
    ),
    Server(
        "Prometheus",
        lambda: shutil.which("prometheus") or "",
        "put `prometheus` and `promtool` on the PATH; without them that Prometheus takes `/metrics` is not proved",
    ),
    Server(
        "influx command",
        lambda: shutil.which("influx") or "",
        "put InfluxDB's `influx` on the PATH; without it the manual's backup and restore are not proved",
    ),
    Server(
        "Docker Compose",
        _compose,
        "start a container engine; without it `docker compose up` is not proved",
    ),
    Server(
        "systemd-analyze",
        lambda: shutil.which("systemd-analyze") or "",
        "install systemd; without it the rating of the service's sandbox is not proved",
    ),
)


def main() -> None:
    """Print a line for each server."""
    for server in SERVERS:
        where = server.found()
        print(f"{server.name}: {where or f'not here: {server.otherwise}'}")


if __name__ == "__main__":
    main()
