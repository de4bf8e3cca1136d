"""Each limit of the comparisons from both sides: how much, how long, how often, and how near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hanlogger.model import Obis, Reading, Register
from hanlogger.plausibility import Doubt, ScaleWatch
from hanlogger.plausibility.electric import find_current_decade, find_voltage_decade
from hanlogger.plausibility.energy import Energy

START = datetime(2025, 1, 14, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
U1, U2, U3, I1, I2, I3 = ((code, 7) for code in (32, 52, 72, 31, 51, 71))
P, BACK, Q, C = ((code, 7) for code in (1, 2, 3, 4))


# --- voltage and current


@pytest.mark.parametrize(
    ("volts", "decade"),
    [
        (230.0, 0), (190.0, 0), (189.9, None), (260.0, 0), (260.1, None), (2300.0, -1), (23.0, 1), (23_000.0, -2),
        (2.3, 2), (230_000.0, None), (0.23, None), (0.0, None), (110.0, None),
    ],
)  # fmt: skip
def test_a_voltage_is_off_by_the_power_of_ten_that_makes_it_the_mains(volts: float, decade: int | None) -> None:
    assert find_voltage_decade({U1: volts}) == decade


def test_the_first_phase_under_voltage_is_judged() -> None:
    assert find_voltage_decade({U1: 0.0, U2: 2301.0, U3: 230.0}) == -1
    assert find_voltage_decade({U3: 2301.0}) == -1
    assert find_voltage_decade({I1: 230.0}) is None


@pytest.mark.parametrize(
    ("values", "voltage", "decade"),
    [
        ({U1: 230, I1: 10, P: 2300}, 0, 0),
        ({U1: 230, I1: 100, P: 2300}, 0, -1),
        ({U1: 230, I1: 1, P: 2300}, 0, 1),
        ({U1: 230, I1: -10, P: 2300}, 0, 0),  # Aidon's sign
        ({U1: 230, I1: 1, P: 300}, 0, 0),
        ({U1: 230, I1: 10, P: 299.9}, 0, None),
        ({U1: 230, P: 5000}, 0, None),
        ({I1: 10, P: 5000}, 0, None),
        ({U1: 230, I1: 1, P: 700}, 0, 0),  # 3.04 times: nearer to 1 than to 10
        ({U1: 230, I1: 1, P: 750}, 0, 1),  # 3.26 times
        ({U1: 23_000, I1: 1, P: 700}, -2, 0),
        ({U1: 23_000, I1: 1, P: 750}, -2, 1),
        ({U1: 2.3, I1: 1, P: 700}, 2, 0),
        ({U1: 2.3, I1: 1, P: 750}, 2, 1),
        ({U1: 100, I1: 1, U2: 100, I2: 1, U3: 100, I3: 1, P: 900}, 0, 0),
        ({U1: 100, I1: 1, U2: 100, I2: 1, U3: 100, I3: 1, P: 1000}, 0, 1),
        ({U1: 100, I1: 1, BACK: 310}, 0, 0),
        ({U1: 100, I1: 1, P: 0, Q: 320}, 0, 1),
        ({U1: 100, I1: 1, P: 0, C: 320}, 0, 1),
        ({U1: 100, I1: 1, P: 240, Q: 310 - 100, C: 0}, 0, 1),  # 319 VA
        ({U1: 100, I1: 1, P: 240, Q: 500, C: 300}, 0, 0),  # 312 VA
        ({U1: 100, I1: 1, P: 640, BACK: 330}, 0, 0),  # 310 W
        ({U1: 100, I1: 1, P: 10, (21, 7): 160, (42, 7): 160}, 0, 1),
        ({U1: 100, I1: 1, P: 10, (21, 7): 150, (42, 7): 155}, 0, 0),
        ({U1: 100, I1: 1, P: 10, (63, 7): 320}, 0, 1),
        ({U1: 100, I1: 1, P: 320, (21, 7): 100}, 0, 1),
    ],
)
def test_a_current_is_off_by_what_u_times_i_lacks_of_the_apparent_power(
    values: dict[tuple[int, int], float], voltage: int, decade: int | None
) -> None:
    assert find_current_decade(values, voltage) == decade


# --- energy


def compared(
    factors: Sequence[float], watts: float = 1200.0, apart: timedelta = MINUTE, minutes: int | None = None
) -> Energy:
    """A counter of 1 MWh and a power each minute: 10 minutes at 1/factor of what the power says, for each factor.

    The first minute is a step of the counter, at which the first comparison begins.
    """
    energy, counter = Energy(), 1_000_000.0
    for number in range(2 + 10 * len(factors) if minutes is None else minutes + 1):
        energy.feed(START + number * apart, watts, counter)
        counter += watts * (apart / timedelta(hours=1)) / factors[min(max(0, number - 1) // 10, len(factors) - 1)]
    return energy


def test_a_comparison_takes_ten_minutes_and_200_wh() -> None:
    assert compared([1.0], minutes=21).compared  # 1200 W: 200 Wh in ten minutes
    assert not compared([1.0], minutes=20).compared
    assert compared([1.0], watts=1190, minutes=23).compared  # eleven minutes
    assert not compared([1.0], watts=1190, minutes=22).compared
    assert not compared([1.0], watts=12_000, minutes=20).compared  # ten minutes, however much it is


def test_a_power_each_90_seconds_is_enough_and_a_longer_gap_begins_anew() -> None:
    assert compared([1.0], apart=timedelta(seconds=90), minutes=60).compared
    assert not compared([1.0], apart=timedelta(seconds=91), minutes=60).compared
    assert not compared([1.0], apart=-MINUTE, minutes=60).compared


def test_two_telegrams_of_one_time_are_no_gap() -> None:
    energy = Energy()
    for number in range(22):
        for _ in range(2):
            energy.feed(START + number * MINUTE, 1200, 1_000_000.0 + 20 * number)
    assert energy.compared
    assert energy.doubt is None


def test_the_power_between_two_telegrams_is_the_mean_of_both() -> None:
    energy = Energy()
    for number in range(24):
        energy.feed(START + number * MINUTE, 2400.0 * (number % 2), 1_000_000.0 + 20 * number)
    assert energy.compared
    assert energy.doubt is None


def test_a_counter_that_begins_anew_begins_the_comparison_anew() -> None:
    energy = Energy()
    for number in range(31):
        energy.feed(START + number * MINUTE, 1200, 1_000_000.0 + 20 * number if number < 9 else 20.0 * number)
    assert energy.compared  # from minute 9 on: 19 and 29
    assert energy.doubt is None
    for number in range(28):
        energy.feed(START + number * MINUTE, 1200, 900.0 - number)  # nor does one that only falls
    assert energy.doubt is None


@pytest.mark.parametrize(
    ("factors", "doubt"),
    [
        ([0.1] * 2, ("0.1", 2)),
        ([0.1], None),
        ([1.32] * 2, None),
        ([1.34] * 2, ("1.3", 2)),
        ([0.76] * 2, None),
        ([0.74] * 2, ("0.74", 2)),
        ([0.114] * 2, ("0.1", 2)),
        ([0.116] * 2, ("0.12", 2)),
        ([11.4] * 2, ("1E+1", 2)),
        ([0.087] * 2, ("0.1", 2)),
        ([0.084] * 2, ("0.084", 2)),
        ([10.0] * 4 + [10.9], ("1E+1", 5)),
        ([10.0] * 4 + [11.1], ("1E+1", 4)),
        ([10.0] * 4 + [8.9], ("1E+1", 4)),
        ([10.0] * 3 + [11.1], None),
        ([10.0] * 20, ("1E+1", 12)),
        ([10.0] * 12 + [1.0] * 12, None),
    ],
)
def test_a_factor_is_told_when_comparisons_agree_within_a_tenth_and_are_far_from_1(
    factors: list[float], doubt: tuple[str, int] | None
) -> None:
    expected = doubt and Doubt("scale.energy", Decimal(doubt[0]), doubt[1])
    assert compared(factors).doubt == expected


@pytest.mark.parametrize(
    ("before", "after", "factor"),
    [
        (1001.0, 10_010.0, "0.1"), (1000.0, 10_000.0, None), (10_010.0, 1001.0, "1E+1"), (10_000.0, 100_900.0, "0.1"),
        (10_000.0, 101_100.0, None), (10_000.0, 99_100.0, "0.1"), (10_000.0, 98_900.0, None),
        (100_000.0, 1_000.0, None), (10_000.0, 1_000_000.0, None),
    ],
)  # fmt: skip
def test_a_counter_jumps_when_it_is_within_a_hundredth_of_ten_times_or_a_tenth(
    before: float, after: float, factor: str | None
) -> None:
    energy = Energy()
    for number, counter in enumerate((before, after)):
        energy.feed(START + number * MINUTE, None, counter)
    assert energy.doubt == (factor and Doubt("scale.energy", Decimal(factor), 1))
    if factor:
        for number in range(2, 60):  # and nothing that fits later takes it back
            energy.feed(START + number * MINUTE, 1200, after + 20 * number)
        assert energy.doubt == Doubt("scale.energy", Decimal(factor), 1)


# --- what is stable


def row(code: str, value: Decimal | str, unit: str = "W") -> Register:
    return Register(Obis.parse(code), value, unit)


def fed(amperes: Iterable[float], volts: float = 230) -> ScaleWatch:
    """A load of 2300 W, the current of which is told as given."""
    watch = ScaleWatch()
    for number, current in enumerate(amperes):
        rows = (row("1-0:1.7.0", Decimal(2300)), row("1-0:32.7.0", Decimal(volts)), row("1-0:31.7.0", Decimal(current)))
        watch.feed(Reading(rows), START + number * timedelta(seconds=10))
    return watch


@pytest.mark.parametrize(
    ("amperes", "seen"),
    [
        ([100] * 19, 0),
        ([100] * 20, 20),
        ([100] * 18 + [10] * 2, 0),
        ([100] * 27 + [10] * 3, 27),
        ([100] * 26 + [10] * 4, 0),
        ([10] * 100 + [100] * 54, 54),
        ([10] * 100 + [100] * 53, 0),
        ([100] * 100, 60),
        ([100] * 30 + [1] * 30, 0),
    ],
)
def test_a_scale_is_doubted_when_nine_in_ten_of_the_last_sixty_and_twenty_at_least_say_so(
    amperes: list[float], seen: int
) -> None:
    assert fed(amperes).doubts == ((Doubt("scale.current", Decimal("0.1"), seen),) if seen else ())


def test_voltages_are_judged_by_the_last_sixty_too() -> None:
    watch = fed([10] * 100, volts=2300)
    assert watch.doubts[-1] == Doubt("scale.voltage", Decimal("0.1"), 60)


def test_current_and_voltage_are_doubted_apart_in_this_order() -> None:
    assert fed([100] * 20, volts=2300).doubts == (
        Doubt("scale.current", Decimal("0.1"), 20),
        Doubt("scale.voltage", Decimal("0.1"), 20),
    )


@pytest.mark.parametrize("group", [1, 2])
@pytest.mark.parametrize("prefix", ["1-0:", ""])
def test_both_directions_are_compared_by_the_totals_of_electricity(group: int, prefix: str) -> None:
    watch = ScaleWatch()
    for number in range(22):
        rows = [
            row(f"{prefix}{group}.7.0", Decimal(1200)),
            row(f"{prefix}{group}.8.0", Decimal(1_000_000 + 200 * number)),
            row(f"{prefix}{group}.8.1", Decimal(500_000 + 20 * number)),  # a tariff is not the total
            row(f"7-0:{group}.8.0", Decimal(500_000 + 20 * number)),  # gas
            row("0-0:96.1.0", "7359992890941742", ""),
        ]
        watch.feed(Reading(tuple(rows)), START + number * MINUTE)
        assert watch.compared == (number == 21)
    assert watch.doubts == (Doubt("scale.energy", Decimal("0.1"), 2),)
