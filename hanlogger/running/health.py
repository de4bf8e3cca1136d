"""The logger's own health: each minute a record in the journal, delivered as measurement `hanlogger`."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hanlogger.intervals.span import Span
from hanlogger.status.costs import FeeState
from hanlogger.status.state import MeterState, State


def make_meter_fields(meter: MeterState, now: datetime) -> dict[str, object]:
    """Return the fields about one meter; counts are totals since the journal was made, silence is in seconds.

    They include the running hours of fees for power as a list, with powers in W.
    """
    fields: dict[str, object] = {
        "frames": float(meter.counts.get("frames", 0)),
        "damaged": float(meter.damaged),
        "undecoded": float(meter.counts.get("undecoded", 0)),
    }
    if meter.last is not None:
        fields["silence"] = (now - meter.last).total_seconds()
    fees = [_make_fee_fields(fee) for fee in (meter.costs.fees if meter.costs else ())]
    return {**fields, "running_hour": fees} if fees else fields


def _make_fee_fields(fee: FeeState) -> dict[str, str]:
    """Return the fields of a fee's running hour; a value that does not apply, or is unknown, has none."""
    running = fee.running
    if running is None:
        return {"line": fee.line, "extra": "0"}
    kilo = {
        "so_far": running.so_far,
        "least": running.least,
        "forecast": running.forecast,
        "limit": running.limit,
        "allowed": running.allowed,
    }
    known = {name: format(value * 1000, "f") for name, value in kilo.items() if value is not None}
    return {"line": fee.line, "extra": format(running.extra, "f"), **known}


def make_month_fields(spans: Iterable[Span], zone: str, now: datetime) -> dict[str, float]:
    """Return the field about a meter's import (Wh) of the calendar month so far; spans: at least those of the month."""
    begin = find_month_begin(zone, now)
    return {"month": float(sum(span.imported or 0 for span in spans if span.start >= begin))}


def find_month_begin(zone: str, now: datetime) -> datetime:
    """Return the first of the month in a zone, UTC."""
    return now.astimezone(ZoneInfo(zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def make_logger_fields(state: State, retries: int) -> dict[str, float]:
    """Return the fields about the logger: backlog of the slowest database, its age in s, sizes in octets.

    threads, files: how many it has, connections among the files.
    """
    ages = [(state.at - to.oldest).total_seconds() for to in state.destinations if to.oldest is not None]
    return {
        "undelivered": float(max((to.waiting for to in state.destinations), default=0)),
        "undelivered_age": max(ages, default=0.0),
        "refused": float(sum(to.refused for to in state.destinations)),
        "retries": float(retries),
        "journal_bytes": float(state.journal.size),
        "rss": float(measure_memory()),
        "threads": float(threading.active_count()),
        "files": float(count_open_files()),
    }


def count_open_files() -> int:
    """Return how many files and connections this process has open; 0 where the system does not tell."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0


def measure_memory() -> int:
    """Return the memory that this process holds, in octets; where the system does not tell, the most it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()
