"""One alert rule: what it asks, over how long, and when it speaks. alerting.py writes it as Grafana reads it.

Only `han-meter-silent` speaks of missing data; all others keep their state while there is none, so an outage is one
alarm. A series in a result becomes an alert of its own, its tags become labels.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from hanlogger.boards.text import Text

T = "$timeFilter"
MINUTE, HOUR, DAY = 60, 3600, 86_400

METER, PHASE = "{{ $labels.meter }}", "{{ $labels.meter }} {{ $labels.phase }}"


class Rule(NamedTuple):
    """One rule.

    The reducers make one number each of every series of the query, named B, C …; `math` calculates with them. The rule
    holds where `condition` is true of the result of `math`, or of B without it.
    """

    uid: str
    title: Text
    summary: Text  # a Grafana template: $labels, $values
    advice: Text
    query: str
    span: int  # s: how far back the query looks
    condition: tuple[Literal["gt", "lt", "outside_range"], tuple[float, ...]]
    board: tuple[str, int]  # uid and panel that show it
    reducers: tuple[str, ...] = ("last",)
    math: str = ""
    wait: int = MINUTE  # s that it must hold before it speaks
    keep: int = 0  # s that it goes on speaking after it held last
    severity: Literal["info", "warning", "critical"] = "warning"
    speaks_of_missing: bool = False
