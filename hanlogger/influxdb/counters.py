"""What the processes of a VictoriaMetrics have counted, as each tells at `/metrics`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Role = Literal["victoria-metrics", "vminsert", "vmstorage", "vmselect"]

_DROPPED = re.compile(
    r'^vm_rows_(?:ignored_total\{[^}]*reason="([^"]*)"[^}]*\}|invalid_total\{[^}]*type="(influx)"[^}]*\}) (\S+)$',
    re.MULTILINE,
)
_UPTIME = re.compile(r"^vm_app_uptime_seconds (\S+)$", re.MULTILINE)
_START = re.compile(r"^vm_app_start_timestamp (\S+)$", re.MULTILINE)
_ROWS = re.compile(
    r"^vm_rpc_rows_(pushed|sent|incompletely_replicated)_total\{(?![^}]*metadata_rows)[^}]*\} (\S+)$", re.MULTILINE
)
_STORAGE = re.compile(r'^vm_rpc_vmstorage_is_reachable\{[^}]*addr="([^"]*)"', re.MULTILINE)

_INSERTS, _STORES, _SELECTS = "vm_rpc_rows_pushed_total", "vm_rows_added_to_storage_total", 'path="/select/'

_REASONS = {
    "small_timestamp": "they are older than its -retentionPeriod",
    "big_timestamp": "they lie in the future",
    "influx": "it cannot read them",
}


class Counters(NamedTuple):
    """What has been counted by one process since it started, or by several together.

    `uptimes` and `starts`: in seconds, of each process; the counters change when the uptime does.
    """

    dropped: Mapping[str, float]  # rows, by VictoriaMetrics' own word for why
    uptimes: tuple[float, ...]
    starts: tuple[float, ...]
    taken: float = 0.0  # rows, by vminsert
    sent: float = 0.0  # copies of rows that a vmstorage has confirmed to vminsert
    single: float = 0.0  # rows that were sent with a copy too few, as a vmstorage was down

    def count_dropped_since(self, before: Counters) -> Mapping[str, float]:
        """Return what was dropped since, by reason; a counter that is lower than before began anew."""
        grown = {
            reason: number - (earlier if (earlier := before.dropped.get(reason, 0.0)) <= number else 0.0)
            for reason, number in self.dropped.items()
        }
        return {reason: number for reason, number in grown.items() if number > 0}

    def is_after(self, seen: Counters) -> bool:
        """Return whether each process has counted anew since it told what was `seen`."""
        return all(now != then for now, then in zip(self.uptimes, seen.uptimes, strict=True))

    def has_sent_all(self, copies: int) -> bool:
        """Return whether vminsert holds no row any more; `copies`: its -replicationFactor."""
        return self.sent + self.single == copies * self.taken


def read_counters(text: str) -> Counters:
    """Return what one process has counted, from its metrics."""
    rows = _ROWS.findall(text)
    taken, sent, single = (
        sum(float(number) for name, number in rows if name == wanted)
        for wanted in ("pushed", "sent", "incompletely_replicated")
    )
    dropped = {reason or kind: float(number) for reason, kind, number in _DROPPED.findall(text)}
    uptime, start = (float(found[1]) if (found := form.search(text)) else 0.0 for form in (_UPTIME, _START))
    return Counters(dropped, (uptime,), (start,), taken, sent, single)


def add_up(each: Sequence[Counters]) -> Counters:
    """Return the counters of several processes as one."""
    reasons = {reason for one in each for reason in one.dropped}
    return Counters(
        {reason: sum(one.dropped.get(reason, 0.0) for one in each) for reason in reasons},
        tuple(uptime for one in each for uptime in one.uptimes),
        tuple(start for one in each for start in one.starts),
        sum(one.taken for one in each),
        sum(one.sent for one in each),
        sum(one.single for one in each),
    )


def recognise(text: str) -> Role | None:
    """Return which program tells these metrics; None for none of VictoriaMetrics'."""
    if "vm_app_version" not in text:
        return None
    if _INSERTS in text:
        return "vminsert"
    if _STORES in text:
        return "victoria-metrics" if "vm_rows_inserted_total" in text else "vmstorage"
    return "vmselect" if _SELECTS in text else None


def list_storages(text: str) -> set[str]:
    """Return the vmstorage nodes that a vminsert writes to, as `host:port`."""
    return set(_STORAGE.findall(text))


def describe_dropped(lost: Mapping[str, float]) -> str:
    """Return why rows were dropped, in words; `lost`: by the reason that VictoriaMetrics counts under.

    >>> describe_dropped({"small_timestamp": 2.0})
    'VictoriaMetrics answered 204 and dropped rows: 2, because they are older than its -retentionPeriod'
    """
    parts = (f"{number:.0f}, because {_REASONS.get(reason, reason)}" for reason, number in sorted(lost.items()))
    return f"VictoriaMetrics answered 204 and dropped rows: {'; '.join(parts)}"
