"""Every alert rule's query on a real InfluxDB: the number it compares, and whom it speaks of in calm and trouble."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hanlogger.boards.rule import Rule
from hanlogger.boards.rules import make_rules
from hanlogger.boards.settings import Limits, RuleSettings
from tests.support.alarm_data import FIRING, LOGGERS, METERS, POWER, faulty, healthy, settings, silent_since
from tests.support.house_data import DAY, HOUR, MINUTE, PHASES, Series, buckets, mean, percentile
from tests.support.ruling import Houses, ask
from tests.support.servers import Bucket, Influxdb

pytestmark = pytest.mark.xdist_group("houses")

SETTINGS = settings()
RULES = {rule.uid: rule for rule in make_rules(SETTINGS)}


@pytest.fixture(scope="module")
def calm(influxdb: Influxdb) -> Houses:
    now = int(time.time())
    return Houses(influxdb.new_bucket(), now, healthy(now))


@pytest.fixture(scope="module")
def troubled(influxdb: Influxdb) -> Houses:
    now = int(time.time())
    return Houses(influxdb.new_bucket(), now, healthy(now), faulty(now))


def test_each_rule_has_its_fault() -> None:
    assert RULES.keys() == FIRING.keys()


@pytest.mark.parametrize("uid", sorted(FIRING))
def test_in_calm_no_rule_speaks_and_each_has_an_answer(calm: Houses, uid: str) -> None:
    assert calm.found(RULES[uid])
    assert calm.speaking(RULES[uid]) == set()


@pytest.mark.parametrize("uid", sorted(FIRING.keys() - {"han-meter-silent"}))
def test_with_all_faults_each_rule_speaks_of_its_own_alone(troubled: Houses, uid: str) -> None:
    assert troubled.speaking(RULES[uid]) == FIRING[uid]


def test_a_silent_meter_is_noticed_and_no_other(bucket: Bucket) -> None:
    now = int(time.time())
    houses = Houses(bucket, now, healthy(now))
    start, stop = silent_since(now)
    where = {"start": start, "stop": stop, "predicate": '_measurement="active_power" AND meter="quiet"'}
    path = f"/api/v2/delete?org=home&bucket={bucket.name}"
    bucket.server.call("POST", path, json_body=where, expect=204)
    assert houses.speaking(RULES["han-meter-silent"]) == {"quiet"}


@pytest.mark.parametrize("uid", sorted(FIRING))
def test_an_empty_database_is_an_empty_answer_and_no_error(bucket: Bucket, uid: str) -> None:
    assert ask(bucket, RULES[uid], int(time.time())) == {}


# --- the numbers, each reckoned from the points alone


def _power(h: Houses, rule: Rule, meter: str) -> Series:
    return h.of(rule, "active_power", meter=meter, direction="import")


def _minute_means(points: Series) -> list[float]:
    return [mean(values) for _, values in sorted(buckets(points, MINUTE).items())]


def _power_high(h: Houses, rule: Rule) -> dict[str, list[float]]:
    return {m: [mean(_minute_means(_power(h, rule, m)))] for m in METERS}


def _phase_current(h: Houses, rule: Rule) -> dict[str, list[float]]:
    return {f"{m} {p}": [mean(_minute_means(h.of(rule, "current", meter=m, phase=p)))] for m in METERS for p in PHASES}


def _hour_energy(h: Houses, rule: Rule) -> dict[str, list[float]]:
    """What was used in this hour's minutes, and the rest of the sixty at the newest one's power."""

    def at_its_end(meter: str) -> float:
        minutes = _minute_means([row for row in _power(h, rule, meter) if row[0] >= h.now // HOUR * HOUR])
        return (sum(minutes) / 60 + (60 - len(minutes)) * minutes[-1] / 60) / 1000

    return {m: [at_its_end(m)] for m in METERS}


def _day_energy(h: Houses, rule: Rule) -> dict[str, list[float]]:
    civil = datetime.fromtimestamp(h.now, ZoneInfo(SETTINGS.zone))
    midnight = int(civil.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())

    def used(meter: str) -> float:
        quarters = h.of(rule, "energy_interval", meter=meter, direction="import", quality="measured")
        return sum(wh for at, wh in quarters if at >= midnight) / 1000

    return {m: [used(m)] for m in METERS}


def _silent(h: Houses, rule: Rule) -> dict[str, list[Any]]:
    """To half a minute, at which the database's own clock says that now is."""
    return {m: [pytest.approx(h.now - _power(h, rule, m)[-1][0], abs=31)] for m in METERS}


def _voltage(h: Houses, rule: Rule) -> dict[str, list[float]]:
    found = {
        f"{m} {p}": [v for _, v in h.of(rule, "voltage", meter=m, phase=p) if v > 100] for m in METERS for p in PHASES
    }
    return {labels: [mean(values)] for labels, values in found.items()}


def _phase_lost(h: Houses, rule: Rule) -> dict[str, list[float]]:
    found = {f"{m} {p}": [v for _, v in h.of(rule, "voltage", meter=m, phase=p)] for m in METERS for p in PHASES}
    return {labels: [max(values) - values[-1]] for labels, values in found.items()}


def _base_load(h: Houses, rule: Rule) -> dict[str, list[float]]:
    """Blocks of three days that end at the server's own now, a moment later than ours."""

    def blocks(meter: str) -> list[float]:
        tens = {at: mean(values) for at, values in buckets(_power(h, rule, meter), 10 * MINUTE).items()}
        by_block = buckets(tens.items(), 3 * DAY, int(time.time()) % (3 * DAY))
        return [percentile(values, 20) for _, values in sorted(by_block.items()) if len(values) >= 100]

    found = {m: blocks(m) for m in METERS}
    return {m: [values[-1], statistics.median(values)] for m, values in found.items()}


def _counter_back(h: Houses, rule: Rule) -> dict[str, list[float]]:
    found = {}
    for m in METERS:
        for direction, code in (("import", "1-0:1.8.0"), ("export", "1-0:2.8.0")):
            counter = [v for _, v in h.of(rule, "active_energy", meter=m, direction=direction)]
            steps = [after - before for before, after in pairwise(counter)]
            found[f"{m} {direction} {code}"] = [min(steps)]
    return found


def _clock(h: Houses, rule: Rule) -> dict[str, list[float]]:
    return {m: [statistics.median(v for _, v in h.of(rule, "clock_offset", meter=m))] for m in METERS}


def _spread(h: Houses, rule: Rule, name: str, **tags: str) -> float:
    values = [v for _, v in h.of(rule, "hanlogger", name=name, **tags)]
    return max(values) - min(values)


def _damaged(h: Houses, rule: Rule) -> dict[str, list[float]]:
    return {m: [_spread(h, rule, "damaged", meter=m) / _spread(h, rule, "frames", meter=m)] for m in METERS}


def _grown(h: Houses, rule: Rule, name: str) -> dict[str, list[float]]:
    found = {logger: h.of(rule, "hanlogger", name=name, logger=logger) for logger in LOGGERS}
    return {logger: [points[-1][1] - points[0][1]] for logger, points in found.items()}


def _backlog(h: Houses, rule: Rule) -> dict[str, list[float]]:
    """Seconds of age for each minute that has passed."""
    found = {}
    for logger in LOGGERS:
        ages = h.of(rule, "hanlogger", name="undelivered_age", logger=logger)
        found[logger] = [mean([(b - a) / (u - t) * MINUTE for (t, a), (u, b) in pairwise(ages)])]
    return found


def _month_energy(h: Houses, rule: Rule) -> dict[str, list[float]]:
    return {m: [h.of(rule, "hanlogger", name="month", meter=m)[-1][1] / 1000] for m in METERS}


def _building_power(h: Houses, rule: Rule) -> dict[str, list[float]]:
    """All meters at once, in kW; they deliver nothing."""
    return {"": [sum(mean([watts for _, watts in _power(h, rule, m)]) for m in METERS) / 1000]}


def _hour_fee(h: Houses, rule: Rule) -> dict[str, list[float]]:
    """What the running hour adds to the fee, as it was told last."""
    return {m: [h.of(rule, "running_hour", name="extra", meter=m, line="Power")[-1][1]] for m in METERS}


RECKONED: dict[str, Callable[[Houses, Rule], dict[str, Any]]] = {
    "han-power-high": _power_high,
    "han-phase-current": _phase_current,
    "han-hour-energy": _hour_energy,
    "han-day-energy": _day_energy,
    "han-month-energy": _month_energy,
    "han-meter-silent": _silent,
    "han-voltage": _voltage,
    "han-phase-lost": _phase_lost,
    "han-base-load": _base_load,
    "han-counter-back": _counter_back,
    "han-clock": _clock,
    "han-damaged": _damaged,
    "han-refused": lambda h, rule: _grown(h, rule, "refused"),
    "han-backlog": _backlog,
    "han-hour-fee": _hour_fee,
    "han-building-power": _building_power,
}


@pytest.mark.parametrize("uid", sorted(FIRING))
@pytest.mark.parametrize("state", ["calm", "troubled"])
def test_a_rule_compares_the_number_that_python_reckons(request: pytest.FixtureRequest, state: str, uid: str) -> None:
    houses: Houses = request.getfixturevalue(state)
    found, reckoned = houses.found(RULES[uid]), RECKONED[uid](houses, RULES[uid])
    assert found.keys() == reckoned.keys()
    for labels, numbers in found.items():
        wanted = reckoned[labels]
        assert numbers == (wanted if uid == "han-meter-silent" else pytest.approx(wanted, rel=1e-9)), labels


# --- what must not raise an alarm


def test_a_steady_load_is_seen_as_the_same_hour_all_along(calm: Houses) -> None:
    found = calm.found(RULES["han-hour-energy"])
    assert found == {meter: [pytest.approx(POWER / 1000)] for meter in METERS}


def test_after_a_gap_of_five_hours_no_rule_speaks(bucket: Bucket) -> None:
    now = int(time.time())
    story = healthy(now)
    for values in story.points.values():
        for at in [at for at in values if now - 6 * HOUR <= at < now - HOUR]:
            del values[at]
    houses = Houses(bucket, now, story)
    assert not [uid for uid, rule in RULES.items() if houses.speaking(rule)]


def test_refused_points_that_were_sent_again_are_no_alarm(bucket: Bucket) -> None:
    now = int(time.time())
    story = healthy(now)
    story.put(story.minutes(now - 10 * MINUTE), 0.0, "hanlogger", name="refused", logger="attic")
    assert Houses(bucket, now, story).speaking(RULES["han-refused"]) == set()


def test_a_car_that_charges_one_night_does_not_grow_the_base_load(bucket: Bucket) -> None:
    now = int(time.time())
    story = healthy(now)
    night = [at for at in story.minutes(now - 10 * HOUR) if at < now - 4 * HOUR]
    story.put(night, 11_000.0, "active_power", meter="home", direction="import", phase="total")
    assert Houses(bucket, now, story).speaking(RULES["han-base-load"]) == set()


def test_panels_that_take_the_import_to_nothing_by_day_do_not_change_the_base_load(bucket: Bucket) -> None:
    now = int(time.time())
    story = healthy(now)
    key = next(k for k in story.points if k[0] == "active_power" and "meter=home" in k)
    sunny = {at: 0.0 for at in story.points[key] if at % DAY // HOUR in range(6, 15) and at < now - 4 * DAY}
    story.points[key].update(sunny)
    found = Houses(bucket, now, story).found(RULES["han-base-load"])
    assert found["home"] == [POWER, POWER]


def test_a_meter_with_limits_of_its_own_has_rules_of_its_own(troubled: Houses) -> None:
    own = replace(SETTINGS, meters={"calm": Limits(fuse=2, power=500)})
    by_uid = {rule.uid: rule for rule in make_rules(own)}
    assert troubled.speaking(by_uid["han-phase-current-calm"]) == {f"calm {phase}" for phase in PHASES}
    assert troubled.speaking(by_uid["han-power-high-calm"]) == {"calm"}
    assert set(troubled.found(by_uid["han-power-high"])) == {"home", "quiet"}


def test_settings_of_a_rule_are_those_of_the_user() -> None:
    (rule,) = [r for r in make_rules(RuleSettings(limits=Limits(net="3x230", fuse=25))) if r.uid == "han-power-high"]
    assert rule.condition == ("gt", (round(0.9 * 398.4 * 25),))
