"""Every query of the board of many meters on a real InfluxDB, held to what was written."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from hanlogger.boards.board import list_panels
from hanlogger.boards.fleet import make_fleet_board
from hanlogger.boards.settings import BoardSettings
from tests.support.asking import BUILDING, Asked, answered, expanded
from tests.support.house_data import HOUR, MINUTE, QUARTER, Data, Seconds
from tests.support.servers import Bucket

PANELS = {panel["title"].en: panel for panel in list_panels(make_fleet_board(BoardSettings()))}
METERS = tuple(f"flat-{number}" for number in range(12))
SILENT = {"flat-3": 65 * MINUTE, "flat-7": 2 * HOUR, "flat-9": 26 * HOUR}
SPAN = 5 * HOUR
FULL = 692.8 * BUILDING  # W


class Fleet:
    """Twelve flats, of which three have fallen silent, and what the board answers of them."""

    def __init__(self, bucket: Bucket, now: Seconds) -> None:
        self.bucket, self.now, self.data = bucket, now, Data()
        for number, meter in enumerate(METERS):
            self._send(number, meter, now - SILENT.get(meter, 0))
        bucket.write("\n".join(self.data.lines()).encode(), precision="s")

    def _send(self, number: int, meter: str, last: Seconds) -> None:
        tags = {"meter": meter, "phase": "total"}
        for back in reversed(range(3 * 60)):
            at = last - back * MINUTE
            self.data.add("active_power", at, 500.0 + 100 * number + 10 * (back % 7), direction="import", **tags)
            self.data.add("active_power", at, 50.0 * (number % 2), direction="export", **tags)
        start = last - last % QUARTER - QUARTER
        for back in reversed(range(24)):
            for direction, watt_hours in (("import", 100.0 + number + back), ("export", 20.0 * (number % 2))):
                energy = {"direction": direction, "meter": meter, "quality": "measured"}
                self.data.add("energy_interval", start - back * QUARTER, watt_hours, **energy)
                self.data.add("energy_interval", start - back * QUARTER, 900.0, name="seconds", **energy)
        for back in (60, 0):
            for name, per_hour in (("damaged", number % 4), ("undecoded", number // 11)):
                at = self.now - 2 * MINUTE - back * MINUTE
                self.data.add("hanlogger", at, 7.0 + per_hour * (60 - back) / 60, name=name, meter=meter)

    @property
    def asked(self) -> Asked:
        return Asked(self.data, self.now - SPAN, self.now, METERS, HOUR)

    def ask(self, title: str) -> list[dict[str, Any]]:
        (target,) = PANELS[title]["targets"]
        return self.bucket.query(expanded(target["query"], self.asked))

    def number(self, title: str) -> float:
        (row,) = self.ask(title)
        return float(next(value for name, value in row.items() if name != "time"))

    def drawn(self, title: str) -> dict[Seconds, float]:
        (target,) = PANELS[title]["targets"]
        (values,) = answered(self.bucket, expanded(target["query"], self.asked)).values()
        return values

    def powers(self, meter: str, direction: str) -> dict[Seconds, float]:
        """A meter's mean power (W) in each hour, by its quarters of an hour."""
        hours: dict[Seconds, list[float]] = {}
        for at, watt_hours, _ in self.asked.intervals(meter, direction, "measured"):
            hours.setdefault(at - at % HOUR, []).append(4 * watt_hours)
        return {at: mean(values) for at, values in hours.items()}

    def together(self) -> dict[Seconds, float]:
        """The import less the export of all meters in each hour, in W."""
        found: dict[Seconds, float] = {}
        for meter in METERS:
            for direction, sign in (("import", 1), ("export", -1)):
                for at, watts in self.powers(meter, direction).items():
                    found[at] = found.get(at, 0.0) + sign * watts
        return found

    def is_drawn(self, title: str, wanted: dict[Seconds, float]) -> bool:
        """Whether a graph shows these values of the hours that were over an hour ago, and nothing of the last one."""
        drawn = self.drawn(title)
        over = {at: value for at, value in wanted.items() if at + HOUR <= self.now - HOUR}
        return {at: drawn[at] for at in over} == pytest.approx(over) and max(drawn) <= time.time() - HOUR


@pytest.fixture
def fleet(bucket: Bucket) -> Fleet:
    return Fleet(bucket, int(time.time()) - 5)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_who_sends_and_who_is_silent_are_all_meters_together(fleet: Fleet) -> None:
    assert fleet.number("Meters that send") == 9
    assert fleet.number("Silent meters") == 3
    rows = sorted(fleet.ask("Last telegrams, the oldest first"), key=lambda row: row["time"])
    assert [row["meter"] for row in rows[:3]] == ["flat-9", "flat-7", "flat-3"]
    assert [row["time"] // 1000 for row in rows[:3]] == [fleet.now - SILENT[row["meter"]] for row in rows[:3]]
    assert len(rows) == 12


def test_all_meters_together_are_held_to_the_buildings_fuse(fleet: Fleet) -> None:
    together = {at: watts / FULL for at, watts in fleet.together().items()}
    assert fleet.is_drawn("All meters together, of the building's fuse", together)
    assert fleet.number("Highest share of the fuse") == pytest.approx(max(together.values()))


def test_the_power_of_now_is_of_those_that_send(fleet: Fleet) -> None:
    sending = [number for number, meter in enumerate(METERS) if meter not in SILENT]
    least = sum(500 + 100 * number - 50 * (number % 2) for number in sending) / FULL
    assert least < fleet.number("Of the building's fuse") < least + 60 * len(sending) / FULL


def test_each_hour_counts_the_meters_that_were_measured(fleet: Fleet) -> None:
    measured = Counter(at for meter in METERS for at in fleet.powers(meter, "import"))
    assert fleet.is_drawn("Meters that were measured", dict(measured))
    assert len(set(measured.values())) > 1


def test_damage_and_energy_are_ranked_by_meter(fleet: Fleet) -> None:
    damaged = {row["meter"]: (row["damaged"], row["undecoded"]) for row in fleet.ask("Damaged telegrams")}
    wanted = {meter: (number % 4, number // 11) for number, meter in enumerate(METERS)}
    assert damaged == {meter: counts for meter, counts in wanted.items() if any(counts)}
    energy = {row["meter"]: row["energy"] for row in fleet.ask("Most energy")}
    assert energy == {
        meter: pytest.approx(sum(wh for _, wh, _ in fleet.asked.intervals(meter, "import")) / 1000)
        for meter in METERS
        if fleet.asked.intervals(meter, "import")
    }
    for title, field, falling in (
        ("Last telegrams, the oldest first", "Time", False),
        ("Damaged telegrams", "damaged", True),
        ("Most energy", "energy", True),
    ):
        assert PANELS[title]["transformations"][:2] == [
            {"id": "sortBy", "options": {"sort": [{"field": field, "desc": falling}]}},
            {"id": "limit", "options": {"limitField": 20}},
        ]


def test_a_query_reads_a_few_series_of_a_meter_however_many_it_has(fleet: Fleet) -> None:
    """So a limit of series costs the board nothing, and two hundred meters are few for the database."""
    lines = [
        f"active_power,direction=import,meter={meter},phase=L{phase},obis=1-0:{phase}.7.{number} value=1 {fleet.now}"
        for meter in METERS
        for phase in range(1, 4)
        for number in range(10)
    ]
    fleet.bucket.write("\n".join(lines).encode(), precision="s")
    for title, panel in PANELS.items():
        (target,) = panel["targets"]
        rows = fleet.bucket.query(f"EXPLAIN {expanded(target['query'], fleet.asked)}")
        plan = [str(row["QUERY PLAN"]) for row in rows]
        shards, series = ([int(line.rpartition(" ")[2]) for line in plan if of in line] for of in ("SHARDS", "SERIES"))
        read = sum(each / shard for each, shard in zip(series, shards, strict=True))  # a series counts in each shard
        assert 0 < read <= 4 * len(METERS), (title, plan)


def test_where_no_meter_is_the_board_says_nothing_false(bucket: Bucket) -> None:
    asked = Asked(Data(), int(time.time()) - SPAN, int(time.time()), METERS, HOUR)
    for title, panel in PANELS.items():
        for target in panel["targets"]:
            rows = bucket.query(expanded(target["query"], asked))
            assert all(set(row.values()) - {row["time"]} <= {None} for row in rows), title
