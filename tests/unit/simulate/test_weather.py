"""The house of a seed is the same house in every version, and its weather is that of Stockholm."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta

import pytest

from hanlogger.simulate.energy import Counters
from hanlogger.simulate.house import House, HouseState
from hanlogger.simulate.weather import (
    compute_sun_height,
    compute_sunshine,
    compute_temperature,
    drift,
    make_noise,
)
from hanlogger.simulate.wiring import _compute_charging

HOUR = timedelta(hours=1)
JUNE, JANUARY = datetime(2025, 6, 10, tzinfo=UTC), datetime(2025, 1, 15, tzinfo=UTC)
MONDAY = datetime(2025, 3, 3, tzinfo=UTC)

# Means of each hour of house 7: W of L1, L2, L3, var of all phases, tenths of a volt.
IN_JUNE = [
    (433.7, 417.5, 417.3, 192.0, 2312.0),
    (403.9, 396.5, 381.5, 174.6, 2311.5),
    (424.9, 419.2, 411.4, 219.2, 2308.5),
    (337.4, 323.7, 316.8, 206.3, 2308.6),
    (237.6, 331.4, 214.2, 191.7, 2312.9),
    (-9.0, 75.0, -26.9, 161.2, 2319.2),
    (-191.3, -201.8, -207.0, 146.4, 2320.3),
    (-357.6, -360.1, -372.6, 188.3, 2322.4),
    (-527.9, -538.0, -552.9, 158.9, 2329.6),
    (-878.0, -890.4, -897.8, 131.3, 2337.3),
    (-1240.2, -1241.8, -1263.2, 134.5, 2342.2),
    (-829.4, -833.6, -849.7, 111.1, 2336.6),
    (-774.0, -791.2, -799.3, 119.0, 2333.1),
    (-773.7, -778.9, -792.8, 99.3, 2326.2),
    (-680.1, -689.6, -699.3, 87.6, 2317.2),
    (-774.6, -782.9, -789.0, 95.5, 2311.5),
    (-583.7, -535.9, -603.0, 73.5, 2300.5),
    (453.3, -94.2, -222.4, 63.9, 2298.4),
    (116.4, 241.8, 94.7, 49.8, 2300.2),
    (291.2, 400.7, 279.3, 64.3, 2308.0),
    (319.0, 363.6, 298.3, 82.8, 2308.8),
    (1585.2, 1574.3, 1562.3, 114.8, 2298.2),
    (4090.0, 4086.2, 4063.9, 182.9, 2273.1),
    (4115.3, 4108.4, 4090.9, 200.6, 2270.4),
]  # fmt: skip
IN_JANUARY = [
    (4148.8, 4133.7, 4134.0, 595.5, 2268.0),
    (4158.1, 4152.8, 4138.8, 601.8, 2270.2),
    (3320.0, 3311.1, 3296.9, 648.5, 2278.1),
    (1094.1, 1079.2, 1070.5, 589.5, 2301.2),
    (1088.7, 1088.9, 1060.4, 571.2, 2301.7),
    (1178.6, 1214.2, 1148.9, 599.7, 2301.5),
    (1068.4, 1252.4, 1044.4, 540.9, 2300.9),
    (1030.6, 1028.5, 1007.6, 540.1, 2299.8),
    (981.0, 973.3, 964.5, 578.8, 2302.2),
    (728.5, 716.0, 717.5, 531.8, 2307.2),
    (658.8, 655.0, 641.8, 528.0, 2312.2),
    (732.6, 724.9, 716.2, 545.2, 2308.0),
    (731.0, 719.5, 721.6, 496.6, 2309.8),
    (863.5, 861.2, 848.7, 483.9, 2303.8),
    (987.4, 974.1, 962.6, 514.9, 2291.4),
    (908.0, 893.7, 889.5, 481.1, 2288.8),
    (1493.6, 1145.2, 894.8, 478.7, 2279.7),
    (1421.3, 1214.0, 1004.0, 509.7, 2275.2),
    (1005.0, 1106.3, 982.4, 457.3, 2278.1),
    (1408.4, 1186.6, 1019.0, 462.7, 2287.1),
    (1527.2, 1228.4, 1106.2, 544.4, 2291.5),
    (1716.8, 1758.0, 1703.0, 520.0, 2291.2),
    (4174.2, 4173.9, 4152.1, 549.6, 2268.1),
    (4190.8, 4181.2, 4171.5, 612.2, 2267.6),
]  # fmt: skip
AT_THE_END = {
    JUNE: (Counters(36990363, 2028476, 567737, 2967030, (12582331, 24408031), (1134022, 894453)), 1345916, 4997),
    JANUARY: (Counters(37070961, 2004532, 577400, 2966960, (12618877, 24452083), (1134019, 870513)), 1346010, 5002),
}  # fmt: skip

# Means of each day of a fortnight of houses 1 and 2: W of L1, L2, L3. Habits come on some days.
BY_DAY = {
    (1, 0): (1411.1, 1376.9, 1327.4),
    (1, 1): (1293.0, 1274.8, 1213.0),
    (1, 2): (976.2, 960.3, 980.3),
    (1, 3): (822.4, 832.5, 775.6),
    (1, 4): (1405.1, 1342.3, 1286.0),
    (1, 5): (1176.4, 1154.2, 1148.0),
    (1, 6): (846.8, 792.6, 808.0),
    (1, 7): (1208.9, 1164.9, 1201.7),
    (1, 8): (869.4, 847.1, 800.2),
    (1, 9): (798.7, 774.9, 769.5),
    (1, 10): (683.0, 694.9, 674.8),
    (1, 11): (906.1, 842.2, 793.5),
    (1, 12): (1181.2, 1151.5, 1146.4),
    (1, 13): (1207.6, 1211.6, 1154.3),
    (2, 0): (887.6, 865.3, 843.0),
    (2, 1): (1204.0, 1178.2, 1143.5),
    (2, 2): (1340.8, 1311.3, 1299.2),
    (2, 3): (1165.4, 1141.9, 1081.2),
    (2, 4): (1234.0, 1223.1, 1164.1),
    (2, 5): (1225.9, 1207.6, 1188.1),
    (2, 6): (932.3, 891.7, 820.8),
    (2, 7): (1339.4, 1315.9, 1293.8),
    (2, 8): (957.0, 887.5, 854.3),
    (2, 9): (608.1, 620.7, 560.1),
    (2, 10): (614.7, 589.9, 530.4),
    (2, 11): (792.0, 785.3, 778.6),
    (2, 12): (884.7, 867.4, 809.5),
    (2, 13): (1062.9, 1030.6, 1017.3),
}  # fmt: skip


@pytest.mark.parametrize(("start", "profile"), [(JUNE, IN_JUNE), (JANUARY, IN_JANUARY)])
def test_a_day_of_a_house_is_what_it_has_always_been(start: datetime, profile: list[tuple[float, ...]]) -> None:
    house = House(7, start)
    for hour, expected in enumerate(profile):
        states = [house.compute_state(start + hour * HOUR + timedelta(seconds=10 * n)) for n in range(1, 361)]
        found = [statistics.fmean(state.phases[phase].active for state in states) for phase in range(3)]
        found.append(statistics.fmean(state.reactive for state in states))
        found.append(statistics.fmean(phase.voltage for state in states for phase in state.phases))
        assert found == [pytest.approx(value, abs=0.1) for value in expected], hour
    counters, gas, frequency = AT_THE_END[start]
    found = [*states[-1].counters[:4], *states[-1].counters.import_by_tariff, *states[-1].counters.export_by_tariff]
    wanted = [*counters[:4], *counters.import_by_tariff, *counters.export_by_tariff]
    assert found == [pytest.approx(wh, abs=1) for wh in wanted]
    assert (states[-1].gas, states[-1].frequency) == (gas, frequency)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fortnight_of_a_house_is_what_it_has_always_been(seed: int) -> None:
    house = House(seed, MONDAY, timedelta(minutes=5))
    for day in range(14):
        states = [house.compute_state(MONDAY + timedelta(days=day, minutes=5 * n)) for n in range(1, 289)]
        found = [statistics.fmean(state.phases[phase].active for state in states) for phase in range(3)]
        assert found == [pytest.approx(value, abs=0.1) for value in BY_DAY[seed, day]], day


def test_noise_is_the_same_on_every_machine() -> None:
    assert make_noise(7, "gas", 0) == 0.6705010384605641
    assert make_noise(7, "gas", 1) == 0.07992079794717827
    assert make_noise(8, "gas", 0) == 0.3614858855950384
    assert make_noise(7, "a name of more than sixteen", 3) == make_noise(7, "a name of more t", 3) == 0.3407305954765559
    found = [make_noise(seed, "x", index) for seed in range(20) for index in range(200)]
    assert len(set(found)) == len(found)
    assert 0 <= min(found) < 0.01
    assert 0.99 < max(found) < 1
    assert statistics.fmean(found) == pytest.approx(0.5, abs=0.02)


def test_drift_wanders_in_a_straight_line_from_one_noise_to_the_next() -> None:
    before, after = make_noise(1, "x", 5), make_noise(1, "x", 6)
    assert drift(1, "x", 500, 100) == before
    assert drift(1, "x", 525, 100) == pytest.approx(0.75 * before + 0.25 * after)
    assert drift(1, "x", 599, 100) == pytest.approx(0.01 * before + 0.99 * after)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("time", "sine"),
    [
        ("2025-06-21T10:47:43", 0.810),  # noon in Stockholm: 90 - 59.33 + 23.44 degrees
        ("2025-12-21T10:47:43", 0.126),  # 90 - 59.33 - 23.44
        ("2025-03-20T10:47:43", 0.510),
        ("2025-09-22T10:47:43", 0.510),
        ("2025-06-20T22:47:43", -0.126),  # midnight
        ("2025-12-20T22:47:43", -0.810),
        ("2025-03-20T04:47:43", 0.0),  # sunrise
        ("2025-03-20T16:47:43", 0.0),  # sunset
    ],
)
def test_the_sun_stands_as_high_as_it_does_at_stockholm(time: str, sine: float) -> None:
    assert compute_sun_height(at(time)) == pytest.approx(sine, abs=0.02)


def test_the_sun_shines_by_day_alone_and_at_most_as_from_a_clear_sky() -> None:
    noon, night = at("2025-06-21T10:47:43"), at("2025-06-20T22:47:43")
    found = [compute_sunshine(seed, noon) for seed in range(400)]
    clear = 1098 * 0.81 * 0.932
    assert max(found) == pytest.approx(clear, rel=0.01)
    assert min(found) < 0.2 * clear
    assert {compute_sunshine(seed, night) for seed in range(20)} == {0.0}


def test_it_is_cold_in_january_warm_in_july_and_warmest_in_the_afternoon() -> None:
    def mean(time: str) -> float:
        return statistics.fmean(compute_temperature(seed, at(time)) for seed in range(400))

    january, july = mean("2025-01-20T20:00:00"), mean("2025-07-21T20:00:00")
    assert january == pytest.approx(-4, abs=0.4)
    assert july == pytest.approx(18, abs=0.4)
    hours = [mean(f"2025-04-20T{hour:02}:00:00") for hour in range(24)]
    assert hours.index(max(hours)) == 14
    assert max(hours) - min(hours) == pytest.approx(6, abs=0.3)
    one = [compute_temperature(seed, at("2025-01-20T20:00:00")) for seed in range(400)]
    assert 7 < max(one) - min(one) < 8


@pytest.mark.parametrize(
    ("busiest", "amperes"),
    [(0, 16), (690, 16), (700, 15), (13 * 230 - 1, 6), (13 * 230 + 1, 0), (5000, 0), (-3000, 16)],
)
def test_a_car_gets_what_the_fuse_leaves_between_6_and_16_amperes(busiest: float, amperes: int) -> None:
    assert _compute_charging(busiest) == 230.0 * amperes


@pytest.mark.parametrize(
    ("local", "tariff"),
    [
        ("2025-06-09T05:59:50", 1), ("2025-06-09T06:00:00", 2), ("2025-06-13T21:59:50", 2), ("2025-06-13T22:00:00", 1),
        ("2025-06-14T12:00:00", 1), ("2025-06-15T12:00:00", 1), ("2025-06-09T12:00:00", 2),
    ],
)  # fmt: skip
def test_the_high_tariff_is_by_day_on_working_days_by_the_clock_on_the_wall(local: str, tariff: int) -> None:
    time = datetime.fromisoformat(local).replace(tzinfo=UTC) - 2 * HOUR
    state: HouseState = House(1, time).compute_state(time)
    assert state.tariff == tariff
