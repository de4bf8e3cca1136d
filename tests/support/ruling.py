"""Alert rules as Grafana evaluates them: the number each series is reduced to, and whether the rule holds of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from hanlogger.boards.rule import Rule
from tests.support.alarm_data import METERS, Story
from tests.support.asking import Answer, Asked, answered, expanded, store
from tests.support.house_data import Data, Seconds, Series
from tests.support.servers import Bucket

REDUCERS: dict[str, Callable[[list[float]], float]] = {
    "last": lambda values: values[-1],
    "mean": statistics.fmean,
    "median": statistics.median,
}


def reduced(rule: Rule, answer: Answer) -> dict[str, list[float]]:
    """Of each series, named by its tags, the numbers that the rule's reducers make."""
    found = {}
    for labels, values in answer.items():
        in_order = [values[at] for at in sorted(values)]
        found[" ".join(labels[:-1])] = [REDUCERS[name](in_order) for name in rule.reducers]
    return found


def speaks(rule: Rule, numbers: list[float]) -> bool:
    """Whether the rule's condition holds of the numbers B, C …."""
    value = numbers[0]
    if rule.math:
        b, c = numbers
        value = float(eval(rule.math.replace("$B", str(b)).replace("$C", str(c)).replace("&&", " and ")))
    kind, limits = rule.condition
    if kind == "outside_range":
        return value < limits[0] or value > limits[1]
    return value > limits[0] if kind == "gt" else value < limits[0]


def asked(rule: Rule, now: Seconds, data: Data | None = None) -> Asked:
    return Asked(data or Data(), now - rule.span, now, METERS)


def ask(bucket: Bucket, rule: Rule, now: Seconds) -> Answer:
    return answered(bucket, expanded(rule.query, asked(rule, now)))


class Houses:
    """A bucket that was filled at `now`, and what is in it."""

    def __init__(self, bucket: Bucket, now: Seconds, *stories: Story) -> None:
        self.bucket, self.now = bucket, now
        whole = Story(now)
        for story in stories:
            store(bucket, story.data())
            for key, values in story.points.items():
                whole.points.setdefault(key, {}).update(values)
        self.data = whole.data()

    def found(self, rule: Rule) -> dict[str, list[float]]:
        return reduced(rule, ask(self.bucket, rule, self.now))

    def speaking(self, rule: Rule) -> set[str]:
        return {labels for labels, numbers in self.found(rule).items() if speaks(rule, numbers)}

    def of(self, rule: Rule, measurement: str, **tags: str) -> Series:
        return self.data.of(measurement, start=self.now - rule.span, end=self.now, **tags)
