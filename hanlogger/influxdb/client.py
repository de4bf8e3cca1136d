"""influxdb-client, used in the one way that loses nothing: synchronously, bytes as they are, only 204 a success.

Imported by the first request only: influxdb_client costs 30 MB of memory, which nobody pays without a destination.
"""

from __future__ import annotations

import ssl
from typing import NamedTuple

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from urllib3.exceptions import HTTPError

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb.destination import Destination


class Answered(NamedTuple):
    """A server's answer."""

    status: int
    words: str = ""
    retry_after: str | None = None


class Client:
    """A connection to one bucket."""

    def __init__(self, to: Destination, token: str) -> None:
        timeout = (to.connect_timeout * 1000, to.read_timeout * 1000)
        self._to = to
        self._client = InfluxDBClient(
            to.url, token, timeout=timeout, org=to.org, ssl_context=_trusting(to), connection_pool_maxsize=1
        )
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()  # type: ignore[no-untyped-call]

    def post(self, body: bytes, token: str, *, gzip: bool) -> Answered:
        """What the server answers; WriteUnavailable when it does not, or not as a server of this kind."""
        self._client.api_client.set_default_header("Authorization", f"Token {token}")  # type: ignore[no-untyped-call]
        self._client.api_client.configuration.enable_gzip = gzip
        try:
            self._api.write(bucket=self._to.bucket, record=body, write_precision="ms")  # type: ignore[arg-type]
        except InfluxDBError as error:
            return _answer(error, self._to)
        except HTTPError as error:
            raise WriteUnavailable(f"InfluxDB at {self._to.url} cannot be reached: {_reason(error)}") from error
        except ValueError as error:  # an answer that is not UTF-8
            raise WriteUnavailable(f"what answers at {self._to.url} is not InfluxDB: {error}") from error
        return Answered(self._client.api_client.last_response.status)


def _answer(error: InfluxDBError, to: Destination) -> Answered:
    status = int(getattr(error, "status", None) or 0)
    if not status:
        reason = " ".join(str(getattr(error, "reason", error)).split())
        words = f"no safe connection to {to.url}: {reason}: check the address, ca_file and this host's clock"
        raise WriteUnavailable(words, needs_user=True) from error
    message = error.message.decode("utf-8", "replace") if isinstance(error.message, bytes) else str(error.message)
    return Answered(status, message, error.retry_after)


_REASONS = {
    "NewConnectionError": "connection refused: is it running, and is the address right?",
    "NameResolutionError": "its name cannot be resolved: is the address right?",
    "ConnectTimeoutError": "no answer to connecting: is the address right, and the way there open?",
    "ReadTimeoutError": "no answer in time",
    "ProtocolError": "the connection broke",
}


def _reason(error: HTTPError) -> str:
    kind = type(error).__name__
    return _REASONS.get(kind, kind)


def _trusting(to: Destination) -> ssl.SSLContext | None:
    """The system's certificates and those of `ca_file`; None: the library's own choice."""
    if to.ca_file is None:
        return None
    try:
        context = ssl.create_default_context()
        context.load_verify_locations(to.ca_file)
    except OSError as error:  # SSLError is one
        raise WriteUnavailable(f"the certificates in {to.ca_file} cannot be read: {error}", needs_user=True) from error
    return context
