"""influxdb-client, used in the one way that loses nothing: synchronously, bytes as they are, only 204 a success.

Imported by the first request only: influxdb_client costs 30 MB of memory, which nobody pays without a destination.
"""

from __future__ import annotations

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS

from hanlogger.influxdb.answered import Answered, answered
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.reach import limits_of, pool_of, unreachable
from hanlogger.web import NoAnswer


class Client:
    """A connection to one bucket."""

    def __init__(self, to: Destination, token: str) -> None:
        limits = limits_of(to)
        self._to = to
        self._client = InfluxDBClient(to.url, token, timeout=(limits.connect * 1000, limits.read * 1000), org=to.org)
        self._api = self._client.write_api(write_options=SYNCHRONOUS)
        self._http = self._client.api_client
        self._http.rest_client.pool_manager = pool_of(to, limits)  # type: ignore[assignment]

    def close(self) -> None:
        """Close the connection."""
        self._http.rest_client.pool_manager.clear()
        self._client.close()  # type: ignore[no-untyped-call]

    def post(self, body: bytes, token: str, *, gzip: bool) -> Answered:
        """What the server answers; WriteUnavailable when no whole answer comes."""
        self._http.set_default_header("Authorization", f"Token {token}")  # type: ignore[no-untyped-call]
        self._http.configuration.enable_gzip = gzip
        try:
            self._api.write(bucket=self._to.bucket, record=body, write_precision="ms")  # type: ignore[arg-type]
        except InfluxDBError as error:
            return answered(error.response.urllib3_response)  # type: ignore[attr-defined]
        except NoAnswer as error:
            raise unreachable(error, self._to) from error
        return answered(self._http.last_response.urllib3_response)
