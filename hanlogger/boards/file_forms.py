"""The form of Grafana's alerting files. Grafana stops at a wrong value and ignores a misspelt key silently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TEXT = re.compile(r"(?s)\S.*")
UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
NAME = re.compile(r"[A-Z]")
DURATION = re.compile(r"[1-9][0-9]*[smh]")
STATES = {"KeepLast", "Alerting"}

_MODEL: Mapping[str, Any] = {
    "refId": NAME,
    "datasource": {"type": {"influxdb", "__expr__"}, "uid": TEXT},
    "rawQuery?": bool,
    "resultFormat?": {"time_series"},
    "intervalMs?": int,
    "maxDataPoints?": int,
    "query?": TEXT,
    "type?": {"reduce", "math", "threshold"},
    "expression?": TEXT,
    "reducer?": {"last", "mean", "median", "min", "max", "sum", "count"},
    "settings?": {"mode": {"dropNN"}},
    "conditions?": [{"evaluator": {"type": {"gt", "lt", "outside_range"}, "params": [(int, float)]}}],
}
_STEP = {
    "refId": NAME,
    "datasourceUid": {"hanlogger-influxql", "__expr__"},
    "relativeTimeRange": {"from": int, "to": int},
    "model": _MODEL,
}
_RULE = {
    "uid": UID,
    "title": TEXT,
    "condition": NAME,
    "for": DURATION,
    "keepFiringFor?": DURATION,
    "missing_series_evals_to_resolve": int,
    "noDataState": STATES,
    "execErrState": STATES,
    "dashboardUid": UID,
    "panelId": int,
    "labels": {"app": TEXT, "severity": {"info", "warning", "critical"}},
    "annotations": {"summary": TEXT, "description": TEXT, "board": TEXT},
    "notification_settings?": {
        "receiver": TEXT,
        "group_by": [TEXT],
        "group_wait": DURATION,
        "group_interval": DURATION,
        "repeat_interval": DURATION,
    },
    "data": [_STEP],
}
RULE_FILE = {
    "apiVersion": {1},
    "groups": [{"orgId": int, "name": TEXT, "folder": TEXT, "interval": DURATION, "rules": [_RULE]}],
    "deleteRules?": [{"orgId": int, "uid": UID}],
}
CONTACT_FILE = {
    "apiVersion": {1},
    "contactPoints?": [
        {
            "orgId": int,
            "name": TEXT,
            "receivers": [
                {
                    "uid": UID,
                    "type": {"email", "webhook"},
                    "settings": {"addresses?": TEXT, "url?": TEXT, "httpMethod?": {"POST"}},
                }
            ],
        }
    ],
    "deleteContactPoints?": [{"orgId": int, "uid": UID}],
}


def find_problems(tree: Any, form: Any, where: str = "") -> Iterator[str]:
    """Yield each fault of `tree` against a form, with the path to it.

    A form is a type or a tuple of types, a set of values, a pattern, a list of one form, or a dict of forms; a key that
    ends in `?` may be missing.
    """
    if isinstance(form, Mapping):
        yield from _find_problems_of_keys(tree, form, where)
    elif isinstance(form, list):
        items = tree if isinstance(tree, list) else [None]
        for number, item in enumerate(items):
            yield from find_problems(item, form[0], f"{where}[{number}]")
    elif not _fits(tree, form):
        yield f"{where}: found {tree!r}"


def _find_problems_of_keys(tree: Any, form: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(tree, dict):
        yield f"{where}: found {tree!r}"
        return
    allowed = {key.rstrip("?"): value for key, value in form.items()}
    yield from (f"{where}.{key}: no such key" for key in tree if key not in allowed)
    yield from (f"{where}.{key}: missing" for key in form if not key.endswith("?") and key not in tree)
    for key, value in tree.items():
        if key in allowed:
            yield from find_problems(value, allowed[key], f"{where}.{key}")


def _fits(value: Any, form: Any) -> bool:
    if isinstance(form, re.Pattern):
        return isinstance(value, str) and form.fullmatch(value) is not None
    if isinstance(form, set):
        return value in form
    return isinstance(value, form) and (form is bool or not isinstance(value, bool))
