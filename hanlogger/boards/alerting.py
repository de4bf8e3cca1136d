"""Alert rules and the contact point in the form of Grafana's provisioning files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import ascii_uppercase
from typing import Any

from hanlogger.boards.file_forms import CONTACT_FILE, RULE_FILE, find_problems
from hanlogger.boards.panels import MATH, SOURCE, Json
from hanlogger.boards.rule import HOUR, MINUTE, Rule
from hanlogger.boards.rules import make_rules
from hanlogger.boards.settings import RuleSettings, is_email
from hanlogger.boards.text import translate
from hanlogger.errors import ConfigError

ORGANISATION = 1
GROUP, FOLDER = "hanlogger", "hanlogger alerts"  # a folder of its own, as Grafana reads rules before boards
RECEIVER, RECEIVER_UID = "hanlogger", "hanlogger-1"
EVALUATED_EACH = "1m"
GAP_EVALUATIONS, EMPTY_EVALUATIONS = 1440, 5
"""Evaluations after which an alert ends when its series is missing: a day, so that a gap does not end it.

The alert of an empty database, which has no labels, is to end soon after there is a series.
"""

GRAFANA = '{{ reReplaceAll "/+$" "" externalURL }}'
OF_METER = "{{ if $labels.meter }}&var-meter={{ $labels.meter }}{{ end }}"
"""Templates of the link in a message to the panel that shows what it is about, for the meter that it is about."""

NOTIFICATION = {
    "receiver": RECEIVER,
    "group_by": ["grafana_folder", "alertname"],
    "group_wait": "30s",
    "group_interval": "5m",
    "repeat_interval": "12h",
}
"""The notification settings of each rule: they leave the notification policies of a Grafana as they are.

A message lists every meter that the rule is about, so that a logger of two hundred that dies is told once.
"""


def make_rule_file(settings: RuleSettings, gone: Iterable[str] = ()) -> Json:
    """Return the provisioning file of all rules; ConfigError if Grafana could not read it.

    gone: uids of rules in an older file, which are deleted in Grafana if they are no longer among the rules.
    """
    wanted = [_make_rule(rule, settings) for rule in make_rules(settings)]
    deleted = sorted(set(gone) - {rule["uid"] for rule in wanted})
    group = {
        "orgId": ORGANISATION,
        "name": GROUP,
        "folder": escape_dollars(FOLDER),
        "interval": EVALUATED_EACH,
        "rules": wanted,
    }
    tree: Json = {"apiVersion": 1, "groups": [group]}
    if deleted:
        tree["deleteRules"] = [{"orgId": ORGANISATION, "uid": uid} for uid in deleted]
    return _check(tree, RULE_FILE)


def make_contact_file(settings: RuleSettings, *, was_there: bool = False) -> Json | None:
    """Return the provisioning file of the contact point to which notifications go.

    Without one in the settings: a file that deletes the older contact point if there was one, else None.
    """
    if settings.notify is not None:
        point = {"orgId": ORGANISATION, "name": RECEIVER, "receivers": [_make_receiver(settings.notify)]}
        return _check({"apiVersion": 1, "contactPoints": [point]}, CONTACT_FILE)
    if was_there:
        gone = [{"orgId": ORGANISATION, "uid": RECEIVER_UID}]
        return _check({"apiVersion": 1, "deleteContactPoints": gone}, CONTACT_FILE)
    return None


def find_rule_uids(tree: Any) -> set[str]:
    """Return the uids of all rules in an older file, and of those that it deletes; empty if it is not hanlogger's."""
    try:
        groups, deleted = tree.get("groups") or [], tree.get("deleteRules") or []
        there = [rule["uid"] for group in groups for rule in group["rules"]]
        return {str(uid) for uid in (*there, *(rule["uid"] for rule in deleted))}
    except (AttributeError, KeyError, TypeError):
        return set()


def escape_dollars(text: str) -> str:
    """Return a text with $ doubled, for fields in which Grafana expands variables: titles, folders, contacts."""
    return text.replace("$", "$$")


def _make_rule(rule: Rule, settings: RuleSettings) -> Json:
    missing = "Alerting" if rule.alerts_on_no_data else "KeepLast"
    board, panel = rule.board
    return {
        "uid": rule.uid,
        "title": escape_dollars(translate(rule.title, settings.lang)),
        "condition": "Z",
        "for": _format_duration(rule.pending),
        **({"keepFiringFor": _format_duration(rule.keep)} if rule.keep else {}),
        "missing_series_evals_to_resolve": EMPTY_EVALUATIONS if rule.alerts_on_no_data else GAP_EVALUATIONS,
        "noDataState": missing,
        "execErrState": missing,
        "dashboardUid": board,
        "panelId": panel,
        "labels": {"app": "hanlogger", "severity": rule.severity},
        "annotations": {
            **translate({"summary": rule.summary, "description": rule.advice}, settings.lang),
            "board": f"{GRAFANA}/d/{board}?viewPanel={panel}{OF_METER}",
        },
        **({"notification_settings": NOTIFICATION} if settings.notify else {}),
        "data": list(_make_steps(rule)),
    }


def _make_steps(rule: Rule) -> Iterator[Json]:
    """Yield the steps of a rule: query A, reductions B, C … of each series to a number, calculation Y, comparison Z."""
    yield _make_step("A", rule.span, SOURCE, _make_query(rule.query))
    names = ascii_uppercase[1 : 1 + len(rule.reducers)]
    for name, reducer in zip(names, rule.reducers, strict=True):
        reduced = {"type": "reduce", "expression": "A", "reducer": reducer, "settings": {"mode": "dropNN"}}
        yield _make_step(name, rule.span, MATH, reduced)
    if rule.math:
        yield _make_step("Y", rule.span, MATH, {"type": "math", "expression": rule.math})
    kind, limits = rule.condition
    compared = {"type": "threshold", "expression": "Y" if rule.math else "B"}
    evaluator = {"type": kind, "params": list(limits)}
    yield _make_step("Z", rule.span, MATH, {**compared, "conditions": [{"evaluator": evaluator}]})


def _make_query(influxql: str) -> Json:
    return {
        "rawQuery": True,
        "resultFormat": "time_series",
        "intervalMs": 60_000,
        "maxDataPoints": 1500,
        "query": influxql,
    }


def _make_step(name: str, span: int, source: Json, model: Json) -> Json:
    return {
        "refId": name,
        "datasourceUid": source["uid"],
        "relativeTimeRange": {"from": span, "to": 0},
        "model": {"refId": name, "datasource": source, **model},
    }


def _make_receiver(notify: str) -> Json:
    if is_email(notify):
        return {"uid": RECEIVER_UID, "type": "email", "settings": {"addresses": escape_dollars(notify)}}
    return {"uid": RECEIVER_UID, "type": "webhook", "settings": {"url": escape_dollars(notify), "httpMethod": "POST"}}


def _format_duration(seconds: int) -> str:
    whole = seconds % HOUR == 0
    return f"{seconds // HOUR}h" if whole else f"{seconds // MINUTE}m"


def _check(tree: Json, form: Any) -> Json:
    """Return `tree`; ConfigError if it has a fault at which Grafana would stop, or that it would ignore silently."""
    if found := list(find_problems(tree, form)):
        raise ConfigError(f"alert rules: {found[0]}")
    return tree
