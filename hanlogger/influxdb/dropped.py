"""What a VictoriaMetrics has dropped, as its counters at `/metrics` tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_COUNTER = re.compile(
    r'^(vm_rows_ignored_total\{[^}]*reason="([^"]*)"[^}]*\}|vm_rows_invalid_total\{[^}]*type="(influx)"[^}]*\}) (\S+)$',
    re.MULTILINE,
)
_UPTIME = re.compile(r"^vm_app_uptime_seconds (\S+)$", re.MULTILINE)

_REASONS = {
    "small_timestamp": "they are older than its -retentionPeriod",
    "big_timestamp": "they lie in the future",
    "influx": "it cannot read them",
}


class Dropped(NamedTuple):
    """How many rows a VictoriaMetrics has dropped since it started, by its own word for why."""

    by_reason: Mapping[str, float]
    uptime: float = 0.0  # seconds, when it counted

    def count_since(self, before: Dropped) -> Mapping[str, float]:
        """Return what was dropped since; a counter that is lower than before began anew."""
        grown = {
            reason: number - (earlier if (earlier := before.by_reason.get(reason, 0.0)) <= number else 0.0)
            for reason, number in self.by_reason.items()
        }
        return {reason: number for reason, number in grown.items() if number > 0}


def read_counters(text: str) -> Dropped:
    """Return what a VictoriaMetrics has dropped, from its own metrics."""
    found = ((reason or kind, float(number)) for _, reason, kind, number in _COUNTER.findall(text))
    uptime = _UPTIME.search(text)
    return Dropped(dict(found), float(uptime[1]) if uptime else 0.0)


def describe_dropped(lost: Mapping[str, float]) -> str:
    """Return why rows were dropped, in words; `lost`: by the reason that VictoriaMetrics counts under.

    >>> describe_dropped({"small_timestamp": 2.0})
    'VictoriaMetrics answered 204 and dropped rows: 2, because they are older than its -retentionPeriod'
    """
    parts = (f"{number:.0f}, because {_REASONS.get(reason, reason)}" for reason, number in sorted(lost.items()))
    return f"VictoriaMetrics answered 204 and dropped rows: {'; '.join(parts)}"
