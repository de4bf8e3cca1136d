"""Whether a VictoriaMetrics was started so that it keeps every point once, as its flags at `/flags` tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from hanlogger.influxdb.counters import Role

LEAST_YEARS = 5.0
LONGEST_IN_MEMORY = 5.0
"""Seconds of -inmemoryDataFlushInterval for which `Destination.memory_seconds` is measured."""

YEAR = 365.25
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "y": YEAR, "": 30.4, "M": 30.4}  # a number alone is months
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

_FLAG = re.compile(r'^-?-?([A-Za-z.]+)="?([^"\s]*)"?', re.MULTILINE)
_PERIOD = re.compile(r"(\d+(?:\.\d+)?)([hdwyM]?)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")

Flags = Mapping[str, str]


def read_flags(text: str) -> Flags:
    """Return the flags that a process was started with, by name: all others have their defaults."""
    return dict(_FLAG.findall(text))


def read_copies(flags: Flags) -> int:
    """Return how often a vminsert sends each row."""
    given = flags.get("replicationFactor", "1")
    return int(given) if given.isdigit() else 1


def describe_flags(text: str, url: str, role: Role = "victoria-metrics") -> str:
    """Return what is wrong with the flags that a process of a VictoriaMetrics was started with; "" where nothing is."""
    flags = read_flags(text)
    if not text.startswith("-"):
        return (
            f"the {_NAMES[role]} at {url} does not tell its flags: see that it has -retentionPeriod=100y and "
            "-dedup.minScrapeInterval=1ms"
        )
    wrong = [words for check in _CHECKS[role] if (words := check(flags))]
    return f"the {_NAMES[role]} at {url} {' and '.join(wrong)}" if wrong else ""


def _check_retention(flags: Flags) -> str:
    period = flags.get("retentionPeriod", "1")
    match = _PERIOD.fullmatch(period)
    years = float(match[1]) * _DAYS[match[2]] / YEAR if match else 0.0
    return "" if years >= LEAST_YEARS else f"drops what is older than its -retentionPeriod={period}: start it with 100y"


def _check_dedup(flags: Flags) -> str:
    if flags.get("dedup.minScrapeInterval", "0s") not in ("", "0", "0s"):
        return ""
    return "keeps a point twice that is sent twice: start it with -dedup.minScrapeInterval=1ms"


def _check_memory(flags: Flags) -> str:
    given = flags.get("inmemoryDataFlushInterval", "5s")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(given))
    if seconds <= LONGEST_IN_MEMORY:
        return ""
    return (
        "may lose what it has taken where it is killed, or the power fails: start it without "
        f"-inmemoryDataFlushInterval={given}"
    )


def _check_overload(flags: Flags) -> str:
    if flags.get("dropSamplesOnOverload", "false") == "false":
        return ""
    return "drops what it has taken where a vmstorage is down: start it without -dropSamplesOnOverload"


_STORE: Sequence[Callable[[Flags], str]] = (_check_retention, _check_dedup, _check_memory)

_CHECKS: Mapping[Role, Sequence[Callable[[Flags], str]]] = {
    "victoria-metrics": _STORE,
    "vmstorage": _STORE,
    "vminsert": (_check_overload,),
    "vmselect": (_check_dedup,),
}

_NAMES: Mapping[Role, str] = {
    "victoria-metrics": "VictoriaMetrics",
    "vmstorage": "vmstorage",
    "vminsert": "vminsert",
    "vmselect": "vmselect",
}
