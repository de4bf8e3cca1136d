"""The client of influxdb-client, used in the one way that loses nothing: synchronous, with octets, trusting only a 204.

This module is imported with the first request only: influxdb_client costs 30 MB of memory, which nobody should pay
without a destination.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.service.write_service import WriteService

from hanlogger.http import NoAnswer, by_token
from hanlogger.influxdb.answered import Answered, read_answer
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.requests import connect, explain, get_limits, write_nothing

LEVEL = 1
"""Compression level: the client's own, 9, takes 150 µs for a telegram, this one 8 µs; InfluxDB reads both as fast."""


class Client:
    """A connection to one bucket, over the pool that all requests of hanlogger go through."""

    def __init__(self, to: Destination, token: str) -> None:
        """Raise WriteUnavailable where the certificates of the destination cannot be read."""
        limits = get_limits(to)
        self._to = to
        self._server = connect(to, limits)
        self._client = InfluxDBClient(to.url, token, timeout=(limits.connect * 1000, limits.read * 1000), org=to.org)
        self._http = self._client.api_client
        self._http.set_default_header("Accept-Encoding", "identity")  # type: ignore[no-untyped-call]
        self._api = WriteService(self._http)  # type: ignore[no-untyped-call]
        self._http.rest_client.pool_manager = self._server.pool  # type: ignore[assignment]

    def close(self) -> None:
        """Close the connection to the server."""
        self._server.close()
        self._client.close()  # type: ignore[no-untyped-call]

    def write(self, body: bytes, token: str) -> Answered:
        """Return the server's answer to lines, which are sent gzipped; raise WriteUnavailable if no whole one comes."""
        return self._request(lambda: self._write(body, token))

    def write_nothing(self, token: str) -> Answered:
        """Return the server's answer to an empty, uncompressed write; raise WriteUnavailable if no whole one comes."""
        return self._request(lambda: write_nothing(self._server, self._to, token))

    def _write(self, body: bytes, token: str) -> Answered:
        self._http.set_default_header("Authorization", by_token(token))  # type: ignore[no-untyped-call]
        try:
            self._api.post_write(  # type: ignore[no-untyped-call]
                self._to.org,
                self._to.bucket,
                gzip.compress(body, LEVEL, mtime=0),
                precision="ms",
                content_encoding="gzip",
                content_type="text/plain; charset=utf-8",
            )
        except InfluxDBError as error:
            return read_answer(error.response.urllib3_response)  # type: ignore[attr-defined]
        return read_answer(self._http.last_response.urllib3_response)

    def _request(self, request: Callable[[], Answered]) -> Answered:
        try:
            return request()
        except NoAnswer as error:
            raise explain(error, self._to) from error
