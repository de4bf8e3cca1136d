"""InfluxDB 2's administration over HTTP, as far as setting it up needs it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hanlogger.errors import HanloggerError
from hanlogger.humanize import printable
from hanlogger.web import Limits, NoAnswer, Pool

LIMITS = Limits(connect=5.0, read=30.0, most=4_194_304)  # a list of some thousand tokens
LONGEST_WORDS = 500  # characters of a server's message
PAUSE = 0.5  # seconds between two looks at a server that is still starting


class SetupError(HanloggerError):
    """The database could not be prepared; the text says what to do. Exit status 1."""


class Answer(NamedTuple):
    """What the server said."""

    status: int
    content: dict[str, Any]  # its JSON object; empty where it had none

    @property
    def words(self) -> str:
        """For the user."""
        return printable(f"{self.status} {self.content.get('message', '')}")[:LONGEST_WORDS]


class Api:
    """One InfluxDB 2. Redirects are not followed and nothing is tried twice: an answer is what this server said."""

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        """SetupError where `ca_file` cannot be read; its certificates are trusted beside the system's."""
        self.url = url.rstrip("/")
        try:
            self._http = Pool(self.url, LIMITS, ca_file)
        except NoAnswer as error:
            raise SetupError(str(error)) from error

    def close(self) -> None:
        """Give its connections back."""
        self._http.clear()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        content: object = None,
        authorization: str = "",
    ) -> Answer:
        """One request with a JSON body (none: an empty plain body); SetupError where no answer comes."""
        url = f"{self.url}{path}?{urlencode(query)}" if query else self.url + path
        body = b"" if content is None else json.dumps(content).encode()
        headers = {"Authorization": authorization} if authorization else {}
        try:
            answer = self._http.request(method, url, body=body, headers=headers)
        except NoAnswer as error:
            raise SetupError(f"No answer from InfluxDB at {self.url}: {error}") from error
        return Answer(answer.status, _object(answer.data))

    def wait(self, patience: float, say: Callable[[str], None]) -> None:
        """Return once the server is ready. A refused connection or an unknown name is one that is still starting."""
        deadline = time.monotonic() + patience  # seconds
        reason = self._unready()
        if reason:
            say(f"Waiting for InfluxDB at {self.url}")
        while reason:
            if time.monotonic() > deadline:
                raise SetupError(f"InfluxDB was not ready within {patience:g} s. {reason}")
            time.sleep(PAUSE)
            reason = self._unready()

    def _unready(self) -> str:
        try:
            answer = self.ask("GET", "/health")
        except SetupError as error:
            return str(error)
        if answer.status == 200 and answer.content.get("name") == "influxdb":
            return ""
        return f"{self.url}/health answered {answer.words}, not as InfluxDB does"


def by_token(token: str) -> str:
    """The Authorization of an API token."""
    return f"Token {token}"


def by_password(user: str, password: str) -> str:
    """The Authorization of a user in the manner of InfluxDB 1, for /query."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
