"""The administration of InfluxDB 2 over HTTP, as far as setup needs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from hanlogger.errors import HanloggerError
from hanlogger.http import Limits, NoAnswer, Server, read_json
from hanlogger.humanize import clean_text
from hanlogger.influxdb.answers import LONGEST_WORDS

LIMITS = Limits(connect=5.0, read=30.0, most=4_194_304)  # a list of some thousand tokens
PAUSE = 0.5  # seconds between two looks at a server that is still starting


class SetupError(HanloggerError):
    """The database could not be prepared; the text says what to do. The exit status is 1."""


class NotTrusted(SetupError):
    """The server's certificate is not trusted, or it speaks no TLS: waiting does not help."""


class Answer(NamedTuple):
    """The answer of the server: its status and its JSON."""

    status: int
    content: dict[str, Any]  # its JSON object; empty where it had none

    @property
    def words(self) -> str:
        """Return status and message in one line, for the user."""
        return clean_text(f"{self.status} {self.content.get('message', '')}")[:LONGEST_WORDS]


class Api:
    """Requests to one InfluxDB 2."""

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        """Trust the certificates in `ca_file` beside the system's; raise SetupError where they cannot be read."""
        try:
            self._server = Server(url, LIMITS, ca_file)
        except NoAnswer as error:
            raise SetupError(str(error)) from error
        self.url = self._server.url

    def close(self) -> None:
        """Close all connections to the server."""
        self._server.close()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] = MappingProxyType({}),
        *,
        content: object = None,
        authorization: str = "",
    ) -> Answer:
        """Return the answer to one request with `content` as JSON (None: an empty body); raise SetupError."""
        try:
            answer = self._server.ask(method, path, query, content=content, authorization=authorization)
        except NoAnswer as error:
            if error.unsafe:
                words = f"No safe connection to {self.url}: {error}: check the address, ca_file and this host's clock"
                raise NotTrusted(words) from error
            raise SetupError(f"No answer from InfluxDB at {self.url}: {error}") from error
        found = read_json(answer.data)
        return Answer(answer.status, found if isinstance(found, dict) else {})

    def wait(self, patience: float, say: Callable[[str], None]) -> None:
        """Return once the server is ready; raise SetupError after `patience` seconds, NotTrusted at once.

        A refused connection or an unknown name is a server that is still starting. `say` gets a sentence for the user.
        """
        deadline = time.monotonic() + patience
        reason = self._explain_unready()
        if reason:
            say(f"Waiting for InfluxDB at {self.url}")
        while reason:
            if time.monotonic() > deadline:
                raise SetupError(f"InfluxDB was not ready within {patience:g} s. {reason}")
            time.sleep(PAUSE)
            reason = self._explain_unready()

    def _explain_unready(self) -> str:
        try:
            answer = self.ask("GET", "/health")
        except NotTrusted:
            raise
        except SetupError as error:
            return str(error)
        if answer.status == 200 and answer.content.get("name") == "influxdb":
            return ""
        return f"{self.url}/health answered {answer.words}, not as InfluxDB does"
