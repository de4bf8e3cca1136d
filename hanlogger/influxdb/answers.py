"""What an answer means, by who must act (design.md section 5, influxdb-2.9.1-measured.md section 4)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hanlogger.errors import WriteRejected, WriteUnavailable
from hanlogger.influxdb.destination import Destination

LONGEST_WAIT = 600.0  # seconds that a Retry-After may ask for
LONGEST_WORDS = 500  # characters of a server's message: a bad line of 70 kB is quoted whole
DISK_FULL = "InfluxDB may have a full disk: it needs space and then a restart"

_CONFIGURATION = ("provide either orgid or org", "invalid precision")
"""Answers of 400 that no line is to blame for."""

_FIXES: Mapping[int, Callable[[Destination], str]] = {
    401: lambda to: f"InfluxDB does not know the token: put a valid one in {to.token_file or 'the settings'}",
    403: lambda to: (
        f"the token lacks write permission on bucket {to.bucket}, or is inactive: "
        f"give it the permission, or put another in {to.token_file or 'the settings'}"
    ),
    404: lambda to: (
        f"InfluxDB at {to.url} has no bucket {to.bucket} in organisation {to.org}: make it, or correct the settings"
    ),
}


def error_of(
    status: int, message: str, retry_after: str | None, to: Destination, now: datetime
) -> WriteUnavailable | WriteRejected:
    """The error for an answer that is not 204; `retry_after` as in the header, `now` aware."""
    words = message.strip()[:LONGEST_WORDS]
    if status in (400, 422):
        return _refused(words)
    if status == 413:
        return WriteRejected("the request is too large for the server, or for a proxy before it", too_large=True)
    if status in _FIXES:
        return WriteUnavailable(f"{_FIXES[status](to)} (it says: {words})", needs_user=True)
    if status < 400:
        return WriteUnavailable(f"what answers at {to.url} is not InfluxDB (status {status}): a proxy or a login page?")
    return WriteUnavailable(_later(status, words), retry_after=seconds(retry_after, now))


def seconds(retry_after: str | None, now: datetime) -> float | None:
    """A Retry-After header (RFC 9110, 10.2.3: seconds, or a date) in seconds, at most 600; None without a sound one."""
    if retry_after is None:
        return None
    try:
        wait = float(retry_after)
    except ValueError:
        wait = _until(retry_after, now)
    return None if math.isnan(wait) else min(max(wait, 0.0), LONGEST_WAIT)


def _refused(words: str) -> WriteUnavailable | WriteRejected:
    if any(part in words.lower() for part in _CONFIGURATION):
        return WriteUnavailable(f"InfluxDB refuses the request itself: {words}: check org and bucket", needs_user=True)
    return WriteRejected(words)


def _later(status: int, words: str) -> str:
    if "no space left" in words:
        return f"{DISK_FULL} (it says: {words})"
    return f"InfluxDB answers {status}: {words}"


def _until(date: str, now: datetime) -> float:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
