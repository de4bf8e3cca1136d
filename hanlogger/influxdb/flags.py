"""Whether a VictoriaMetrics was started so that it keeps every point once, as its flags at `/flags` tell."""

from __future__ import annotations

import re
from collections.abc import Mapping

LEAST_YEARS = 5.0
YEAR = 365.25
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "y": YEAR, "": 30.4, "M": 30.4}  # a number alone is months

_FLAG = re.compile(r'^-?-?(retentionPeriod|dedup\.minScrapeInterval)="?([^"\s]*)"?', re.MULTILINE)
_PERIOD = re.compile(r"(\d+(?:\.\d+)?)([hdwyM]?)")


def describe_flags(text: str, url: str) -> str:
    """Return what is wrong with the flags that a VictoriaMetrics was started with; "" where nothing is."""
    flags = dict(_FLAG.findall(text))  # those that were given: all others have their defaults
    if not text.startswith("-"):
        return (
            f"the VictoriaMetrics at {url} does not tell its flags: see that it has -retentionPeriod=100y and "
            "-dedup.minScrapeInterval=1ms"
        )
    wrong = [*_check_retention(flags.get("retentionPeriod", "1")), *_check_dedup(flags)]
    return f"the VictoriaMetrics at {url} {' and '.join(wrong)}" if wrong else ""


def _check_retention(period: str) -> list[str]:
    match = _PERIOD.fullmatch(period)
    years = float(match[1]) * _DAYS[match[2]] / YEAR if match else 0.0
    return (
        [] if years >= LEAST_YEARS else [f"drops what is older than its -retentionPeriod={period}: start it with 100y"]
    )


def _check_dedup(flags: Mapping[str, str]) -> list[str]:
    if flags.get("dedup.minScrapeInterval", "0s") not in ("", "0", "0s"):
        return []
    return ["keeps a point twice that is sent twice: start it with -dedup.minScrapeInterval=1ms"]
