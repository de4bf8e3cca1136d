"""A real InfluxDB 2.9.1 for tests: the one at HANLOGGER_TEST_INFLUXDB_URL, an `influxd` on PATH, or a container."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from pydantic import SecretStr

from hanlogger.influxdb import Destination
from tests.support.containers import why_no_container
from tests.support.waiting import PATIENCE, until

IMAGE = "influxdb:2.9.1"
ORG = "home"
ADMIN_TOKEN = "test-admin-token-of-a-throw-away-server"
HTTP = urllib3.PoolManager(retries=False, timeout=30.0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Bucket:
    """One bucket of a server, and what may be done with it."""

    server: Influxdb
    name: str
    id: str

    def query(self, influxql: str) -> list[dict[str, Any]]:
        """The rows of one InfluxQL statement, tags included, times in epoch milliseconds."""
        return self.server.query(influxql, self.name)

    def count(self, measurement: str, field: str = "value") -> int:
        rows = self.query(f'SELECT count("{field}") AS n FROM "{measurement}"')
        return int(rows[0]["n"]) if rows else 0

    def write(self, lines: bytes, precision: str = "ms") -> None:
        url = f"/api/v2/write?org={ORG}&bucket={self.name}&precision={precision}"
        self.server.call("POST", url, body=lines, expect=204)

    def token(self, *actions: str) -> str:
        """A new token for this bucket alone with the actions given ("read", "write")."""
        resource = {"type": "buckets", "id": self.id, "orgID": self.server.org_id}
        permissions = [{"action": action, "resource": resource} for action in actions]
        body = {"orgID": self.server.org_id, "description": "test", "permissions": permissions}
        return str(self.server.call("POST", "/api/v2/authorizations", json_body=body, expect=201)["token"])


@dataclass
class Influxdb:
    """A running InfluxDB 2 with organisation `home` and an admin token."""

    url: str
    admin_token: str = ADMIN_TOKEN

    @property
    def org_id(self) -> str:
        return str(self.call("GET", f"/api/v2/orgs?org={ORG}")["orgs"][0]["id"])

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        json_body: Any = None,
        token: str | None = None,
        expect: int = 200,
    ) -> Any:
        """One request as admin (or with `token`); the JSON of the answer, whose status must be `expect`."""
        data = json.dumps(json_body).encode() if json_body is not None else body
        headers = {"Authorization": f"Token {token or self.admin_token}"}
        answer = HTTP.request(method, self.url + path, body=data, headers=headers)
        assert answer.status == expect, f"{method} {path}: {answer.status} {answer.data[:500]!r}"
        return json.loads(answer.data) if answer.data else None

    def new_bucket(self, name: str | None = None, retention_seconds: int = 0) -> Bucket:
        name = name or f"test-{secrets.token_hex(6)}"
        rules = [{"type": "expire", "everySeconds": retention_seconds}] if retention_seconds else []
        body = {"orgID": self.org_id, "name": name, "retentionRules": rules}
        made = self.call("POST", "/api/v2/buckets", json_body=body, expect=201)
        return Bucket(self, name, made["id"])

    def query(self, influxql: str, bucket: str) -> list[dict[str, Any]]:
        answer = HTTP.request(
            "POST",
            f"{self.url}/query",
            fields={"db": bucket, "q": influxql, "epoch": "ms"},
            encode_multipart=False,
            headers={"Authorization": f"Token {self.admin_token}"},
        )
        assert answer.status == 200, answer.data
        (result,) = json.loads(answer.data)["results"]
        assert "error" not in result, result["error"]
        return [
            {**series.get("tags", {}), **dict(zip(series["columns"], row, strict=True))}
            for series in result.get("series", ())
            for row in series["values"]
        ]


@dataclass
class OwnInfluxdb(Influxdb):
    """An influxd of this test alone, which it may stop, kill and start again on the same data and port."""

    folder: Path = Path()
    port: int = 0
    binary: str = ""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = [
            self.binary,
            "run",
            f"--http-bind-address=127.0.0.1:{self.port}",
            f"--bolt-path={self.folder / 'influxd.bolt'}",
            f"--sqlite-path={self.folder / 'influxd.sqlite'}",
            f"--engine-path={self.folder / 'engine'}",
            "--reporting-disabled",
            "--log-level=error",
        ]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "influxd.log").open("ab") as log:
            environ = {**os.environ, "GOGC": "400"}  # its searches for garbage would take a quarter of its time
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ)
        until(self.healthy, "influxd answers /health")

    def healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"influxd ended: {(self.folder / 'influxd.log').read_text()[-2000:]}"
        return _healthy(self.url)

    def set_up(self, bucket: str = "hanlogger") -> None:
        body = {
            "username": "admin",
            "password": "throw-away-password",
            "org": ORG,
            "bucket": bucket,
            "token": self.admin_token,
            "retentionPeriodSeconds": 0,
        }
        self.call("POST", "/api/v2/setup", json_body=body, expect=201)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        if number != signal.SIGSTOP:
            self.process.wait(PATIENCE)

    def stop(self) -> None:
        self.signal(signal.SIGINT)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)


def new_influxd(folder: Path) -> OwnInfluxdb:
    """An influxd started in `folder` and not yet set up; skips where there is no binary."""
    binary = shutil.which("influxd")
    if binary is None:
        pytest.skip(why_no_influxdb() or "no influxd on PATH: a server that a test may stop and kill is needed")
    port = free_port()
    server = OwnInfluxdb(f"http://127.0.0.1:{port}", folder=folder, port=port, binary=binary)
    server.start()
    return server


@contextmanager
def own_server(folder: Path, *, set_up: bool = True) -> Iterator[OwnInfluxdb]:
    server = new_influxd(folder)
    try:
        if set_up:
            server.set_up()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
        HTTP.clear()


@contextmanager
def shared_server(folder: Path) -> Iterator[Influxdb]:
    """The server that tests share and never stop, by the first way that can be had."""
    url = os.environ.get("HANLOGGER_TEST_INFLUXDB_URL")
    if url:
        yield Influxdb(url.rstrip("/"), os.environ["HANLOGGER_TEST_INFLUXDB_TOKEN"])
    elif shutil.which("influxd"):
        with _one_for_all(folder) as server:
            yield server
    else:
        with _container() as server:
            yield server


@contextmanager
def _one_for_all(folder: Path) -> Iterator[Influxdb]:
    """An influxd for all workers that name this folder: the first starts it, and ends it when no other uses it."""
    folder.mkdir(exist_ok=True)
    known = folder / "url"
    with (folder / "users").open("w") as users, (folder / "start").open("w") as start, ExitStack() as stack:
        fcntl.flock(start, fcntl.LOCK_EX)
        if known.exists():
            server = Influxdb(known.read_text())
        else:
            server = stack.enter_context(own_server(folder / "influxd"))
            known.write_text(server.url)
            stack.callback(fcntl.flock, users, fcntl.LOCK_EX)
            stack.callback(known.unlink)  # first: who comes now starts another
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(start, fcntl.LOCK_UN)
        yield server


def why_no_influxdb() -> str | None:
    """Why no InfluxDB at all can be had here, in words for a skipped test; None where one can."""
    if os.environ.get("HANLOGGER_TEST_INFLUXDB_URL") or shutil.which("influxd") or not (why := why_no_container(IMAGE)):
        return None
    return f"no InfluxDB: HANLOGGER_TEST_INFLUXDB_URL is not set, no influxd on PATH, {why}"


@contextmanager
def _container() -> Iterator[Influxdb]:
    variables = {
        "MODE": "setup",
        "USERNAME": "admin",
        "PASSWORD": "throw-away-password",
        "ORG": ORG,
        "BUCKET": "hanlogger",
        "ADMIN_TOKEN": ADMIN_TOKEN,
    }
    if (why := why_no_influxdb()) is not None:
        pytest.skip(why)
    from testcontainers.core.container import DockerContainer

    container = DockerContainer(IMAGE).with_exposed_ports(8086)
    for name, value in variables.items():
        container.with_env(f"DOCKER_INFLUXDB_INIT_{name}", value)
    try:
        container.start()
        url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8086)}"
        until(lambda: _healthy(url), "the container answers /health")
        yield Influxdb(url)
    finally:
        container.stop()


def _healthy(url: str) -> bool:
    try:
        return HTTP.request("GET", f"{url}/health", timeout=2.0).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def to_bucket(there: Bucket, token: str | None = None, **changes: object) -> Destination:
    """The settings of a logger that writes to this bucket, with the admin token unless another is given."""
    settings = {"url": there.server.url, "bucket": there.name, **changes}
    return Destination(token=SecretStr(token or there.server.admin_token), **settings)  # type: ignore[arg-type]
