"""Write, check: what `deliver` and the commands use."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb.answers import DISK_FULL, UNSIGNED, error_of
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.masking import masked

if TYPE_CHECKING:
    from hanlogger.influxdb.answered import Answered
    from hanlogger.influxdb.client import Client

FULL_AFTER = 180.0  # seconds of nothing but 500 after which a full disk is the likely reason (measured, 4.2)


class Influx:
    """One bucket, written to by one thread."""

    def __init__(self, destination: Destination) -> None:
        self._to = destination
        self._client: Client | None = None
        self._failing_since: float | None = None  # answers have all been 500 since

    def write(self, body: bytes) -> str:
        """All lines of `body` are in the database when it returns; WriteUnavailable, WriteRejected.

        body: line protocol in UTF-8, times in milliseconds, not empty: a gzipped nothing is answered with 500.
        Returns "", or a sentence for the user where what said so may not be InfluxDB.
        """
        return self._post(body, gzip=True)

    def check(self) -> str:
        """Try address, token, organisation and bucket with an empty, uncompressed body; as `write`."""
        return self._post(b"", gzip=False)

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def _post(self, body: bytes, *, gzip: bool) -> str:
        token = self._to.read_token()
        try:
            answer = self._connected(token).post(body, token, gzip=gzip)
        except WriteUnavailable as error:
            error.args = (masked(str(error), token),)
            raise
        return self._judge(answer._replace(words=masked(answer.words, token)))  # before they are cut: they may quote it

    def _connected(self, token: str) -> Client:
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
        raise error_of(
            answer._replace(words=f"{answer.words}. {DISK_FULL}") if full else answer, self._to, datetime.now(UTC)
        )
