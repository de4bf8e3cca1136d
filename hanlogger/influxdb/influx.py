"""Write lines to one bucket: what delivery uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb.answers import DISK_FULL, UNSIGNED, make_error
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.masking import mask

if TYPE_CHECKING:
    from hanlogger.influxdb.answered import Answered
    from hanlogger.influxdb.client import Client

FULL_AFTER = 180.0  # seconds of nothing but 500 after which a full disk is the likely reason (measured, 4.2)


class Influx:
    """One bucket, to be written to by one thread."""

    def __init__(self, destination: Destination) -> None:
        self._to = destination
        self._client: Client | None = None
        self._failing_since: float | None = None  # answers have all been 500 since

    def write(self, body: bytes) -> str:
        """Return when all lines of `body` are in the database; raise WriteUnavailable or WriteRejected.

        `body`: line protocol in UTF-8, timestamps in milliseconds, not empty: a gzipped nothing is answered with 500.
        Return "", or a sentence for the user where what said so may not be InfluxDB.
        """
        return self._ask(lambda client, token: client.write(body, token))

    def confirm(self) -> None:
        """Return: what InfluxDB has answered with 204 is on its disk."""

    def check(self) -> str:
        """Try address, token, organisation and bucket with an empty write; return and raise as `write`."""
        return self._ask(lambda client, token: client.write_nothing(token))

    def close(self) -> None:
        """Close the connection to the server."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def _ask(self, request: Callable[[Client, str], Answered]) -> str:
        token = self._to.read_token()
        try:
            answer = request(self._connect(token), token)
        except WriteUnavailable as error:
            error.args = (mask(str(error), token),)
            raise
        return self._judge(answer.mask(token))  # before they are cut: they may quote it

    def _connect(self, token: str) -> Client:
        from hanlogger.influxdb.client import Client  # noqa: PLC0415 30 MB, see there

        if self._client is None:
            self._client = Client(self._to, token)
        return self._client

    def _judge(self, answer: Answered) -> str:
        now = time.monotonic()
        failing = answer.status == 500 and answer.by_influxdb
        since = self._failing_since if self._failing_since is not None else now
        self._failing_since = since if failing else None
        if answer.status == 204:
            return "" if answer.signed else UNSIGNED.format(url=self._to.url)
        full = failing and now - since > FULL_AFTER
        raise make_error(
            answer._replace(words=f"{answer.words}. {DISK_FULL}") if full else answer, self._to, datetime.now(UTC)
        )
