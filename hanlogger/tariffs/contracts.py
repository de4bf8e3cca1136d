"""Several tariffs beside and after each other: of each part one is valid at a time, and gaps are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from hanlogger.errors import ConfigError
from hanlogger.tariffs.calendar import Period
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.validity import overlap


class Gap(NamedTuple):
    """Days on which no tariff of a part is valid, between two that are."""

    part: str
    start: date
    end: date  # not in it any more


def refuse_overlaps(tariffs: Sequence[Tariff]) -> None:
    """Refuse two tariffs of one part that are valid on one day, and two currencies; ConfigError says what to do."""
    for number, tariff in enumerate(tariffs):
        for other in tariffs[:number]:
            if tariff.part == other.part and overlap(tariff.valid, other.valid):
                raise ConfigError(
                    f'"{other.name}" and "{tariff.name}" are both valid for part "{tariff.part}" '
                    f"{_find_common(other, tariff)}; give the older one valid_to, or one of them another part, "
                    "such as grid or supply"
                )
    if len({tariff.currency for tariff in tariffs}) > 1:
        first, second = (next(t for t in tariffs if t.currency == c) for c in sorted({t.currency for t in tariffs})[:2])
        raise ConfigError(
            f'"{first.name}" is in {first.currency} and "{second.name}" in {second.currency}; a bill has one currency'
        )


def _find_common(one: Tariff, other: Tariff) -> str:
    """Return on which day two tariffs that are valid at one time are so first."""
    starts = [tariff.valid.start for tariff in (one, other) if tariff.valid.start]
    return f"on {max(starts)}" if starts else "at all times"


def find_gaps(tariffs: Sequence[Tariff]) -> Iterator[Gap]:
    """Yield the days on which no tariff of a part is valid, between two that are."""
    for part in dict.fromkeys(tariff.part for tariff in tariffs):
        those = [tariff.valid for tariff in tariffs if tariff.part == part]
        those.sort(key=lambda valid: valid.start or date.min)
        for before, after in pairwise(those):
            if before.end and after.start and before.end < after.start:
                yield Gap(part, before.end, after.start)


def list_missing(tariffs: Sequence[Tariff], month: date) -> Iterator[tuple[str, Period]]:
    """Yield the times of a month for which a part has no tariff, with the part's name."""
    for part in dict.fromkeys(tariff.part for tariff in tariffs):
        those = [tariff for tariff in tariffs if tariff.part == part]
        whole = those[0].clock.find_month(month)
        at = whole.start
        for valid in sorted(tariff.find_valid_time().clip(whole) for tariff in those):
            if valid.length:
                if at < valid.start:
                    yield part, Period(at, valid.start)
                at = max(at, valid.end)
        if at < whole.end:
            yield part, Period(at, whole.end)
