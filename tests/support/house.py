"""An InfluxDB with the secrets that compose keeps in its volumes, and both one-shots that prepare them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import urllib3

from hanlogger.influxdb import Destination
from hanlogger.setup import secret_files as credentials
from hanlogger.setup import set_up
from hanlogger.setup.files import SecretPaths
from tests.support.servers import HTTP, OwnInfluxdb

LINE = b"voltage,meter=home value=230.1 1767225610000\n"


class House:
    """A server and its secrets, as compose has them in its volumes."""

    def __init__(self, server: OwnInfluxdb, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.files = SecretPaths(folder)
        self.said: list[str] = []
        self.up()

    def up(self) -> None:
        """Both one-shots, as at each `docker compose up`."""
        credentials.make_secrets(self.folder)
        self.said.clear()
        set_up(Destination(self.server.url), self.folder, self.said.append, patience=30.0)
        self.server.admin_token = credentials.read_secret(self.files.admin_token)

    @property
    def write_token(self) -> str:
        return credentials.read_secret(self.files.write_token)

    @property
    def login(self) -> str:
        return f"grafana:{credentials.read_secret(self.files.reader_password)}"

    def write(self, line: bytes = LINE, token: str | None = None, bucket: str = "hanlogger") -> int:
        headers = {"Authorization": f"Token {self.write_token if token is None else token}"}
        url = f"{self.server.url}/api/v2/write?org=home&bucket={bucket}&precision=ms"
        return HTTP.request("POST", url, body=line, headers=headers).status

    def query(self, influxql: str, database: str = "hanlogger", login: str | None = None) -> Any:
        """What Grafana gets: the answer's only result, or the status where that is not 200."""
        headers = urllib3.util.make_headers(basic_auth=login or self.login)
        answer = HTTP.request(
            "GET", f"{self.server.url}/query", fields={"db": database, "q": influxql}, headers=headers
        )
        return answer.json()["results"][0] if answer.status == 200 else answer.status

    def write_tokens(self) -> list[str]:
        """The ids of hanlogger's."""
        listed = self.server.call("GET", "/api/v2/authorizations")["authorizations"]
        return [authorization["id"] for authorization in listed if authorization["description"] == "hanlogger writes"]

    def works(self) -> bool:
        """hanlogger writes and Grafana sees it, each with its own secret."""
        return self.write() == 204 and self.query("SELECT * FROM voltage")["series"][0]["values"][0][1:] == [
            "home",
            230.1,
        ]
