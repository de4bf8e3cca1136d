"""Every query of every panel and rule on a real InfluxDB, against numbers reckoned in Python."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest

from hanlogger.boards.board import list_panels
from hanlogger.boards.panels import Json
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings
from tests.support.asking import INTERVAL, METERS, Answer, Asked, answered, expanded, same, store
from tests.support.board_numbers import EXPECTED, NOW, Place
from tests.support.house_data import (
    EXCHANGE,
    GAP,
    HOUR,
    MARCH,
    MINUTE,
    OCTOBER,
    QUARTER,
    Data,
    Seconds,
    buckets,
    lately,
    local,
    october_and_march,
)
from tests.support.servers import Bucket, Influxdb

pytestmark = pytest.mark.xdist_group("houses")

RANGES = {
    "october": (OCTOBER[0], OCTOBER[1] + 15),
    "march": (MARCH[0], MARCH[1] + 15),
    "crooked": (local(2025, 10, 20, 7, 7) + 23, local(2025, 10, 27, 14, 7) + 23),
}
TEXTS = ("health", "Identity", "A")
COVERAGE = ("health", "Coverage per hour, 2 days", "A")
SILENCE = [(board, "Since the last telegram", "A") for board in ("live", "health", "phone")]


def targets() -> Iterator[tuple[Place, Json]]:
    """Every InfluxQL statement of every panel, by board, panel and letter."""
    for board in (
        each for each in make_boards(BoardSettings()) if each.file not in ("cost", "fleet")
    ):  # they have tests of their own
        for panel in list_panels(board):
            for target in panel["targets"]:
                if "query" in target:
                    yield (board.file, panel["title"].en, target["refId"]), target


QUERIES = dict(targets())


@pytest.fixture(scope="module")
def data() -> Data:
    return october_and_march()


@pytest.fixture(scope="module")
def houses(influxdb: Influxdb, data: Data) -> Bucket:
    """Both runs of days in a bucket of this module."""
    bucket = influxdb.new_bucket()
    store(bucket, data)
    return bucket


def test_every_query_has_its_number_reckoned_in_python() -> None:
    assert QUERIES.keys() == EXPECTED.keys() | NOW.keys() | {TEXTS, COVERAGE, *SILENCE}


@pytest.mark.parametrize(("meters", "step"), [(("home",), 5 * MINUTE), (METERS, INTERVAL)], ids=["one", "all"])
@pytest.mark.parametrize("span", RANGES)
@pytest.mark.parametrize("board", sorted({key[0] for key in EXPECTED}))
def test_the_database_answers_what_python_reckons(
    houses: Bucket, data: Data, board: str, span: str, meters: tuple[str, ...], step: Seconds
) -> None:
    asked = Asked(data, *RANGES[span], meters, step)
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


def _asked(bucket: Bucket, panel: str, ref: str, meter: str, start: Seconds, end: Seconds) -> Answer:
    """What a panel of the energy board answers."""
    return answered(bucket, expanded(QUERIES["energy", panel, ref]["query"], Asked(Data(), start, end, (meter,))))


def _hours_of(bucket: Bucket, meter: str, direction: str, start: Seconds, end: Seconds) -> dict[Seconds, float]:
    ref = "A" if direction == "import" else "B"
    return _asked(bucket, "Per hour, 2 days", ref, meter, start, end).get((meter, "sum"), {})


@pytest.mark.parametrize(("day", "length"), [((2025, 10, 26), 25), ((2026, 3, 29), 23), ((2025, 10, 25), 24)])
def test_a_day_of_23_or_25_hours_has_the_energy_of_the_registers(
    houses: Bucket, data: Data, day: tuple[int, int, int], length: int
) -> None:
    start = local(*day)
    end = start + length * HOUR
    counter = dict(data.of("active_energy", start=start, end=end, meter="home", direction="import"))
    days = _asked(houses, "Days", "A", "home", start, end - 1)
    assert days == {("home", "sum"): {start: pytest.approx((counter[end] - counter[start]) / 1000)}}
    assert list(_hours_of(houses, "home", "import", start, end - 1)) == [*range(start, end, HOUR)]


def test_an_hour_from_an_hourly_counter_is_the_energy_of_that_hour(houses: Bucket, data: Data) -> None:
    start, end = local(2025, 10, 21), local(2025, 10, 22)
    found = _hours_of(houses, "cabin", "import", start, end - 1)
    power = buckets(data.of("active_power", start=start + 1, end=end, meter="cabin", direction="import"), HOUR, 1)
    assert list(found.values()) == [pytest.approx(sum(minutes) / 60_000) for _, minutes in sorted(power.items())]


def test_the_energy_of_a_gap_is_in_the_sum_and_in_no_hour(houses: Bucket, data: Data) -> None:
    start, end = GAP[0] - HOUR, GAP[1] + HOUR
    assert list(_hours_of(houses, "home", "export", start, end - 1)) == [start, GAP[1]]
    grey = _asked(houses, "Per hour, 2 days", "C", "home", start, end - 1)
    table = _asked(houses, "Energy over gaps", "A", "home", start, end - 1)
    assert grey["home", "sum"] == table["home", "kWh"]
    assert table["home", "seconds"] == {GAP[0]: GAP[1] - GAP[0]}
    counter = dict(data.of("active_energy", start=start, end=end, meter="home", direction="export"))
    ((_, found),) = _asked(houses, "Today", "B", "home", start, end - 1)["home", "sum"].items()
    assert found == pytest.approx((counter[end] - counter[start]) / 1000)


def test_a_gap_of_months_is_no_bar_of_an_hour_or_a_day(houses: Bucket, data: Data) -> None:
    for panel, ref in (("Days", "A"), ("Days", "C"), ("Per hour, 2 days", "C")):
        found = _asked(houses, panel, ref, "home", OCTOBER[1] + 2 * HOUR, MARCH[0] - 1)
        assert found == {}


def test_the_month_is_a_part_of_its_limit(houses: Bucket, data: Data) -> None:
    (panel,) = [
        panel
        for board in make_boards(BoardSettings(month=250))
        for panel in list_panels(board)
        if panel["title"].en == "Of the month's limit"
    ]
    asked = Asked(data, *OCTOBER, METERS)
    found = answered(houses, expanded(panel["targets"][0]["query"], asked))
    same(found, EXPECTED["energy", "Today", "A"](asked), of=250)


def test_a_gap_is_drawn_as_a_gap(houses: Bucket, data: Data) -> None:
    asked = Asked(data, *OCTOBER, ("home",), MINUTE)
    query = QUERIES["live", "Import above, export below", "A"]["query"]
    found = answered(houses, expanded(query, asked))["home", "mean"]
    assert not [t for t in found if GAP[0] <= t < GAP[1]]
    gaps = answered(houses, expanded(QUERIES["health", "Gaps, 7 days", "A"]["query"], asked))
    assert gaps == {("home", "gap"): {GAP[1]: GAP[1] - GAP[0] + MINUTE}}


def test_the_gap_that_goes_on_ends_where_the_range_does(houses: Bucket, data: Data) -> None:
    end = GAP[0] + 2 * HOUR
    asked = Asked(data, GAP[0] - HOUR, end, ("home",))
    gaps = answered(houses, expanded(QUERIES["health", "Gaps, 7 days", "A"]["query"], asked))
    ((until, length),) = gaps["home", "gap"].items()
    assert end - 31 <= until <= end
    assert length == pytest.approx(until - (GAP[0] - MINUTE), abs=1)
    missing = answered(houses, expanded(QUERIES["health", "Missing, 7 days", "A"]["query"], asked))
    assert [*missing["home", "sum"].values()] == [pytest.approx(length, abs=31)]


def test_coverage_is_the_part_of_the_minutes_with_a_telegram_of_the_running_hour_too(
    houses: Bucket, data: Data
) -> None:
    end = GAP[0] + HOUR + 20 * MINUTE
    asked = Asked(data, GAP[0] - 2 * HOUR, end, ("home",))
    found = answered(houses, expanded(QUERIES[COVERAGE]["query"], asked))["home", "mean"]
    assert list(found) == [GAP[0] - 3 * HOUR, *range(GAP[0] - 2 * HOUR, end, HOUR)][-len(found) :]
    assert [found[GAP[0] + n * HOUR] for n in (-2, -1, 0, 1)] == [
        pytest.approx(1, abs=0.02), pytest.approx(1, abs=0.02), pytest.approx(0, abs=0.02), 0
    ]  # fmt: skip


def test_a_meter_that_sends_each_ten_seconds_is_covered_no_more_than_once(bucket: Bucket) -> None:
    now = int(time.time())
    store(bucket, lately(now))
    asked = Asked(Data(), now - 15 * MINUTE, now, ("home",))
    found = answered(bucket, expanded(QUERIES[COVERAGE]["query"], asked))["home", "mean"]
    assert found
    assert all(share <= 1 for share in found.values())  # the hour before may have begun without telegrams


def test_the_silence_goes_on_while_nothing_is_written(bucket: Bucket) -> None:
    now = int(time.time())
    dead = lately(now - HOUR)
    dead.series.update({key: points for key, points in lately(now).series.items() if "meter=barn" in key})
    store(bucket, dead)
    for place in SILENCE:
        found = answered(bucket, expanded(QUERIES[place]["query"], Asked(Data(), 0, 0, METERS)))
        silence = {labels[0]: value for labels, values in found.items() for value in values.values()}
        assert silence["home"] == silence["cabin"] == pytest.approx(HOUR, abs=100)
        assert silence["barn"] < MINUTE + (time.time() - now)


@pytest.mark.parametrize("place", sorted(EXPECTED.keys() | NOW.keys() | {TEXTS, COVERAGE, *SILENCE}))
def test_an_empty_database_answers_nothing_at_all(influxdb: Influxdb, empty: Bucket, place: Place) -> None:
    now = int(time.time())
    assert answered(empty, expanded(QUERIES[place]["query"], Asked(Data(), now - HOUR, now, METERS, MINUTE))) == {}


@pytest.fixture(scope="module")
def empty(influxdb: Influxdb) -> Bucket:
    return influxdb.new_bucket()


def test_an_exchanged_meter_loses_its_quarter_and_no_more(houses: Bucket) -> None:
    found = _hours_of(houses, "barn", "import", *OCTOBER)
    hours = {*range(OCTOBER[0], OCTOBER[1], HOUR)}
    assert hours - found.keys() == set()
    exchanged = _asked(houses, "Per hour, 2 days", "C", "barn", OCTOBER[0], OCTOBER[1] - 1)["barn", "sum"]
    assert list(exchanged) == [EXCHANGE // QUARTER * QUARTER // HOUR * HOUR]
    assert max(found.values()) < 2
