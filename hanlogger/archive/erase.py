"""Deleting a meter's points from a database (POST /api/v2/delete; a token that may write may do it, measured, 3)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from urllib.parse import urlencode

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb import Destination, masked
from hanlogger.influxdb.answered import Answered, answered
from hanlogger.influxdb.answers import UNSIGNED, error_of
from hanlogger.influxdb.reach import limits_of, pool_of, unreachable
from hanlogger.web import NoAnswer

EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
LONGEST = 600.0  # seconds that a server may take: it goes through all of its files


log = logging.getLogger(__name__)


def erase(to: Destination, meter: str, start: datetime, end: datetime) -> None:
    """Delete every point of the meter from `start` through `end`, both included; WriteUnavailable, WriteRejected.

    meter: a name of [A-Za-z0-9_-]+, so that nothing else can be said with it.
    """
    body = {"start": _written(start), "stop": _written(end), "predicate": f'meter="{meter}"'}
    token = to.read_token()
    try:
        answer = _ask(to, json.dumps(body), token)
    except NoAnswer as error:
        words = f"{unreachable(error, to)}; nothing is deleted from the journal: try it again"
        raise WriteUnavailable(masked(words, token)) from error
    if answer.status != 204:
        raise error_of(answer._replace(words=masked(answer.words, token)), to, datetime.now(UTC))
    if not answer.signed:
        log.error(UNSIGNED.format(url=to.url))


def _ask(to: Destination, body: str, token: str) -> Answered:
    url = f"{to.url}/api/v2/delete?{urlencode({'org': to.org, 'bucket': to.bucket})}"
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    with pool_of(to, limits_of(to)._replace(read=LONGEST)) as pool:
        return answered(pool.request("POST", url, body=body, headers=headers))


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
