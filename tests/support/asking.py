"""Queries as Grafana expands them, what the database answers, and the same of data that never saw a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from hanlogger.boards.panels import Json
from tests.support.house_data import MINUTE, PHASES, Data, Seconds, Series, buckets, mean
from tests.support.servers import Bucket

FUSE, BUILDING = 20, 160
INTERVAL = 20 * MINUTE
METERS = ("home", "barn", "cabin")

Reckon = Callable[[list[float]], float]
Labels = tuple[str, ...]  # values of the tags, then the column
Interval = tuple[Seconds, float, float]
Answer = dict[Labels, dict[Seconds, float]]  # time 0 where the answer is one number


class Asked(NamedTuple):
    """One query's surroundings."""

    data: Data
    start: Seconds
    end: Seconds
    meters: tuple[str, ...]
    step: Seconds = INTERVAL

    def of(self, measurement: str, meter: str, *, name: str = "value", **tags: str) -> Series:
        return self.data.of(measurement, name=name, start=self.start, end=self.end, meter=meter, **tags)

    def own(self, name: str) -> Series:
        """A field of the logger's own."""
        series = self.data.series.get(("hanlogger", name, "logger=attic"), [])
        return [(t, v) for t, v in series if self.start <= t <= self.end]

    def power(self, meter: str, direction: str, phase: str = "total") -> Series:
        return self.of("active_power", meter, direction=direction, phase=phase)

    def intervals(self, meter: str, direction: str, *qualities: str) -> list[Interval]:
        """Energy (Wh) and seconds of each interval that begins in the range, of some qualities or all."""
        found = []
        for quality in qualities or ("measured", "bounded", "partial"):
            tags = {"direction": direction, "quality": quality}
            values = self.of("energy_interval", meter, **tags)
            lengths = self.of("energy_interval", meter, name="seconds", **tags)
            found += [(t, wh, seconds) for (t, wh), (_, seconds) in zip(values, lengths, strict=True)]
        return sorted(found)

    def by_meter(self, reckon: Callable[[str], dict[Seconds, float]], column: str) -> Answer:
        return filled({(meter, column): reckon(meter) for meter in self.meters})

    def by_phase(
        self, measurement: str, reckon: Callable[[Series], dict[Seconds, float]], column: str, direction: str = "import"
    ) -> Answer:
        tags = {"direction": direction} if measurement == "active_power" else {}
        return filled(
            {
                (meter, phase, column): reckon(self.of(measurement, meter, phase=phase, **tags))
                for meter in self.meters
                for phase in PHASES
            }
        )

    def means_of_phases(self, measurement: str, width: Seconds) -> dict[str, dict[Seconds, list[float]]]:
        """Of each meter the means of its phases, by bucket; of currents whichever way they flow."""
        size = abs if measurement == "current" else float
        found: dict[str, dict[Seconds, list[float]]] = {}
        for meter in self.meters:
            for phase in PHASES:
                for label, values in buckets(self.of(measurement, meter, phase=phase), width).items():
                    found.setdefault(meter, {}).setdefault(label, []).append(size(mean(values)))
        return found


def filled(answer: Answer) -> Answer:
    return {labels: values for labels, values in answer.items() if values}


def expanded(query: str, asked: Asked) -> str:
    """As Grafana expands it: macros, and the variables for one meter or for several."""
    names = asked.meters[0] if len(asked.meters) == 1 else f"({'|'.join(asked.meters)})"
    between = f"time >= {asked.start * 1000}ms and time <= {asked.end * 1000}ms"
    for macro, text in (
        ("$timeFilter", between),
        ("$__interval_ms", str(asked.step * 1000)),
        ("$__interval", f"{asked.step}s"),
        ("$meter", names),
        ("$fuse", str(FUSE)),
        ("$building", str(BUILDING)),
    ):
        query = query.replace(macro, text)
    assert "$" not in query.replace("$/", ""), query
    return query


def answered(bucket: Bucket, query: str) -> Answer:
    """What the database says, empty buckets left out."""
    answer: Answer = {}
    tags = ("meter", "phase", "direction", "logger", "obis", "tariff")
    for row in bucket.query(query):
        labels = tuple(str(row[tag]) for tag in tags if tag in row)
        for column, value in row.items():
            if column not in (*tags, "time") and value is not None:
                answer.setdefault((*labels, column), {})[row["time"] // 1000] = value
    return answer


def same(one: Answer, other: Answer, *, of: float = 1) -> None:
    """Equal labels, times (of an answer that is one number it does not matter) and values."""
    assert one.keys() == other.keys()
    for labels, values in one.items():
        expected = other[labels]
        if expected.keys() == {0}:
            assert len(values) == 1, (labels, values)
            assert [*values.values()] == pytest.approx([expected[0] / of], rel=1e-9), labels
            continue
        assert values.keys() == expected.keys(), (labels, sorted(values.keys() ^ expected.keys())[:5])
        for at, value in values.items():
            assert value == pytest.approx(expected[at], rel=1e-9, abs=1e-9), (labels, at)


def store(bucket: Bucket, data: Data) -> None:
    lines = list(data.lines())
    for at in range(0, len(lines), 50_000):
        bucket.write("\n".join(lines[at : at + 50_000]).encode(), precision="s")


_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


def on_screen(panel: Json, start: Seconds, end: Seconds, width: int = 1500) -> list[str]:
    """The queries of a panel as Grafana asks them, for a range of the board and a screen of that many points."""
    start = own_start(panel, end) or start
    least = {"1m": 60, "5m": 300, "10m": 600, "1h": 3600}.get(panel.get("interval", ""), 10)
    points = panel.get("maxDataPoints", width * panel["size"][0] // 24)
    step = max(least, min(_STEPS, key=lambda one: abs(one - (end - start) / points)))
    asked = Asked(Data(), start, end, ("home",), step)
    return [expanded(target["query"], asked) for target in panel["targets"] if "query" in target]


def own_start(panel: Json, end: Seconds) -> Seconds | None:
    """When the range of a panel begins that has one of its own, about: a month has 31 days, a year 365."""
    days = {"now/d": 1, "now-1d/d": 2, "now-6d/d": 7, "now/M": 31, "now/y": 365, "now-12M/M": 396, "now-10y/y": 3653}
    own = panel.get("timeFrom", "")
    if own in days:
        return end - days[own] * 86_400
    return end - int(own[:-1]) * {"h": 3600, "d": 86_400}[own[-1]] if own else None
