"""InfluxDB: does it answer, is it one, does it let us write?"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

import urllib3

from hanlogger.doctor.case import Host
from hanlogger.doctor.finding import Finding, skipped, well, wrong
from hanlogger.doctor.writing import check_writing
from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb import Destination, masked


class Probe(NamedTuple):
    """The answer to a request that writes nothing."""

    status: int
    words: str
    version: str  # of InfluxDB; "" where what answers is none


def check_databases(host: Host) -> Iterator[Finding]:
    """All that are configured, until one is wrong."""
    if not host.settings.destinations:
        yield skipped("database-none")
    for to in host.settings.destinations:
        yield from _check(host, to)


def _check(host: Host, to: Destination) -> Iterator[Finding]:
    facts: dict[str, object] = {"url": to.url, "org": to.org, "bucket": to.bucket, "file": to.token_file or "–"}
    try:
        probe = _probe(to, to.read_token())
    except WriteUnavailable as error:
        yield wrong("database-no-token", to.name, **facts, words=error)
    except urllib3.exceptions.SSLError as error:
        yield wrong("database-tls", to.name, **facts, words=_last(error))
    except (urllib3.exceptions.HTTPError, OSError) as error:
        yield wrong("database-unreachable", to.name, **facts, words=_last(error))
    else:
        refused = _refused(to, probe, facts)
        yield refused or well("database", to.name, **facts, version=probe.version)
        if not refused:
            yield from check_writing(host, to, facts)


def _probe(to: Destination, token: str) -> Probe:
    """An empty, uncompressed write: 204, 401, 403 or 404 (influxdb-2.9.1-measured.md 3)."""
    query = urlencode({"org": to.org, "bucket": to.bucket, "precision": "ms"})
    timeout = urllib3.Timeout(connect=to.connect_timeout, read=to.read_timeout)
    with urllib3.PoolManager(retries=False, timeout=timeout, ssl_context=_trust(to)) as pool:
        answer = pool.request(
            "POST",
            f"{to.url}/api/v2/write?{query}",
            body=b"",
            headers={"Authorization": f"Token {token}"},
            redirect=False,
        )
    words, ours = _read(answer.data)
    version = answer.headers.get("X-Influxdb-Version", "")
    return Probe(answer.status, masked(words, token), version or ("2" if ours else ""))


def _trust(to: Destination) -> ssl.SSLContext | None:
    if to.ca_file is None:
        return None
    context = ssl.create_default_context()
    context.load_verify_locations(to.ca_file)
    return context


def _read(body: bytes) -> tuple[str, bool]:
    """A server's message, and whether it has the form of InfluxDB's."""
    try:
        answer = json.loads(body)
        return str(answer["message"]), "code" in answer
    except (ValueError, KeyError, TypeError):
        return " ".join(body[:200].decode("utf-8", "replace").split()), False


_STATUS = {401: "database-token", 403: "database-permission", 404: "database-bucket"}


def _refused(to: Destination, probe: Probe, facts: dict[str, object]) -> Finding | None:
    told = {**facts, "status": probe.status, "words": probe.words}
    if not probe.version:
        return wrong("database-not-influxdb", to.name, **told)
    if probe.version.lstrip("v").startswith("1."):
        return wrong("database-influxdb-1", to.name, **told, version=probe.version)
    if probe.status == 204:
        return None
    return wrong(_STATUS.get(probe.status, "database-answers"), to.name, **told)


def _last(error: Exception) -> str:
    """The innermost reason."""
    reason = getattr(error, "reason", None)
    inner = (
        reason if isinstance(reason, Exception) else error.__cause__ if isinstance(error.__cause__, Exception) else None
    )
    return _last(inner) if inner is not None else str(error)
