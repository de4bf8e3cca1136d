"""The type of an alert rule, which alerting.py turns into Grafana's form.

Only `han-meter-silent` alerts on missing data; all others keep their state meanwhile, so that an outage is one alert.
Each series of a query's result is an alert of its own, whose labels are its tags.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from hanlogger.language import Text

TIME_FILTER = "$timeFilter"
MINUTE, HOUR, DAY = 60, 3600, 86_400

METER, PHASE = "{{ $labels.meter }}", "{{ $labels.meter }} {{ $labels.phase }}"
LINE, LOGGER, OBIS = "{{ $labels.line }}", "{{ $labels.logger }}", "{{ $labels.obis }}"


def format_value(decimals: int, reducer: str = "B") -> str:
    """Return the part of a message that is the number of a reducer."""
    return f'{{{{ printf "%.{decimals}f" $values.{reducer}.Value }}}}'


class Rule(NamedTuple):
    """One alert rule: its query, its condition, its texts, and the panel that shows the same data.

    Each reducer makes a number of every series of the query, named B, C …; `math` calculates with them. The rule fires
    when `condition` is true for the result of `math`, or for B if there is no `math`.
    """

    uid: str
    title: Text
    summary: Text  # a Grafana template: $labels, $values
    advice: Text
    query: str
    span: int  # s that the query looks back
    condition: tuple[Literal["gt", "lt", "outside_range"], tuple[float, ...]]
    board: tuple[str, int]  # uid and panel that show it
    reducers: tuple[str, ...] = ("last",)
    math: str = ""
    pending: int = MINUTE  # s that the condition must be true before the rule fires
    keep: int = 0  # s that it goes on firing after the condition was last true
    severity: Literal["info", "warning", "critical"] = "warning"
    alerts_on_no_data: bool = False
