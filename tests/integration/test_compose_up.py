"""A bare `docker compose up` from nothing, with a real engine and the real images: the demo meter shows in Grafana."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings
from tests.support.containers import answers, can_be_had, done
from tests.support.servers import HTTP, free_port
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
BASE = "python:3.13.14-slim-trixie"  # of the Dockerfile

pytestmark = pytest.mark.timeout(1200)  # the first time, images are pulled and one is built


def needed_images() -> list[str]:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    return [BASE, *(services[name]["image"] for name in ("influxdb", "grafana"))]


class Stack:
    """compose.yaml brought up as a project of its own."""

    def __init__(self, compose: Any, port: int) -> None:
        self.compose = compose
        self.url = f"http://127.0.0.1:{port}"

    def secret(self, service: str, name: str) -> str:
        out, _, _ = self.compose.exec_in_container(["cat", f"/run/credentials/{name}"], service)
        return str(out).strip()

    def healthy(self) -> bool:
        try:
            return HTTP.request("GET", f"{self.url}/api/health", timeout=2.0).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def grafana(self, method: str, path: str, content: object = None) -> Any:
        """One request as the administrator, with the password that the README says how to get."""
        headers = urllib3.util.make_headers(basic_auth=f"admin:{self.secret('grafana', 'admin_password')}")
        answer = HTTP.request(method, self.url + path, json=content, headers=headers)
        assert answer.status == 200, f"{path}: {answer.status} {answer.data[:500]!r}"
        return answer.json()

    def shown(self, influxql: str) -> list[float]:
        """The values that a panel with this query would show for the last five minutes."""
        query = {
            "refId": "A",
            "datasource": {"type": "influxdb", "uid": "hanlogger-influxql"},
            "rawQuery": True,
            "resultFormat": "time_series",
            "query": influxql,
        }
        answer = self.grafana("POST", "/api/ds/query", {"queries": [query], "from": "now-5m", "to": "now"})
        frames = answer["results"]["A"]["frames"]
        return [value for frame in frames for value in frame["data"]["values"][1] if value is not None]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if not (answers() and done("docker", "compose", "version")):
        pytest.skip("no container engine with Compose 2 on this machine")
    if missing := [image for image in needed_images() if not can_be_had(image)]:
        pytest.skip(f"images that are not here and cannot be pulled: {', '.join(missing)}")
    from testcontainers.compose import DockerCompose

    port = free_port()
    environ = tmp_path_factory.mktemp("compose") / "env"
    environ.write_text(f"GRAFANA_PORT={port}\nINFLUXDB_PORT={free_port()}\nVERSION=test\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPOSE_PROJECT_NAME", f"hanlogger-test-{secrets.token_hex(4)}")
        with DockerCompose(ROOT, build=True, wait=False, env_file=str(environ)) as compose:
            yield Stack(compose, port)


def test_the_demo_meter_s_power_shows_in_grafana(stack: Stack) -> None:
    power = 'SELECT last("value") FROM "active_power" WHERE "meter" = \'demo\' AND $timeFilter'
    until(stack.healthy, "Grafana answers")
    until(lambda: stack.shown(power), "a value of the demo meter in Grafana")


def test_boards_and_alert_rules_are_in_place(stack: Stack) -> None:
    wanted = len(make_boards(BoardSettings()))
    until(lambda: len(stack.grafana("GET", "/api/search?tag=hanlogger")) == wanted, "all boards")
    rules = stack.grafana("GET", "/api/v1/provisioning/alert-rules")
    assert "han-meter-silent" in {rule["uid"] for rule in rules}


def test_nobody_gets_in_without_the_password(stack: Stack) -> None:
    for password in ("admin", ""):
        headers = urllib3.util.make_headers(basic_auth=f"admin:{password}")
        assert HTTP.request("GET", f"{stack.url}/api/org", headers=headers).status == 401
    assert HTTP.request("GET", f"{stack.url}/api/org").status == 401


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    before = {container.Service: container.ID for container in stack.compose.get_containers()}
    token = stack.secret("hanlogger", "token")
    stack.compose.start()
    assert {container.Service: container.ID for container in stack.compose.get_containers()} == before
    assert stack.secret("hanlogger", "token") == token
