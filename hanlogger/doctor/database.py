"""InfluxDB: does it answer, is it one, does it let us write, does it take what we write?"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

import urllib3

from hanlogger.deliver.drafts import Drafter
from hanlogger.doctor.case import Host
from hanlogger.doctor.finding import Finding, note, skipped, well, wrong
from hanlogger.errors import WriteRejected, WriteUnavailable
from hanlogger.influxdb import Destination, Influx
from hanlogger.influxdb.answers import DISK_FULL
from hanlogger.journal import Journal, Record
from hanlogger.state import DestinationState, State
from hanlogger.words import span

FULL = ("no space left", DISK_FULL)
LOOKED_AT = 500  # records


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
            yield from _takes(host, to, facts)


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
    return Probe(answer.status, words.replace(token, "…"), version or ("2" if ours else ""))


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


# --- it lets us write: does it take what we write?


def _takes(host: Host, to: Destination, facts: dict[str, object]) -> Iterator[Finding]:
    """By what the running logger was answered, else by writing once more what it has taken before."""
    state = _state(host.running, to)
    words = _written_again(host, to) if state is None else _trouble(state)
    if words:
        yield wrong(_trouble_key(words), to.name, **facts, words=words)
    elif state and state.oldest:
        age = (datetime.now(UTC) - state.oldest).total_seconds()
        yield note("database-behind", to.name, **facts, waiting=state.waiting, age=span(age))


def _state(running: State | None, to: Destination) -> DestinationState | None:
    return next((state for state in running.destinations if state.name == to.name), None) if running else None


def _trouble(state: DestinationState) -> str:
    return state.answer.words if state.answer is not None and not state.answer.ok else ""


def _trouble_key(words: str) -> str:
    if any(full in words for full in FULL):
        return "database-disk-full"
    return "database-fails" if "InfluxDB answers 5" in words else "database-refuses"


def _written_again(host: Host, to: Destination) -> str:
    """The server's words when it does not take a minute of health that it has: writing twice is writing once."""
    with host.journal() as journal:
        record = _delivered(journal, to) if journal else None
        if journal is None or record is None:
            return ""
        draft = Drafter(journal.before, {}, host.settings.logger).draft(record)
    influx = Influx(to)
    try:
        influx.write(b"".join(line.data for line in draft.lines))
    except WriteUnavailable as error:
        return str(error)
    except WriteRejected:  # older than the bucket keeps
        return ""
    finally:
        influx.close()
    return ""


def _delivered(journal: Journal, to: Destination) -> Record | None:
    """The last minute of health that is in the database."""
    cursor = journal.cursor(to.name)
    records = journal.after(max(0, cursor - LOOKED_AT), LOOKED_AT)
    return next((record for record in reversed(records) if record.kind == "health" and record.id <= cursor), None)
