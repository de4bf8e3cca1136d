"""The requests to a destination that do not write lines, for every command that needs one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hanlogger.errors import WriteUnavailable
from hanlogger.http import Limits, NoAnswer, Server, by_token
from hanlogger.humanize import format_utc
from hanlogger.influxdb.answered import Answered, read_answer
from hanlogger.influxdb.destination import Destination

if TYPE_CHECKING:
    import urllib3


def get_limits(to: Destination) -> Limits:
    """Return what a request to a destination may take."""
    return Limits(connect=to.connect_timeout, read=to.read_timeout)


def connect(to: Destination, limits: Limits) -> Server:
    """Return the server of a destination; raise WriteUnavailable where its certificates cannot be read."""
    try:
        return Server(to.url, limits, to.ca_file)
    except NoAnswer as error:
        raise WriteUnavailable(str(error), needs_user=True) from error


def write_nothing(server: Server, to: Destination, token: str) -> Answered:
    """Return the answer to an empty, uncompressed write, which tests everything without data; raise NoAnswer.

    The answer is 204 where address, token, organisation and bucket are right, else 401, 403 or 404 (measured,
    docs/influxdb.md 9.3).
    """
    query = {"org": to.org, "bucket": to.bucket, "precision": "ms"}
    return read_answer(server.ask("POST", "/api/v2/write", query, authorization=by_token(token)))


def delete(server: Server, to: Destination, token: str, meter: str, start: datetime, end: datetime) -> Answered:
    """Return the answer to a request that deletes a meter's points from `start` through `end`; raise NoAnswer.

    `meter`: a name of [A-Za-z0-9_-]+, so that the predicate can say nothing else. A token that may write may do this
    (measured, docs/influxdb.md 9.3).
    """
    content = {"start": format_utc(start), "stop": format_utc(end), "predicate": f'meter="{meter}"'}
    query = {"org": to.org, "bucket": to.bucket}
    return read_answer(server.ask("POST", "/api/v2/delete", query, content=content, authorization=by_token(token)))


def query_flux(server: Server, to: Destination, token: str, flux: str) -> urllib3.BaseHTTPResponse:
    """Return the answer to a query, CSV where it is 200; raise NoAnswer."""
    content = {"query": flux, "type": "flux", "dialect": {"header": True, "annotations": []}}
    return server.ask("POST", "/api/v2/query", {"org": to.org}, content=content, authorization=by_token(token))


def explain(error: NoAnswer, to: Destination) -> WriteUnavailable:
    """Return the error for an answer that did not come."""
    if error.unsafe:
        words = f"no safe connection to {to.url}: {error}: check the address, ca_file and this host's clock"
        return WriteUnavailable(words, needs_user=True)
    return WriteUnavailable(f"InfluxDB at {to.url} cannot be reached: {error}")
