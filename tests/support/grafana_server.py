"""A real Grafana: that of the folder HANLOGGER_TEST_GRAFANA_HOME (bin/grafana, conf, public), or a container."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import urllib3

from tests.support.containers import why_no_container
from tests.support.servers import HTTP, free_port
from tests.support.waiting import PATIENCE, until

IMAGE = "grafana/grafana:13.2.1"
TICK = 10  # s: the shortest interval of its rules
LOGIN = urllib3.make_headers(basic_auth="admin:admin")

SETTINGS = {
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_PLUGINS_PREINSTALL_AUTO_UPDATE": "false",
    "GF_SECURITY_ADMIN_PASSWORD": "admin",
    "GF_LOG_MODE": "console",
    "GF_UNIFIED_ALERTING_ALERTMANAGER_CONFIG_POLL_INTERVAL": "5s",  # 60 s else until it knows where messages go
}
A_FOLDER_ONLY = {
    "GF_PLUGINS_PREINSTALL_DISABLED": "true",
    "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
    "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
}


class Grafana(Protocol):
    """A Grafana that can be started again on its data."""

    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def log(self) -> str: ...


def call(grafana: Grafana, method: str, path: str, body: Any = None) -> Any:
    """One request as admin; the JSON of the answer, which must be 200."""
    headers = {**LOGIN, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    answer = HTTP.request(method, grafana.url + path, body=data, headers=headers)
    assert answer.status == 200, f"{method} {path}: {answer.status} {answer.data[:800]!r}"
    return json.loads(answer.data)


def _healthy(url: str) -> bool:
    try:
        return HTTP.request("GET", f"{url}/api/health", timeout=2.0).status == 200
    except urllib3.exceptions.HTTPError:
        return False


@dataclass
class FromFolder:
    """Grafana's own program on a free port of the loopback."""

    home: Path
    data: Path
    provisioning: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        (self.data / "plugins").mkdir(parents=True, exist_ok=True)
        paths = {
            "GF_PATHS_DATA": self.data,
            "GF_PATHS_LOGS": self.data,
            "GF_PATHS_PLUGINS": self.data / "plugins",
            "GF_PATHS_PROVISIONING": self.provisioning,
            "GF_SERVER_HTTP_ADDR": "127.0.0.1",
            "GF_SERVER_HTTP_PORT": self.port,
        }
        given: Mapping[str, str] = {name: str(value) for name, value in paths.items()}
        arguments = [str(self.home / "bin" / "grafana"), "server", "--homepath", str(self.home)]
        with (self.data / "console.log").open("ab") as log:
            self.process = subprocess.Popen(
                arguments,
                env={**os.environ, **SETTINGS, **A_FOLDER_ONLY, **given},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(self._answers, "Grafana answers /api/health")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"Grafana ended: {self.log()[-3000:]}"
        return _healthy(self.url)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def log(self) -> str:
        return (self.data / "console.log").read_text("utf-8")


@dataclass
class FromImage:
    """The pinned image in a container that shares this machine's network."""

    provisioning: Path
    port: int = field(default_factory=free_port)
    container: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if self.container is None:
            from testcontainers.core.container import DockerContainer

            who = f"{os.getuid()}:0"  # may read the folder of this test; the image lets group 0 write its data
            made = DockerContainer(IMAGE, network_mode="host", user=who)
            made = made.with_volume_mapping(str(self.provisioning), str(self.provisioning), "ro")
            given = {"GF_PATHS_PROVISIONING": str(self.provisioning), "GF_SERVER_HTTP_PORT": str(self.port)}
            for name, value in {**SETTINGS, **given}.items():
                made = made.with_env(name, value)
            self.container = made.start()
        else:
            self.container.get_wrapped_container().start()
        until(lambda: _healthy(self.url), "the container answers /api/health")

    def stop(self) -> None:
        self.container.get_wrapped_container().stop(timeout=20)

    def log(self) -> str:
        out, err = self.container.get_logs()
        return str((out + err).decode())

    def remove(self) -> None:
        if self.container is not None:
            self.container.stop()


@contextmanager
def grafana(provisioning: Path, data: Path) -> Iterator[Grafana]:
    """Not yet started; skips where none can be had."""
    home = os.environ.get("HANLOGGER_TEST_GRAFANA_HOME")
    if home:
        own = FromFolder(Path(home), data, provisioning)
        try:
            yield own
        finally:
            own.stop()
            HTTP.clear()
        return
    if (why := why_no_container(IMAGE)) is not None:
        pytest.skip(f"no Grafana: HANLOGGER_TEST_GRAFANA_HOME is not set, {why}")
    container = FromImage(provisioning)
    try:
        yield container
    finally:
        container.remove()
        HTTP.clear()
