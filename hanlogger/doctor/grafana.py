"""Check of Grafana, if its address and a login are set: whether its data source reaches the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from hanlogger.config import Grafana
from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note_skipped, note_warning, note_well, note_wrong
from hanlogger.http import Limits, NoAnswer, Server, by_password, read_json
from hanlogger.humanize import clean_text

LIMITS = Limits(connect=10.0, read=10.0, most=1_048_576)  # enough for a list of some hundred data sources
MOST_WORDS = 500  # characters of Grafana's message that are shown


class Answer(NamedTuple):
    """The status of an HTTP answer and its body as JSON; None if the body is not JSON."""

    status: int
    body: Any


def check_grafana(host: Host) -> Iterator[Finding]:
    """Yield whether Grafana answers, accepts the login, and has a data source that reaches InfluxDB."""
    grafana = host.settings.grafana
    if grafana is None:
        yield note_skipped("grafana-none")
        return
    try:
        yield _look(grafana)
    except (NoAnswer, OSError) as error:
        yield note_wrong("grafana-unreachable", url=grafana.url, words=error)


def _look(grafana: Grafana) -> Finding:
    facts: dict[str, object] = {"url": grafana.url, "user": grafana.user}
    if not isinstance(_get(grafana, "/api/health").body, dict):
        return note_wrong("grafana-not", **facts)
    sources = _get(grafana, "/api/datasources")
    if sources.status != 200:
        return note_wrong("grafana-login", **facts, status=sources.status)
    found = _list_influxdbs(sources.body)
    if not found:
        return note_wrong("grafana-no-source", **facts)
    ours = next((source for source in found if "hanlogger" in str(source.get("name", "")).lower()), found[0])
    answer = _get(grafana, f"/api/datasources/uid/{quote(str(ours.get('uid')), safe='')}/health")
    told = answer.body if isinstance(answer.body, dict) else {}
    words = str(told.get("message", f"status {answer.status}"))
    facts |= {"source": clean_text(str(ours.get("name"))), "words": clean_text(words)[:MOST_WORDS]}
    if answer.status != 200 or told.get("status") != "OK":
        return note_wrong("grafana-source", **facts)
    return (
        note_warning("grafana-empty", **facts)
        if _NOTHING.search(str(facts["words"]))
        else note_well("grafana", **facts)
    )


def _list_influxdbs(sources: Any) -> list[dict[str, Any]]:
    """Return the data sources of type InfluxDB in Grafana's answer; none if the answer is not a list."""
    listed = sources if isinstance(sources, list) else []
    return [source for source in listed if isinstance(source, dict) and source.get("type") == "influxdb"]


_NOTHING = re.compile(r"\b0 measurements")
"""Grafana's "OK" for a bucket that is empty or does not exist."""


def _get(grafana: Grafana, path: str) -> Answer:
    login = by_password(grafana.user, grafana.read_password())
    with Server(grafana.url, LIMITS) as server:
        answer = server.ask("GET", path, authorization=login)
    return Answer(answer.status, read_json(answer.data))
