"""Turn an answer into an error, by who must act. Only InfluxDB itself can refuse a line, and no proxy before it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hanlogger.errors import Failing, TooLarge, WriteRejected, WriteUnavailable
from hanlogger.humanize import clean_text
from hanlogger.influxdb.answered import Answered
from hanlogger.influxdb.destination import Destination

LONGEST_WAIT = 600.0  # seconds that a Retry-After may ask for
LONGEST_WORDS = 500  # characters of a server's message: a bad line of 70 kB is quoted whole
STRANGERS_WORDS = 120  # characters of a text that is not InfluxDB's, often a page
DISK_FULL = "InfluxDB may have a full disk: it needs space and then a restart"
UNSIGNED = (
    "what takes the data at {url} does not say that it is InfluxDB: its headers X-Influxdb-Version and "
    "X-Influxdb-Build are missing; check the address, or let the proxy on the way pass them on"
)

NO_SPACE = "no space left"  # what InfluxDB says when its disk is full

_VERSION_2 = re.compile(r"v?2\.")
_CONFIGURATION = ("provide either orgid or org", "invalid precision")
_MANGLED = ("unable to read data", "unable to parse '\x1f")
"""400 for a body that was changed on the way: gzip that is corrupt, or whose Content-Encoding a proxy took away."""

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


def make_error(answer: Answered, to: Destination, now: datetime) -> WriteUnavailable | WriteRejected:
    """Return the error for an answer other than 204; `now`: an aware time, for a Retry-After that is a date."""
    if not answer.by_influxdb:
        return _make_foreign_error(answer, to, now)
    words = (clean_text(answer.words) or answer.code)[:LONGEST_WORDS]
    if answer.status in _FIXES:
        return WriteUnavailable(f"{_FIXES[answer.status](to)} (it says: {words})", needs_user=True)
    if answer.status == 413:
        return TooLarge(f"the request is too large for InfluxDB (it says: {words})", by_database=True)
    if answer.status in (400, 422):
        return _judge_refusal(answer, words)
    if answer.status == 500:
        return _judge_failure(words)
    return WriteUnavailable(
        f"InfluxDB answers {answer.status}: {words}", retry_after=read_retry_after(answer.retry_after, now)
    )


def read_retry_after(retry_after: str | None, now: datetime) -> float | None:
    """Return a Retry-After header (RFC 9110, 10.2.3) in seconds, at most 600; None where it is missing or malformed."""
    if retry_after is None:
        return None
    try:
        wait = float(retry_after)
    except ValueError:
        wait = _count_seconds_until(retry_after, now)
    return None if math.isnan(wait) else min(max(wait, 0.0), LONGEST_WAIT)


def _make_foreign_error(answer: Answered, to: Destination, now: datetime) -> WriteUnavailable:
    """Return the error for an answer that is not InfluxDB's: whatever its status, it refuses no line."""
    if answer.status == 413:
        words = f"a proxy before {to.url} takes no request of that size (status 413): raise its limit for bodies"
        return TooLarge(words, by_database=False)
    said = _extract_title(clean_text(answer.words))[:STRANGERS_WORDS]
    quoted = f" (it says: {said})" if said else ""
    version_2 = answer.signed and _VERSION_2.match(answer.version)
    what = "is no answer of InfluxDB 2 to a write" if version_2 else "is not InfluxDB 2"
    words = f"what answers {answer.status} at {to.url} {what}{quoted}: {_advise(answer)}"
    return WriteUnavailable(words, retry_after=read_retry_after(answer.retry_after, now))


def _extract_title(page: str) -> str:
    """Return the title of a page of HTML, or the text where it is none."""
    title = re.search(r"<title>(.*?)</title>", page, re.IGNORECASE)
    return title[1].strip() if title else page


def _advise(answer: Answered) -> str:
    if answer.code:
        return "it answers like it, without its header X-Influxdb-Version: let the proxy on the way pass that on"
    if answer.version and not _VERSION_2.match(answer.version):
        return f"it is InfluxDB {answer.version[:20]}, and version 2 is needed"
    if answer.status in (502, 503, 504):
        return "a proxy? Then see whether InfluxDB runs behind it"
    if answer.signed:
        return "InfluxDB itself is behind it, but does not take data there: does the address have a path too many?"
    if "https" in answer.words.lower():
        return "does the address have to begin with https://?"
    return "is the address right, or is there a proxy, a firewall or a login page on the way?"


def _judge_refusal(answer: Answered, words: str) -> WriteUnavailable | WriteRejected:
    said = answer.words.lower()
    if any(part in said for part in _CONFIGURATION):
        return WriteUnavailable(f"InfluxDB refuses the request itself: {words}: check org and bucket", needs_user=True)
    if said.startswith(_MANGLED):
        return WriteUnavailable(f"something on the way changes what is sent, and InfluxDB cannot read it: {words}")
    return WriteRejected(words)


def _judge_failure(words: str) -> WriteUnavailable | WriteRejected:
    """Return the error for a 500, with which InfluxDB 2.0 refuses what 2.7 and later refuse with 422."""
    if NO_SPACE in words:
        return WriteUnavailable(f"{DISK_FULL} (it says: {words})")
    if "partial write" in words:
        return WriteRejected(words)
    return Failing(f"InfluxDB answers 500: {words}")


def _count_seconds_until(date: str, now: datetime) -> float:
    try:
        at = parsedate_to_datetime(date)
        return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, OverflowError):
        return math.nan
