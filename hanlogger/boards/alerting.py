"""Alert rules and the contact point as Grafana's provisioning files say them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import ascii_uppercase
from typing import Any

from hanlogger.boards.checks import CONTACT_FILE, RULE_FILE, problems
from hanlogger.boards.panels import MATH, SOURCE, Json
from hanlogger.boards.rule import HOUR, MINUTE, Rule
from hanlogger.boards.rules import rules
from hanlogger.boards.settings import RuleSettings, is_email
from hanlogger.boards.text import spoken
from hanlogger.errors import ConfigError

ORGANISATION = 1
GROUP, FOLDER = "hanlogger", "hanlogger alerts"  # a folder of its own: rules are read before boards
RECEIVER, RECEIVER_UID = "hanlogger", "hanlogger-1"
EVALUATED_EACH = "1m"
REMEMBERED, FORGOTTEN = 1440, 5
"""Evaluations after which an alert whose series has vanished ends: a day, so a gap ends none; but the alert of an empty
database, which has no labels, ends once there is a series."""

NOTIFICATION = {
    "receiver": RECEIVER,
    "group_by": ["grafana_folder", "alertname", "meter"],
    "group_wait": "30s",
    "group_interval": "5m",
    "repeat_interval": "12h",
}
"""A rule names its receiver itself, so the notification policies of an existing Grafana stay as they are."""


def rule_file(settings: RuleSettings, gone: Iterable[str] = ()) -> Json:
    """All rules, and the deletion of those in `gone` (uids rendered before) that there are no more.

    ConfigError where Grafana would stop.
    """
    wanted = [_rule(rule, settings) for rule in rules(settings)]
    deleted = sorted(set(gone) - {rule["uid"] for rule in wanted})
    group = {"orgId": ORGANISATION, "name": GROUP, "folder": plain(FOLDER), "interval": EVALUATED_EACH, "rules": wanted}
    tree: Json = {"apiVersion": 1, "groups": [group]}
    if deleted:
        tree["deleteRules"] = [{"orgId": ORGANISATION, "uid": uid} for uid in deleted]
    return _checked(tree, RULE_FILE)


def contact_file(settings: RuleSettings, *, was_there: bool = False) -> Json | None:
    """Where messages go; without a target the deletion of the contact point that was there before, or nothing."""
    if settings.notify is not None:
        point = {"orgId": ORGANISATION, "name": RECEIVER, "receivers": [_receiver(settings.notify)]}
        return _checked({"apiVersion": 1, "contactPoints": [point]}, CONTACT_FILE)
    if was_there:
        gone = [{"orgId": ORGANISATION, "uid": RECEIVER_UID}]
        return _checked({"apiVersion": 1, "deleteContactPoints": gone}, CONTACT_FILE)
    return None


def rendered_before(tree: Any) -> set[str]:
    """The uids of rules in an older file, those it deleted included; empty where it is none of ours."""
    try:
        groups, deleted = tree.get("groups") or [], tree.get("deleteRules") or []
        there = [rule["uid"] for group in groups for rule in group["rules"]]
        return {str(uid) for uid in (*there, *(rule["uid"] for rule in deleted))}
    except (AttributeError, KeyError, TypeError):
        return set()


def plain(text: str) -> str:
    """`text` where Grafana expands variables: titles, folders, labels, contact settings."""
    return text.replace("$", "$$")


def _rule(rule: Rule, settings: RuleSettings) -> Json:
    missing = "Alerting" if rule.speaks_of_missing else "KeepLast"
    board, panel = rule.board
    return {
        "uid": rule.uid,
        "title": plain(spoken(rule.title, settings.lang)),
        "condition": "Z",
        "for": _duration(rule.wait),
        **({"keepFiringFor": _duration(rule.keep)} if rule.keep else {}),
        "missing_series_evals_to_resolve": FORGOTTEN if rule.speaks_of_missing else REMEMBERED,
        "noDataState": missing,
        "execErrState": missing,
        "dashboardUid": board,
        "panelId": panel,
        "labels": {"app": "hanlogger", "severity": rule.severity},
        "annotations": spoken({"summary": rule.summary, "description": rule.advice}, settings.lang),
        **({"notification_settings": NOTIFICATION} if settings.notify else {}),
        "data": list(_steps(rule)),
    }


def _steps(rule: Rule) -> Iterator[Json]:
    """A asks, B, C … reduce each series to a number, Y calculates, Z compares."""
    yield _step("A", rule.span, SOURCE, _query(rule.query))
    names = ascii_uppercase[1 : 1 + len(rule.reducers)]
    for name, reducer in zip(names, rule.reducers, strict=True):
        reduced = {"type": "reduce", "expression": "A", "reducer": reducer, "settings": {"mode": "dropNN"}}
        yield _step(name, rule.span, MATH, reduced)
    if rule.math:
        yield _step("Y", rule.span, MATH, {"type": "math", "expression": rule.math})
    kind, limits = rule.condition
    compared = {"type": "threshold", "expression": "Y" if rule.math else "B"}
    evaluator = {"type": kind, "params": list(limits)}
    yield _step("Z", rule.span, MATH, {**compared, "conditions": [{"evaluator": evaluator}]})


def _query(influxql: str) -> Json:
    return {
        "rawQuery": True,
        "resultFormat": "time_series",
        "intervalMs": 60_000,
        "maxDataPoints": 1500,
        "query": influxql,
    }


def _step(name: str, span: int, source: Json, model: Json) -> Json:
    return {
        "refId": name,
        "datasourceUid": source["uid"],
        "relativeTimeRange": {"from": span, "to": 0},
        "model": {"refId": name, "datasource": source, **model},
    }


def _receiver(notify: str) -> Json:
    if is_email(notify):
        return {"uid": RECEIVER_UID, "type": "email", "settings": {"addresses": plain(notify)}}
    return {"uid": RECEIVER_UID, "type": "webhook", "settings": {"url": plain(notify), "httpMethod": "POST"}}


def _duration(seconds: int) -> str:
    whole = seconds % HOUR == 0
    return f"{seconds // HOUR}h" if whole else f"{seconds // MINUTE}m"


def _checked(tree: Json, form: Any) -> Json:
    """`tree` unless Grafana would stop over it or drop a part of it without a word."""
    if found := list(problems(tree, form)):
        raise ConfigError(f"alert rules: {found[0]}")
    return tree
