"""Queries as Grafana expands them, what the database answers, and the same of data that never saw a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.support.house_data import MINUTE, PHASES, Data, Seconds, Series, buckets, hours, mean
from tests.support.servers import Bucket

FUSE = 20
PERIOD = 10
INTERVAL = 20 * MINUTE
METERS = ("home", "barn", "cabin")

Reckon = Callable[[list[float]], float]
Labels = tuple[str, ...]  # values of the tags, then the column
Answer = dict[Labels, dict[Seconds, float]]  # time 0 where the answer is one number


class Asked(NamedTuple):
    """One query's surroundings."""

    data: Data
    start: Seconds
    end: Seconds
    meters: tuple[str, ...]

    def of(self, measurement: str, meter: str, *, name: str = "value", **tags: str) -> Series:
        return self.data.of(measurement, name=name, start=self.start, end=self.end, meter=meter, **tags)

    def own(self, name: str) -> Series:
        """A field of the logger's own."""
        series = self.data.series.get(("hanlogger", name, "logger=attic"), [])
        return [(t, v) for t, v in series if self.start <= t <= self.end]

    def power(self, meter: str, direction: str, phase: str = "total") -> Series:
        return self.of("active_power", meter, direction=direction, phase=phase)

    def hours(self, meter: str, direction: str) -> dict[Seconds, float]:
        return hours(self.of("active_energy", meter, direction=direction), self.start, self.end)

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
        ("$__interval", f"{INTERVAL}s"),
        ("$meter", names),
        ("$fuse", str(FUSE)),
        ("$period", str(PERIOD)),
    ):
        query = query.replace(macro, text)
    assert "$" not in query.replace("$/", ""), query
    return query


def answered(bucket: Bucket, query: str) -> Answer:
    """What the database says, empty buckets left out."""
    answer: Answer = {}
    tags = ("meter", "phase", "direction", "logger", "obis")
    for row in bucket.query(query):
        labels = tuple(str(row[tag]) for tag in tags if tag in row)
        for column, value in row.items():
            if column not in (*tags, "time") and value is not None:
                answer.setdefault((*labels, column), {})[row["time"] // 1000] = value
    return answer


def same(one: Answer, other: Answer) -> None:
    """Equal labels, times (of an answer that is one number it does not matter) and values."""
    assert one.keys() == other.keys()
    for labels, values in one.items():
        expected = other[labels]
        if expected.keys() == {0}:
            assert len(values) == 1, (labels, values)
            assert [*values.values()] == pytest.approx([expected[0]], rel=1e-9), labels
            continue
        assert values.keys() == expected.keys(), (labels, sorted(values.keys() ^ expected.keys())[:5])
        for at, value in values.items():
            assert value == pytest.approx(expected[at], rel=1e-9, abs=1e-9), (labels, at)


def store(bucket: Bucket, data: Data) -> None:
    lines = list(data.lines())
    for at in range(0, len(lines), 50_000):
        bucket.write("\n".join(lines[at : at + 50_000]).encode(), precision="s")
