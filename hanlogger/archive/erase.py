"""Deleting a meter's points from a database (POST /api/v2/delete; a token that may write may do it, measured, 3)."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime
from urllib.parse import urlencode

import urllib3

from hanlogger.errors import WriteRejected, WriteUnavailable
from hanlogger.influxdb import Destination, masked
from hanlogger.influxdb.answers import error_of

EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
LONGEST = 600.0  # seconds that a server may take: it goes through all of its files


def erase(to: Destination, meter: str, start: datetime, end: datetime) -> None:
    """Delete every point of the meter from `start` through `end`, both included; WriteUnavailable, WriteRejected.

    meter: a name of [A-Za-z0-9_-]+, so that nothing else can be said with it.
    """
    where = {"org": to.org, "bucket": to.bucket}
    body = {"start": _written(start), "stop": _written(end), "predicate": f'meter="{meter}"'}
    token = to.read_token()
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    url = f"{to.url}/api/v2/delete?{urlencode(where)}"
    try:
        with _pool(to) as pool:
            answer = pool.request("POST", url, body=json.dumps(body), headers=headers, redirect=False)
    except (OSError, urllib3.exceptions.HTTPError) as error:
        raise WriteUnavailable(
            f"InfluxDB at {to.url} cannot be reached, so nothing is changed: {_reason(error)}"
        ) from error
    if answer.status != 204:
        raise _refused(answer, to, token)


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pool(to: Destination) -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=to.connect_timeout, read=LONGEST)
    context = ssl.create_default_context()
    if to.ca_file is not None:
        context.load_verify_locations(to.ca_file)
    return urllib3.PoolManager(timeout=timeout, retries=False, ssl_context=context)


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__


def _refused(answer: urllib3.BaseHTTPResponse, to: Destination, token: str) -> WriteUnavailable | WriteRejected:
    try:
        words = str(json.loads(answer.data)["message"])
    except (ValueError, KeyError, TypeError):
        words = answer.data.decode("utf-8", "replace")
    return error_of(answer.status, masked(words, token), None, to, datetime.now(UTC))
