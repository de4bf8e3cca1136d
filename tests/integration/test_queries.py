"""Every query of every panel and rule on a real InfluxDB, against numbers reckoned in Python."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from hanlogger.boards.panels import Json
from hanlogger.boards.provisioning import boards
from hanlogger.boards.settings import BoardSettings
from tests.support.asking import (
    FUSE,
    INTERVAL,
    METERS,
    PERIOD,
    Answer,
    Asked,
    Reckon,
    answered,
    expanded,
    filled,
    same,
    store,
)
from tests.support.house_data import (
    DAY,
    EXCHANGE,
    GAP,
    HOUR,
    MARCH,
    MINUTE,
    OCTOBER,
    PHASES,
    Data,
    Seconds,
    Series,
    buckets,
    by_day,
    each,
    fortnights,
    lately,
    local,
    mean,
    percentile,
)
from tests.support.servers import Bucket, Influxdb

pytestmark = pytest.mark.xdist_group("houses")

RANGES = {
    "october": (OCTOBER[0], OCTOBER[1] + 15),
    "march": (MARCH[0], MARCH[1] + 15),
    "crooked": (local(2025, 10, 20, 7, 7) + 23, local(2025, 10, 27, 14, 7) + 23),
}


def _one(value: float | None) -> dict[Seconds, float]:
    return {} if value is None else {0: value}


def _last(points: Series) -> dict[Seconds, float]:
    return _one(points[-1][1] if points else None)


def _mean(points: Series) -> dict[Seconds, float]:
    return _one(mean([value for _, value in points]) if points else None)


def _in_steps(points: Iterable[tuple[Seconds, float]], reckon: Reckon) -> dict[Seconds, float]:
    return each(buckets(points, INTERVAL), reckon)


def _base_load(points: Series) -> dict[Seconds, float]:
    tens = [mean(values) for values in buckets(points, 10 * MINUTE).values() if min(values) > 0]
    return _one(percentile(tens, 20) if tens else None)


def _sum_of_meters(parts: Iterable[dict[Seconds, float]]) -> dict[Seconds, float]:
    found: dict[Seconds, float] = {}
    for part in parts:
        for label, value in part.items():
            found[label] = found.get(label, 0) + value
    return found


def _total_energy(direction: str) -> Callable[[Asked], Answer]:
    return lambda a: a.by_meter(lambda m: _one(sum(h.values()) if (h := a.hours(m, direction)) else None), "sum")


def _days(direction: str) -> Callable[[Asked], Answer]:
    return lambda a: a.by_meter(lambda m: by_day(a.hours(m, direction)), "sum")


def _all_meters_by_day(a: Asked) -> Answer:
    return {("sum",): _sum_of_meters(by_day(a.hours(m, "import")) for m in a.meters)}


def _top_hours(a: Asked) -> Answer:
    def ten(meter: str) -> dict[Seconds, float]:
        ranked = sorted(a.hours(meter, "import").items(), key=lambda row: (-row[1], row[0]))
        return dict(sorted(ranked[:10]))

    return a.by_meter(ten, "top")


def _lowest_mean_highest(a: Asked) -> Answer:
    columns: dict[str, Reckon] = {"min": min, "mean": mean, "max": max}
    return filled(
        {(m, name): _in_steps(a.power(m, "net"), reckon) for m in a.meters for name, reckon in columns.items()}
    )


def _total(measurement: str, direction: str, column: str, reckon: Reckon) -> Callable[[Asked], Answer]:
    return lambda a: a.by_meter(lambda m: _in_steps(a.of(measurement, m, direction=direction), reckon), column)


def _inside(a: Asked, low: float, high: float) -> Answer:
    def count(points: Series) -> dict[Seconds, float]:
        means = [mean(values) for values in buckets(points, 10 * MINUTE).values()]
        return _one(sum(low <= m <= high for m in means) or None)

    return a.by_phase("voltage", count, "count")


def _minutes_above(a: Asked) -> Answer:
    def count(points: Series) -> dict[Seconds, float]:
        return _one(sum(abs(mean(v)) > 0.8 * FUSE for v in buckets(points, MINUTE).values()) or None)

    return a.by_phase("current", count, "count")


def _of_phases(a: Asked, measurement: str, width: Seconds, column: str, reckon: Any) -> Answer:
    return {(m, column): each(found, reckon) for m, found in a.means_of_phases(measurement, width).items()}


def _headroom(a: Asked) -> Answer:
    found = a.means_of_phases("current", INTERVAL)
    return {(m, "max"): _one(FUSE - max(max(v) for v in values.values())) for m, values in found.items()}


def _per_minute(points: Series) -> dict[Seconds, float]:
    steps = [(t2, (v2 - v1) / (t2 - t1) * MINUTE) for (t1, v1), (t2, v2) in pairwise(points)]
    return _in_steps(steps, mean)


def _per_hour(points: Series) -> dict[Seconds, float]:
    """The count of each hour against the hour before, a whole hour earlier than the range too."""
    lasts = sorted(each(buckets(points, HOUR), lambda values: values[-1]).items())
    return {t: after - before for (_, before), (t, after) in pairwise(lasts)}


def _counted(a: Asked, name: str) -> Answer:
    def reckon(meter: str) -> dict[Seconds, float]:
        before = a._replace(start=a.start // HOUR * HOUR - HOUR)
        points = before.of("hanlogger", meter, name=name)
        return {t: v for t, v in _per_hour(points).items() if t >= a.start // HOUR * HOUR}

    return a.by_meter(reckon, "non_negative_difference")


def _counted_own(a: Asked, name: str) -> Answer:
    points = a._replace(start=a.start // HOUR * HOUR - HOUR).own(name)
    found = {t: v for t, v in _per_hour(points).items() if t >= a.start // HOUR * HOUR}
    return filled({("attic", "non_negative_difference"): found})


def _own_steps(a: Asked, **columns: str) -> Answer:
    reckon: dict[str, Reckon] = {
        "undelivered": max,
        "undelivered_age": max,
        "rss": lambda v: v[-1],
        "journal_bytes": lambda v: v[-1],
    }
    return filled({("attic", column): _in_steps(a.own(f), reckon[f]) for column, f in columns.items()})


def _coverage(a: Asked) -> Answer:
    def reckon(meter: str) -> dict[Seconds, float]:
        found = each(buckets(a.power(meter, "import"), HOUR), lambda values: len(values) / (HOUR / PERIOD))
        empty = dict.fromkeys(range(a.start // HOUR * HOUR, a.end + 1, HOUR), 0.0)
        return {**empty, **found} if found else {}

    return a.by_meter(reckon, "count")


def _gaps(a: Asked) -> Answer:
    def reckon(meter: str) -> dict[Seconds, float]:
        times = [t for t, _ in a.power(meter, "import")]
        return {two: two - one for one, two in pairwise(times) if two - one > 60}

    return a.by_meter(reckon, "gap")


def _median(values: list[float]) -> float:
    ranked = sorted(values)
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def _steps_of(direction: str, sign: int = 1) -> Callable[[Asked], Answer]:
    return lambda a: a.by_meter(
        lambda m: {t: sign * v for t, v in _in_steps(a.power(m, direction), mean).items()}, "mean"
    )


def _steps_of_phases(
    measurement: str, column: str, reckon: Any, width: Seconds = INTERVAL
) -> Callable[[Asked], Answer]:
    return lambda a: a.by_phase(measurement, lambda p: each(buckets(p, width), reckon), column)


def _fuse_line(a: Asked) -> Answer:
    parts = [_in_steps(a.of("current", m, phase=p), mean) for m in a.meters for p in PHASES]
    return filled({("mean",): dict.fromkeys(_sum_of_meters(parts), float(FUSE))})


EXPECTED: dict[tuple[str, int, str], Callable[[Asked], Answer]] = {
    ("han-live", 3, "A"): _total_energy("import"),
    ("han-live", 4, "A"): lambda a: a.by_meter(lambda m: _base_load(a.power(m, "import")), "base"),
    ("han-live", 5, "A"): _steps_of("import"),
    ("han-live", 5, "B"): _steps_of("export", -1),
    ("han-live", 6, "A"): _steps_of_phases("active_power", "mean", mean),
    ("han-live", 6, "B"): lambda a: a.by_phase(
        "active_power", lambda p: {t: -v for t, v in _in_steps(p, mean).items()}, "mean", direction="export"
    ),
    ("han-live", 8, "A"): _lowest_mean_highest,
    ("han-live", 9, "A"): lambda a: {("sum",): _sum_of_meters(_in_steps(a.power(m, "net"), mean) for m in a.meters)},
    ("han-live", 10, "A"): _total("reactive_power", "import", "mean", mean),
    ("han-live", 10, "B"): _total("reactive_power", "export", "mean", mean),
    ("han-voltage", 2, "A"): lambda a: _inside(a, 207, 253),
    ("han-voltage", 2, "B"): lambda a: _inside(a, -math.inf, math.inf),
    ("han-voltage", 3, "A"): _steps_of_phases("voltage", "mean", mean, 10 * MINUTE),
    ("han-voltage", 4, "A"): _steps_of_phases("voltage", "mean", mean, 10 * MINUTE),
    ("han-voltage", 5, "A"): _steps_of_phases("voltage", "mean", mean),
    ("han-voltage", 6, "A"): lambda a: _of_phases(a, "voltage", 10 * MINUTE, "spread", lambda v: max(v) - min(v)),
    ("han-voltage", 7, "A"): _steps_of_phases("voltage", "mean", mean),
    ("han-current", 3, "A"): _steps_of_phases("current", "max", max),
    ("han-current", 3, "B"): _fuse_line,
    ("han-current", 4, "A"): _headroom,
    ("han-current", 5, "A"): _minutes_above,
    ("han-current", 6, "A"): lambda a: _of_phases(a, "current", 5 * MINUTE, "max", lambda v: max(v) / FUSE),
    ("han-current", 7, "A"): lambda a: _of_phases(a, "current", 5 * MINUTE, "max_mean", lambda v: max(v) / mean(v)),
    ("han-energy", 1, "A"): _total_energy("import"),
    ("han-energy", 1, "B"): _total_energy("export"),
    ("han-energy", 2, "A"): _days("import"),
    ("han-energy", 2, "B"): _days("export"),
    ("han-energy", 3, "A"): _total_energy("import"),
    ("han-energy", 3, "B"): _total_energy("export"),
    ("han-energy", 4, "A"): lambda a: a.by_meter(lambda m: a.hours(m, "import"), "e"),
    ("han-energy", 4, "B"): lambda a: a.by_meter(lambda m: {t: -v for t, v in a.hours(m, "export").items()}, "e"),
    ("han-energy", 5, "A"): _days("import"),
    ("han-energy", 5, "B"): lambda a: {
        labels: {t: -wh for t, wh in days.items()} for labels, days in _days("export")(a).items()
    },
    ("han-energy", 6, "A"): _all_meters_by_day,
    ("han-energy", 7, "A"): _top_hours,
    ("han-energy", 8, "A"): _total("active_energy", "import", "last", lambda v: v[-1]),
    ("han-energy", 8, "B"): _total("active_energy", "export", "last", lambda v: v[-1]),
    ("han-energy", 9, "A"): _all_meters_by_day,
    ("han-health", 2, "A"): lambda a: a.by_meter(lambda m: _per_minute(a.of("hanlogger", m, name="frames")), "mean"),
    ("han-health", 3, "A"): _coverage,
    ("han-health", 4, "A"): _gaps,
    ("han-health", 5, "A"): lambda a: _counted(a, "damaged"),
    ("han-health", 5, "B"): lambda a: _counted(a, "undecoded"),
    ("han-health", 6, "A"): lambda a: _counted_own(a, "refused"),
    ("han-health", 6, "B"): lambda a: _counted_own(a, "retries"),
    ("han-health", 7, "A"): lambda a: _own_steps(a, telegrams="undelivered", age="undelivered_age"),
    ("han-health", 8, "A"): lambda a: a.by_meter(lambda m: _in_steps(a.of("clock_offset", m), _median), "median"),
    ("han-health", 9, "A"): lambda a: _own_steps(a, memory="rss", journal="journal_bytes"),
}

NOW: dict[tuple[str, int, str], Callable[[Asked], Answer]] = {
    ("han-live", 1, "A"): lambda a: a.by_meter(lambda m: _last(a.power(m, "net")), "last"),
    ("han-live", 2, "A"): lambda a: a.by_meter(lambda m: {0: _mean(a.power(m, "import"))[0] / (692.8 * FUSE)}, "mean"),
    ("han-live", 7, "A"): lambda a: a.by_phase("active_power", _last, "last"),
    ("han-voltage", 1, "A"): lambda a: a.by_phase("voltage", _last, "last"),
    ("han-current", 1, "A"): lambda a: a.by_phase(
        "current", lambda p: {t: v / FUSE for t, v in _mean([(t, abs(v)) for t, v in p]).items()}, "mean"
    ),
    ("han-current", 2, "A"): lambda a: a.by_phase("current", _last, "last"),
    ("han-health", 1, "A"): lambda a: a.by_meter(lambda m: _last(a.of("hanlogger", m, name="silence")), "last"),
}

TEXTS = ("han-health", 10, "A")


def targets() -> Iterator[tuple[tuple[str, int, str], Json]]:
    """Every InfluxQL statement of every panel, by board, panel and letter."""
    for board in boards(BoardSettings()):
        for number, panel in enumerate(board.panels, start=1):
            for target in panel["targets"]:
                if "query" in target:
                    yield (board.uid, number, target["refId"]), target


QUERIES = dict(targets())


@pytest.fixture(scope="module")
def data() -> Data:
    return fortnights()


@pytest.fixture(scope="module")
def houses(influxdb: Influxdb, data: Data) -> Bucket:
    """Both fortnights in a bucket of this module."""
    bucket = influxdb.new_bucket()
    store(bucket, data)
    return bucket


def test_every_query_has_its_number_reckoned_in_python() -> None:
    assert QUERIES.keys() == EXPECTED.keys() | NOW.keys() | {TEXTS}


@pytest.mark.parametrize("meters", [("home",), METERS], ids=["one", "all"])
@pytest.mark.parametrize("span", RANGES)
@pytest.mark.parametrize("board", sorted({key[0] for key in EXPECTED}))
def test_the_database_answers_what_python_reckons(
    houses: Bucket, data: Data, board: str, span: str, meters: tuple[str, ...]
) -> None:
    asked = Asked(data, *RANGES[span], meters)
    for key, reckon in EXPECTED.items():
        if key[0] == board:
            answer = answered(houses, expanded(QUERIES[key]["query"], asked))
            try:
                same(answer, reckon(asked))
            except AssertionError as error:
                raise AssertionError(f"{key}: {expanded(QUERIES[key]['query'], asked)}") from error


@pytest.mark.parametrize("meters", [("home",), METERS], ids=["one", "all"])
def test_values_of_now_come_from_the_last_five_minutes(bucket: Bucket, meters: tuple[str, ...]) -> None:
    data = lately(int(time.time()))
    store(bucket, data)
    for key, reckon in NOW.items():
        before = time.time()
        answer = answered(bucket, expanded(QUERIES[key]["query"], Asked(data, 0, 0, meters)))
        windows = {math.floor(at - 5 * MINUTE) + 1 for at in (before, time.time())}
        expected = [reckon(Asked(data, start, int(before) + 10, meters)) for start in windows]
        assert any(_equal(answer, one) for one in expected), (key, answer, expected)


def _equal(one: Answer, other: Answer) -> bool:
    try:
        same(one, other)
    except AssertionError:
        return False
    return True


def test_the_identity_of_one_meter_is_a_row_for_each_text(houses: Bucket, data: Data) -> None:
    asked = Asked(data, *OCTOBER, ("home",))
    found = houses.query(expanded(QUERIES[TEXTS]["query"], asked))
    assert {row["obis"]: row["last"] for row in found} == {
        "0-0:96.1.1": "7359992890941742",
        "1-0:0.2.129": "AIDON_V0001",
    }


def _hours_of(bucket: Bucket, meter: str, direction: str, start: Seconds, end: Seconds) -> dict[Seconds, float]:
    """Panel "Per hour" over a range."""
    ref = "A" if direction == "import" else "B"
    asked = Asked(Data(), start, end, (meter,))
    return answered(bucket, expanded(QUERIES["han-energy", 4, ref]["query"], asked)).get((meter, "e"), {})


@pytest.mark.parametrize(("day", "length"), [((2025, 10, 26), 25), ((2026, 3, 29), 23), ((2025, 10, 25), 24)])
def test_a_day_of_23_or_25_hours_has_the_energy_of_the_registers(
    houses: Bucket, data: Data, day: tuple[int, int, int], length: int
) -> None:
    start = local(*day)
    end = start + length * HOUR
    counter = dict(data.of("active_energy", start=start, end=end, meter="home", direction="import"))
    asked = Asked(data, start, end + 14, ("home",))
    days = answered(houses, expanded(QUERIES["han-energy", 5, "A"]["query"], asked))
    assert days == {("home", "sum"): {start: counter[end] - counter[start]}}
    assert len(_hours_of(houses, "home", "import", start, end + 14)) == length


def test_an_hour_from_an_hourly_counter_is_the_energy_of_that_hour(houses: Bucket, data: Data) -> None:
    start, end = local(2025, 10, 21), local(2025, 10, 22)
    found = _hours_of(houses, "cabin", "import", start, end + 14)
    power = buckets(data.of("active_power", start=start + 1, end=end, meter="cabin", direction="import"), HOUR, 1)
    assert list(found.values()) == [sum(minutes) / 60 for _, minutes in sorted(power.items())]


def test_after_a_gap_no_hour_stands_out_and_no_energy_is_missing(houses: Bucket, data: Data) -> None:
    found = _hours_of(houses, "home", "export", *OCTOBER)
    day = {t: -wh for t, wh in found.items() if GAP[0] // DAY == t // DAY}
    around = (GAP[0] - HOUR, GAP[1] + HOUR)
    inside = [wh for t, wh in day.items() if around[0] <= t < around[1]]
    counter = dict(data.of("active_energy", start=around[0], end=around[1], meter="home", direction="export"))
    assert sum(inside) == pytest.approx(counter[around[1]] - counter[around[0]])
    assert max(inside) < 1.5 * sum(inside) / len(inside)


def test_a_gap_is_drawn_as_a_gap(houses: Bucket, data: Data) -> None:
    asked = Asked(data, *OCTOBER, ("home",))
    found = answered(houses, expanded(QUERIES["han-live", 5, "A"]["query"], asked))["home", "mean"]
    assert not [t for t in found if GAP[0] <= t < GAP[1] - INTERVAL]
    gaps = answered(houses, expanded(QUERIES["han-health", 4, "A"]["query"], asked))
    assert gaps == {("home", "gap"): {GAP[1]: GAP[1] - GAP[0] + MINUTE}}


def test_an_exchanged_meter_loses_its_hour_and_no_more(houses: Bucket) -> None:
    found = _hours_of(houses, "barn", "import", *OCTOBER)
    exchanged = EXCHANGE // HOUR * HOUR + 15
    assert {*range(OCTOBER[0] + 15, OCTOBER[1], HOUR)} - found.keys() == {exchanged}
    assert max(found.values()) < 2_000
