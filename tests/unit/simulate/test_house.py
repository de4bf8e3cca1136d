from __future__ import annotations

import doctest
import math
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hanlogger.simulate.house
from hanlogger.simulate.house import House, HouseState
from hanlogger.simulate.quantities import compute_hour_energies, compute_quantities
from hanlogger.simulate.weather import compute_sun_height

JUNE, JANUARY = datetime(2025, 6, 10, tzinfo=UTC), datetime(2025, 1, 15, tzinfo=UTC)
STEP = timedelta(seconds=10)
DAY_OF_STEPS = 8640

pytestmark = pytest.mark.xdist_group("days")  # each worker would simulate them


@lru_cache(maxsize=4)
def day(start: datetime) -> tuple[HouseState, ...]:
    """Every step of a day of house 7."""
    house = House(7, start)
    return tuple(house.compute_state(start + number * STEP) for number in range(DAY_OF_STEPS + 1))


@pytest.fixture(params=[JUNE, JANUARY], ids=["June", "January"])
def states(request: pytest.FixtureRequest) -> tuple[HouseState, ...]:
    return day(request.param)


# --- energy is power times time


def test_the_counters_are_the_sum_of_power_times_time_to_the_watt_hour(states: tuple[HouseState, ...]) -> None:
    first = states[0].counters
    begin = (first.active_import, first.active_export, first.reactive_import, first.reactive_export)
    watt_seconds = [0, 0, 0, 0]
    for state in states[1:]:
        for place, power in enumerate((state.active, -state.active, state.reactive, -state.reactive)):
            watt_seconds[place] += max(0, power) * 10
        assert state.counters[:4] == tuple(
            started + counted // 3600 for started, counted in zip(begin, watt_seconds, strict=True)
        )


def test_tariffs_share_the_energy_and_lose_none(states: tuple[HouseState, ...]) -> None:
    for state in states[:: DAY_OF_STEPS // 24]:
        counters = state.counters
        assert counters.active_import - sum(counters.import_by_tariff) in (0, 1)
        assert counters.active_export - sum(counters.export_by_tariff) in (0, 1)
    assert all(
        states[-1].counters.import_by_tariff[tariff] > states[0].counters.import_by_tariff[tariff] for tariff in (0, 1)
    )


def test_the_total_is_the_net_of_the_phases_also_when_they_disagree() -> None:
    for state in day(JUNE):
        assert state.active == sum(phase.active for phase in state.phases)
    torn = [state for state in day(JUNE) if min(state.phases).active < 0 < max(state.phases).active]
    assert torn
    values = compute_quantities(torn[0])
    assert 0 in (values["1.7.0"], values["2.7.0"])
    taken = sum(values[f"{c}.7.0"] for c in (21, 41, 61))
    given = sum(values[f"{c}.7.0"] for c in (22, 42, 62))
    assert values["1.7.0"] - values["2.7.0"] == taken - given


def test_what_the_hour_began_with_is_kept_for_the_hourly_lists(states: tuple[HouseState, ...]) -> None:
    for state in states[::77]:
        hour = state.time.replace(minute=0, second=0)
        at_the_hour = states[(hour - states[0].time) // STEP]
        assert state.hour_counters == at_the_hour.counters
        assert state.hour_phases == at_the_hour.phases
        assert compute_hour_energies(state) == {
            code: compute_quantities(at_the_hour)[code] for code in compute_hour_energies(state)
        }


# --- one house, one answer


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3_600_000), min_size=1, max_size=6))
def test_the_answer_does_not_depend_on_what_was_asked_before(milliseconds: list[int]) -> None:
    asked = House(3, JUNE)
    for number in milliseconds:
        time = JUNE + timedelta(milliseconds=number)
        assert asked.compute_state(time) == House(3, JUNE).compute_state(time)


def test_energy_within_a_step_is_exact_too() -> None:
    house = House(3, JANUARY)
    begin, watt_seconds = house.compute_state(JANUARY).counters.active_import, 0
    for number in range(0, 3000, 10):
        middle, end = (house.compute_state(JANUARY + timedelta(seconds=number + second)) for second in (7, 10))
        assert middle.phases == end.phases
        assert middle.counters.active_import == begin + (watt_seconds + 7 * middle.active) // 3600
        watt_seconds += 10 * end.active


@pytest.mark.parametrize("step", [1, 2, 2.5, 15])
def test_other_steps_are_exact_too(step: float) -> None:
    width = timedelta(seconds=step)
    house = House(5, JANUARY, width)
    begin = house.compute_state(JANUARY)
    end, watt_milliseconds = begin, 0
    for number in range(1, 400):
        end = house.compute_state(JANUARY + number * width)
        watt_milliseconds += max(0, end.active) * int(step * 1000)
    assert end.counters.active_import - begin.counters.active_import == watt_milliseconds // 3_600_000


def test_another_seed_is_another_house() -> None:
    first, second = (House(seed, JUNE).compute_state(JUNE + timedelta(hours=1)) for seed in (1, 2))
    assert first.counters != second.counters
    assert first.phases != second.phases


def test_nothing_is_known_from_before_the_start_and_a_step_must_fit() -> None:
    with pytest.raises(ValueError, match="begins later"):
        House(1, JUNE).compute_state(JUNE - STEP)
    with pytest.raises(ValueError, match="does not divide five minutes"):
        House(1, JUNE, timedelta(seconds=7))


def test_the_example_in_the_documentation_is_true() -> None:
    found = doctest.testmod(hanlogger.simulate.house)
    assert found.attempted and not found.failed


# --- believable


def test_current_voltage_and_power_fit_on_every_phase(states: tuple[HouseState, ...]) -> None:
    for state in states[::7]:
        for phase in state.phases:
            apparent = phase.voltage / 10 * phase.current / 1000
            assert apparent == pytest.approx(math.hypot(phase.active, phase.reactive), abs=0.2)


def test_voltage_keeps_its_limits_sags_with_load_and_rises_with_export(states: tuple[HouseState, ...]) -> None:
    phases = [phase for state in states for phase in state.phases]
    assert all(2070 <= phase.voltage <= 2530 for phase in phases)
    heavy = [phase.voltage for phase in phases if phase.active > 3000]
    light = [phase.voltage for phase in phases if abs(phase.active) < 300]
    assert sum(heavy) / len(heavy) < sum(light) / len(light) - 15
    if giving := [phase.voltage for phase in phases if phase.active < -1000]:
        assert sum(giving) / len(giving) > sum(light) / len(light) + 15


def test_the_main_fuse_of_20_amperes_holds(states: tuple[HouseState, ...]) -> None:
    assert max(phase.current for state in states for phase in state.phases) < 20_500 * 1.1


def test_the_sun_shines_by_day_and_more_in_june() -> None:
    june, january = day(JUNE), day(JANUARY)
    assert all(state.active > 0 for state in june if compute_sun_height(int(state.time.timestamp())) < 0)
    sold = [states[-1].counters.active_export - states[0].counters.active_export for states in (june, january)]
    bought = [states[-1].counters.active_import - states[0].counters.active_import for states in (june, january)]
    assert sold[0] > 10_000 > 1_000 > sold[1]
    assert bought[1] > bought[0]


def test_the_refrigerator_the_kettle_and_the_car_can_be_seen() -> None:
    powers = [state.active for state in day(JANUARY)]
    jumps = sorted(abs(later - earlier) for earlier, later in pairwise(powers))
    assert sum(jump > 70 for jump in jumps) > 50
    assert jumps[-1] > 1500
    nights = [state.active for state in day(JANUARY) if state.time.hour in (23, 0, 1)]
    assert max(nights) > 9000


def test_reactive_power_flows_both_ways() -> None:
    counters = [states[-1].counters for states in (day(JUNE), day(JANUARY))]
    begin = [states[0].counters for states in (day(JUNE), day(JANUARY))]
    for now, then in zip(counters, begin, strict=True):
        assert now.reactive_import > then.reactive_import
        assert now.reactive_export > then.reactive_export


def test_the_gas_meter_is_asked_each_five_minutes_and_only_counts_up(states: tuple[HouseState, ...]) -> None:
    for before, after in pairwise(states):
        assert after.gas >= before.gas
        assert after.gas == before.gas or (after.time.minute % 5 == 0 and after.time.second == 0)
    assert states[-1].gas > states[0].gas
